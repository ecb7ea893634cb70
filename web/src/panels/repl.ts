import { h } from "../dom.js";

/** What the line for statements needs. */
export interface ReplOptions {
  /** Why source is none yet; `undefined` when it can run. */
  check(source: string): Promise<string | undefined>;
  complete(typed: string): Promise<{ stem: string; names: string[] }>;
  run(source: string): void;
}

/** A line (or several) for statements and expressions, with what was typed before. */
export function repl({ check, complete, run }: ReplOptions): HTMLElement {
  const history: string[] = [];
  let at = 0;
  let draft = "";
  const names = h("div", { class: "names", role: "status" });
  const input = h("textarea", { rows: 1, spellcheck: false, autocapitalize: "off", "aria-label": "Lua statement or expression", placeholder: "statement or expression" });

  const fit = (): void => {
    input.rows = Math.min(input.value.split("\n").length, 8);
  };
  const put = (text: string): void => {
    input.value = text;
    input.setSelectionRange(text.length, text.length);
    fit();
  };

  async function submit(): Promise<void> {
    const source = input.value;
    if (!source.trim()) return;
    // A statement that goes on gets another line, as in the command.
    const trouble = await check(source.trim()).catch(() => undefined);
    if (trouble?.endsWith("<eof>")) {
      input.setRangeText("\n", input.selectionStart, input.selectionEnd, "end");
      fit();
      return;
    }
    if (history.at(-1) !== source) history.push(source);
    at = history.length;
    put("");
    run(source.trim());
  }

  async function finishName(): Promise<void> {
    const typed = input.value.slice(0, input.selectionStart);
    const { stem, names: found } = await complete(typed).catch(() => ({ stem: "", names: [] }));
    if (found.length === 0) return;
    // As far as all of them agree.
    let common = found[0]!;
    for (const name of found) while (!name.startsWith(common)) common = common.slice(0, -1);
    if (common.length > stem.length) input.setRangeText(common.slice(stem.length), input.selectionStart, input.selectionEnd, "end");
    names.textContent = found.length > 1 ? found.slice(0, 40).join("  ") : "";
  }

  input.addEventListener("input", () => {
    names.textContent = "";
    fit();
  });
  input.addEventListener("keydown", (event) => {
    const isFirst = !input.value.slice(0, input.selectionStart).includes("\n");
    const isLast = !input.value.slice(input.selectionEnd).includes("\n");
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      void submit();
    } else if (event.key === "ArrowUp" && isFirst && at > 0) {
      event.preventDefault();
      if (at === history.length) draft = input.value;
      put(history[--at]!);
    } else if (event.key === "ArrowDown" && isLast && at < history.length) {
      event.preventDefault();
      at++;
      put(history[at] ?? draft);
    } else if (event.key === "Tab" && !event.shiftKey && /[\w.:]$/.test(input.value.slice(0, input.selectionStart))) {
      // Where there is nothing to complete, Tab leaves, as everywhere.
      event.preventDefault();
      void finishName();
    }
  });
  return h("div", { class: "repl" }, names, h("div", { class: "line" }, h("span", { class: "mark", "aria-hidden": "true" }, "›"), input));
}
