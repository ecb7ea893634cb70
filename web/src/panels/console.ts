import { h } from "../dom.js";
import type { Failure, Shown } from "../protocol.js";
import { linesOf } from "../lines.js";
import type { Session } from "../session.js";
import { linked, type OpenPlace } from "./places.js";
import { type LoadParts, valueRow } from "./tree.js";

/** Characters and lines that are kept on the page. */
const KEPT = 250_000;
const LINES = 5000;
/** Characters of one block. Blocks out of sight are not laid out. */
const BLOCK = 1500;
/** Characters that a line may go on for beyond a block, before it is cut. */
const LINE = 8000;

/** What a script prints, its errors, its questions, and the results of statements. */
export class Console {
  readonly element = h("div", { class: "console", role: "log", "aria-label": "Output", tabIndex: 0 });
  readonly #session: Session;
  readonly #open: OpenPlace;
  readonly #asks = new Map<string, HTMLElement>();
  #length = 0;
  #lines = 0;
  #dropped = 0;
  #note: HTMLElement | undefined;
  #isAtEnd = true;

  /** @param open shows a place of the project's files, if it is one of them */
  constructor(session: Session, open: OpenPlace) {
    this.#session = session;
    this.#open = open;
    this.element.addEventListener("scroll", () => {
      const { scrollTop, scrollHeight, clientHeight } = this.element;
      this.#isAtEnd = scrollHeight - scrollTop - clientHeight < 30;
    });
    session.on("output", ({ pieces, dropped }) => {
      for (const [text, isError] of pieces) this.#write(text, isError);
      this.#leaveOut(dropped);
      this.#follow();
      requestAnimationFrame(() => void session.taken());
    });
    session.on("input", ({ job }) => {
      const answer = (text: string | null): void => void session.feed(job, text === null ? null : `${text}\n`);
      this.#ask(`input ${job}`, { label: "Input for the script", action: "Send", end: "End of input", answer });
    });
    session.on("call", ({ call, name, values }) => {
      if (name === "prompt") {
        const label = String(values[0] ?? "").slice(0, 2000) || "Answer for the script";
        const answer = (value: string | null): void => void session.answer(call, { value });
        this.#ask(`call ${call}`, { label, action: "Answer", end: "Dismiss", answer });
      }
    });
    session.on("uncall", (call) => this.#unask(`call ${call}`));
    session.on("cleared", () => this.#unaskAll());
    session.on("phase", (phase) => phase !== "waiting" && phase !== "running" && this.#unaskAll());
  }

  /** Empties it. */
  clear(): void {
    this.element.replaceChildren();
    this.#length = this.#lines = this.#dropped = 0;
    this.#note = undefined;
    this.#asks.clear();
    this.#isAtEnd = true;
  }

  /** Adds to the text of a stream. A block ends with a line. */
  #write(text: string, isError: boolean): void {
    let rest = text;
    while (rest) {
      const last = this.element.lastElementChild;
      const kind = isError ? "err" : "out";
      const room = last?.classList.contains(kind) ? BLOCK - (last.textContent?.length ?? 0) : 0;
      // A block goes on to the end of its line, unless that is far.
      const isWithinLine = room > -LINE && last?.classList.contains(kind) && !last.textContent?.endsWith("\n");
      if (room > 0 || isWithinLine) {
        const line = rest.indexOf("\n", Math.max(room, 0)) + 1 || rest.length;
        const end = rest.length <= room ? rest.length : Math.min(line, Math.max(room, 0) + LINE);
        (last as HTMLElement).append(rest.slice(0, end));
        this.#length += end;
        rest = rest.slice(end);
      } else {
        this.element.append(h("div", { class: kind }));
      }
    }
    this.#lines += linesOf(text);
    while ((this.#length > KEPT || this.#lines > LINES) && this.element.childElementCount > 2) {
      const first = this.#note ? this.#note.nextElementSibling! : this.element.firstElementChild!;
      const left = first.textContent ?? "";
      first.remove();
      this.#length -= left.length;
      this.#lines -= linesOf(left);
      this.#leaveOut(left.length);
    }
  }

  #leaveOut(characters: number): void {
    if (characters === 0) return;
    this.#dropped += characters;
    if (!this.#note) {
      this.#note = h("div", { class: "note" });
      this.element.prepend(this.#note);
    }
    this.#note.textContent = `${this.#dropped.toLocaleString("en")} characters before this are left out`;
  }

  #add(element: HTMLElement): void {
    this.element.append(element);
    const text = element.textContent ?? "";
    this.#length += text.length;
    this.#lines += linesOf(text);
    this.#follow();
  }

  #follow(): void {
    if (this.#isAtEnd) this.element.scrollTop = this.element.scrollHeight;
  }

  /** Says something of the page's own. */
  note(text: string): void {
    this.#add(h("div", { class: "note" }, text));
  }

  /** Shows a statement that was typed. */
  echo(source: string): void {
    this.#isAtEnd = true;
    this.#add(h("div", { class: "echo" }, h("span", { class: "mark", "aria-hidden": "true" }, "› "), source));
  }

  /** Shows results. */
  results(values: Shown[]): void {
    const load: LoadParts = (id, from) => this.#session.ask("children", { id, from });
    if (values.length > 0) this.#add(h("div", { class: "results" }, ...values.map((value) => valueRow(value, load))));
  }

  /** Shows how something failed. */
  failure({ message, traceback, kind }: Failure): void {
    const block = h("div", { class: `failure ${kind}` }, h("div", { class: "message" }, ...linked(message, this.#open)));
    if (traceback) block.append(h("div", { class: "traceback" }, ...linked(traceback, this.#open)));
    this.#add(block);
  }

  #unask(key: string): void {
    this.#asks.get(key)?.remove();
    this.#asks.delete(key);
  }

  #unaskAll(): void {
    for (const key of [...this.#asks.keys()]) this.#unask(key);
  }

  /** Asks the user for a line. */
  #ask(key: string, { label, action, end, answer }: { label: string; action: string; end: string; answer(text: string | null): void }): void {
    const input = h("input", { type: "text", autocomplete: "off", spellcheck: false });
    const done = (text: string | null): void => {
      this.#unask(key);
      if (text !== null) this.#add(h("div", { class: "given" }, `${text}\n`));
      answer(text);
    };
    const form = h(
      "form",
      {
        class: "ask",
        onsubmit: (event: Event) => {
          event.preventDefault();
          done(input.value);
        },
      },
      h("label", {}, h("span", {}, label), input),
      h("button", { type: "submit" }, action),
      h("button", { type: "button", onclick: () => done(null) }, end),
    );
    this.#asks.set(key, form);
    this.#isAtEnd = true;
    this.element.append(form);
    this.#follow();
    input.focus();
  }
}
