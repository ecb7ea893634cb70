import type { App } from "../app.js";
import { h } from "../dom.js";
import type { Version } from "../protocol.js";
import { compilerOf } from "./compile.js";
import { decode, type Chunk, type Prototype } from "./decode.js";
import { constantText, meaningOf, operandsText } from "./describe.js";
import "./panel.css";

/** Rows that are drawn at once; more come when they are asked for. */
const PAGE = 500;
/** Milliseconds without a change after which the chunk is made anew. */
const PAUSE = 300;

function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? "" : "s"}`;
}

function titleOf({ firstLine, lastLine, isVararg, parameters, registers, instructions }: Prototype): string {
  const name = firstLine === 0 ? "Main chunk" : firstLine === lastLine ? `Function of line ${firstLine}` : `Function of lines ${firstLine} to ${lastLine}`;
  return `${name}: ${count(instructions.length, "instruction")}, ${count(parameters, "parameter")}${isVararg ? " and more" : ""}, ${count(registers, "register")}`;
}

/** What string.dump makes of the file that is seen, instruction by instruction beside its lines. */
export class Bytecode {
  readonly element: HTMLElement;
  readonly #app: App;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #drawn = "";

  constructor(app: App, element: HTMLElement) {
    this.#app = app;
    this.element = element;
    element.className = "bytecode";
    const later = (): void => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#draw(), PAUSE);
    };
    app.files.on("change", later);
    app.onOpen(later);
    document.addEventListener("selectionchange", () => void this.#mark());
  }

  get #isSeen(): boolean {
    return this.element.checkVisibility();
  }

  /** The panel has come to be seen: draws the chunk anew where it is another than before. */
  shown(): void {
    void this.#draw();
  }

  async #draw(): Promise<void> {
    if (!this.#isSeen) return;
    const { file, version } = this.#app;
    const source = this.#app.files.get(file) ?? "";
    const key = `${version} ${file}\n${source}`;
    if (key === this.#drawn) return;
    this.#drawn = key;
    let parts: HTMLElement[];
    try {
      const compile = await compilerOf(version);
      // As for a file, whose first line is left out when it begins so.
      const [bytes, message] = compile(source.replace(/^#[^\n]*/, ""), `@${file}`);
      parts = bytes ? this.#parts(decode(bytes), bytes.length, source) : [h("p", { class: "faint" }, new TextDecoder().decode(message))];
    } catch (error) {
      this.#drawn = "";
      parts = [h("p", { class: "faint" }, error instanceof Error ? error.message : String(error))];
    }
    // Another text may have come meanwhile.
    if (this.#drawn === key || this.#drawn === "") this.element.replaceChildren(...parts);
    await this.#mark();
  }

  #parts({ version, main }: Chunk, size: number, source: string): HTMLElement[] {
    const lines = source.split("\n");
    const functions: Prototype[] = [];
    const add = (prototype: Prototype): void => {
      functions.push(prototype);
      prototype.prototypes.forEach(add);
    };
    add(main);
    const head = h("p", { class: "faint" }, `string.dump of Lua ${version}: ${count(size, "byte")}, ${count(functions.length, "function")}`);
    return [head, ...functions.map((prototype, index) => this.#function(version, prototype, lines, index < 20))];
  }

  #function(version: Version, prototype: Prototype, lines: string[], isOpen: boolean): HTMLElement {
    const details = h("details", { open: isOpen }, h("summary", {}, titleOf(prototype)));
    const fill = (): void => {
      if (details.open && details.childElementCount === 1) details.append(this.#code(version, prototype, lines), ...this.#lists(prototype));
    };
    details.addEventListener("toggle", fill);
    fill();
    return details;
  }

  #code(version: Version, prototype: Prototype, lines: string[]): HTMLElement {
    const body = h("tbody", {});
    const head = h("thead", {}, h("tr", {}, ...["", "Operation", "Operands", "Meaning"].map((text) => h("th", { scope: "col" }, text || h("span", { "aria-label": "Number" }, "#")))));
    const table = h("table", { "aria-label": titleOf(prototype) }, head, body);
    let next = 0;
    let line = -1;
    const more = (): void => {
      const end = Math.min(next + PAGE, prototype.instructions.length);
      for (; next < end; next++) {
        const instruction = prototype.instructions[next]!;
        if (instruction.line !== line) {
          line = instruction.line;
          body.append(this.#line(line, lines));
        }
        const cells = [String(instruction.pc), instruction.opcode.name, operandsText(instruction), meaningOf(version, prototype, instruction)];
        body.append(h("tr", { "data-line": String(line) }, ...cells.map((text) => h("td", {}, text))));
      }
      const left = prototype.instructions.length - next;
      const button = h("button", { type: "button", onclick: () => (row.remove(), more()) }, `${left} more`);
      const row = h("tr", {}, h("td", { colSpan: 4 }, button));
      if (left > 0) body.append(row);
    };
    more();
    return table;
  }

  #line(line: number, lines: string[]): HTMLElement {
    const text = lines[line - 1]?.trim() ?? "";
    const file = this.#app.file;
    const go = h("button", { type: "button", class: "place", onclick: () => this.#app.open(file, line) }, String(line));
    return h("tr", { class: "source", "data-line": String(line) }, h("th", { colSpan: 4, scope: "rowgroup" }, go, " ", h("code", {}, text)));
  }

  #lists({ constants, upvalues, locals }: Prototype): HTMLElement[] {
    const list = (title: string, items: string[]): HTMLElement[] =>
      items.length === 0 ? [] : [h("details", { class: "list" }, h("summary", {}, `${count(items.length, title)}`), h("ol", { start: 0 }, ...items.slice(0, PAGE).map((item) => h("li", {}, item))))];
    return [
      ...list("constant", constants.map(constantText)),
      ...list("upvalue", upvalues.map(({ name, isRegister, index }) => `${name ?? "?"}: ${isRegister ? "register" : "upvalue"} ${index} of the function around it`)),
      ...list("local variable", locals.map(({ name, start, end }) => `${name}: from ${start} to ${end - 1}`)),
    ];
  }

  /** Marks what belongs to the line of the cursor. */
  async #mark(): Promise<void> {
    if (!this.#isSeen) return;
    const { state } = (await this.#app.editor).view;
    const line = String(state.doc.lineAt(state.selection.main.head).number);
    for (const row of this.element.querySelectorAll<HTMLElement>("tr[data-line]")) row.classList.toggle("here", row.dataset.line === line);
  }
}
