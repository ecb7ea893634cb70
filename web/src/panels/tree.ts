import { h } from "../dom.js";
import type { Part, Shown } from "../protocol.js";

/** Asks for the parts of a value, from one on. */
export type LoadParts = (id: number, from: number) => Promise<{ parts: Part[]; more: boolean } | undefined>;

/** A value, which opens where it has parts. `name` stands before it. */
export function valueRow(value: Shown, load: LoadParts, name?: string): HTMLElement {
  const label: Node[] = [];
  if (name !== undefined) label.push(h("span", { class: "name" }, name), h("span", { class: "is" }, " = "));
  label.push(h("span", { class: `value ${value.kind}` }, value.text));
  const { id } = value;
  if (id === undefined) return h("div", { class: "row" }, ...label);
  const details = h("details", { class: "row" }, h("summary", {}, ...label));
  let isLoaded = false;
  details.addEventListener("toggle", () => {
    if (!details.open || isLoaded) return;
    isLoaded = true;
    void addParts(details, id, load, 0);
  });
  return details;
}

async function addParts(parent: HTMLElement, id: number, load: LoadParts, from: number): Promise<void> {
  let found: Awaited<ReturnType<LoadParts>>;
  try {
    found = await load(id, from);
  } catch (error) {
    parent.append(h("div", { class: "row faint" }, (error as Error).message));
    return;
  }
  if (!found) {
    parent.append(h("div", { class: "row faint" }, "this value is gone"));
    return;
  }
  parent.append(...found.parts.map(({ name, value }) => valueRow(value, load, name)));
  if (found.parts.length === 0) parent.append(h("div", { class: "row faint" }, "nothing in it"));
  if (!found.more) return;
  const more = h("button", { type: "button", class: "more" }, "More");
  more.addEventListener("click", () => {
    more.remove();
    void addParts(parent, id, load, from + 100);
  });
  parent.append(more);
}
