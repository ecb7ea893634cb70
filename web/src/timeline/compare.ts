import { h } from "../dom.js";
import type { Session } from "../session.js";
import { differingPages, snapshotOf, type Moment } from "./moments.js";
import "./compare.css";

/** Shows in a dialog what two moments differ in: variables, pages, fuel and memory. */
export async function compareView(session: Session, before: Moment, after: Moment): Promise<void> {
  const pages = differingPages(before, after);
  const body = h("div", { class: "difference" }, h("p", { class: "faint" }, "Reading both states…"));
  const close = h("button", { type: "button", onclick: () => dialog.close() }, "Close");
  const dialog = h(
    "dialog",
    { class: "compare", "aria-label": `Moments ${before.number} and ${after.number}` },
    h("div", { class: "head" }, h("h2", {}, `${before.number} and ${after.number}`), close),
    body,
    pageMap(before, after, pages),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  try {
    const { entries, isCut } = await session.ask("compare", { before: snapshotOf(before), after: snapshotOf(after) });
    const rows = entries.map(({ path, before: old, after: now }) =>
      h(
        "tr",
        { class: old === undefined ? "added" : now === undefined ? "removed" : "changed" },
        h("th", { scope: "row" }, path),
        h("td", {}, old ?? ""),
        h("td", {}, now ?? ""),
      ),
    );
    const head = h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Variable"), h("th", { scope: "col" }, `In ${before.number}`), h("th", { scope: "col" }, `In ${after.number}`)));
    const table = rows.length > 0 ? h("table", {}, head, h("tbody", {}, ...rows)) : h("p", {}, "The globals are equal.");
    body.replaceChildren(table);
    if (isCut) body.append(h("p", { class: "faint" }, "There are more than can be shown."));
  } catch (error) {
    body.replaceChildren(h("p", {}, `The states could not be read: ${(error as Error).message}`));
  }
}

/** All pages as squares, those that differ darker the more bytes do. */
function pageMap(before: Moment, after: Moment, differing: { page: number; bytes: number }[]): HTMLElement {
  const found = new Map(differing.map(({ page, bytes }) => [page, bytes]));
  const last = Math.max(...before.pages.keys(), ...after.pages.keys());
  const shown = Math.min(last + 1, 512);
  const squares = Array.from({ length: shown }, (_, page) => {
    const bytes = found.get(page) ?? 0;
    const level = bytes === 0 ? (before.pages.has(page) || after.pages.has(page) ? "same" : "none") : bytes < 1024 ? "few" : bytes < 16384 ? "some" : "many";
    return h("span", { class: level, title: `page ${page}: ${bytes.toLocaleString("en")} bytes differ` });
  });
  const bytes = differing.reduce((sum, one) => sum + one.bytes, 0);
  const words = `${differing.length} of ${last + 1} pages of memory differ, in ${bytes.toLocaleString("en")} bytes`;
  return h("div", { class: "pages" }, h("p", {}, words), h("div", { class: "map", role: "img", "aria-label": words }, ...squares));
}
