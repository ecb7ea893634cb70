import { h } from "../dom.js";
import type { Keeper } from "../project/keeper.js";
import { tourOf } from "../project/address.js";
import { TOUR, type Example } from "./index.js";
import "./panel.css";

function goTo({ id }: Example): void {
  location.hash = `#tour=${id}`;
}

/** The list of examples, of which the one that is open says what it is about. */
export class Tour {
  readonly #keeper: Keeper;
  readonly #element: HTMLElement;

  constructor(keeper: Keeper, element: HTMLElement) {
    this.#keeper = keeper;
    this.#element = element;
    element.className = "tour";
    addEventListener("hashchange", () => this.shown());
  }

  /** Draws it for the example of the address. */
  shown(): void {
    const id = tourOf(location.hash);
    const list = TOUR.map((example, index) => {
      const isOpen = example.id === id;
      const button = h("button", { type: "button", "aria-current": isOpen ? "true" : undefined, onclick: () => goTo(example) }, example.title);
      return h("li", {}, button, isOpen && this.#about(example, index));
    });
    const hadFocus = this.#element.contains(document.activeElement);
    this.#element.replaceChildren(h("p", { class: "faint" }, "Twelve examples to run and to change. Your own files are kept apart."), h("ol", {}, ...list));
    const open = this.#element.querySelector<HTMLElement>("[aria-current]");
    open?.scrollIntoView({ block: "nearest" });
    if (hadFocus) open?.focus();
  }

  #about({ title, about, tasks }: Example, place: number): HTMLElement {
    const next = TOUR[place + 1];
    const before = TOUR[place - 1];
    return h(
      "section",
      { class: "example", "aria-label": title },
      h("p", {}, about),
      h("p", { class: "faint" }, "Then try:"),
      h("ul", {}, ...tasks.map((task) => h("li", {}, task))),
      h(
        "div",
        { class: "actions" },
        before && h("button", { type: "button", onclick: () => goTo(before) }, "Back"),
        next && h("button", { type: "button", class: "primary", onclick: () => goTo(next) }, `Next: ${next.title}`),
        h("button", { type: "button", onclick: () => this.#keeper.restore() }, "As it was"),
        h("button", { type: "button", onclick: () => this.#keeper.goHome() }, "My files"),
      ),
    );
  }
}
