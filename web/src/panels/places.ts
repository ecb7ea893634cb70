import { h } from "../dom.js";

/** Shows a line of a file; `has` says whether there is such a file. */
export interface OpenPlace {
  has(file: string): boolean;
  (file: string, line: number): void;
}

/** A text in which each place of the project's files, as `main.lua:3`, is a button that goes there. */
export function linked(text: string, open: OpenPlace): (string | HTMLElement)[] {
  const parts: (string | HTMLElement)[] = [];
  let from = 0;
  for (const found of text.matchAll(/(?:\.\/)?([^\s:'"<>[\]()]+):(\d+)/g)) {
    const [whole, file, line] = found as unknown as [string, string, string];
    if (!open.has(file)) continue;
    parts.push(text.slice(from, found.index));
    parts.push(h("button", { type: "button", class: "place", onclick: () => open(file, Number(line)) }, whole));
    from = found.index + whole.length;
  }
  parts.push(text.slice(from));
  return parts;
}
