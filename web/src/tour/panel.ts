import type { App } from "../app.js";
import { h } from "../dom.js";
import type { Keeper } from "../project/keeper.js";
import { tourOf } from "../project/share.js";
import type { Example } from "./index.js";

function goTo(id: string): void {
  location.hash = `#tour=${id}`;
}

function seen(example: Example, place: number, tour: Example[], keeper: Keeper): HTMLElement {
  const next = tour[place + 1];
  const before = tour[place - 1];
  return h(
    "section",
    { class: "example", "aria-label": example.title },
    h("p", {}, example.about),
    h("h3", {}, "Then try"),
    h("ul", {}, ...example.tasks.map((task) => h("li", {}, task))),
    h(
      "div",
      { class: "actions" },
      before && h("button", { type: "button", onclick: () => goTo(before.id) }, "Back"),
      next && h("button", { type: "button", class: "primary", onclick: () => goTo(next.id) }, `Next: ${next.title}`),
      h("button", { type: "button", onclick: () => keeper.restore() }, "As it was"),
      h("button", { type: "button", onclick: () => keeper.goHome() }, "My files"),
    ),
  );
}

/** Adds the tour to the page: twelve examples, each a project of its own, apart from the user's files. */
export function addTour(app: App, keeper: Keeper): void {
  const element = h("div", { class: "tour" });
  const draw = async (): Promise<void> => {
    const { TOUR } = await import("./index.js");
    const id = tourOf(location.hash);
    const list = TOUR.map((example, index) => {
      const isSeen = example.id === id;
      const button = h("button", { type: "button", "aria-current": isSeen ? "true" : undefined, onclick: () => goTo(example.id) }, example.title);
      return h("li", {}, button, isSeen && seen(example, index, TOUR, keeper));
    });
    element.replaceChildren(h("p", { class: "faint" }, "Twelve examples to run and to change. Your own files are kept apart."), h("ol", {}, ...list));
    element.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  };
  app.addPanel({ id: "tour", title: "Tour", element, shown: () => void draw() });
  addEventListener("hashchange", () => {
    if (element.checkVisibility()) void draw();
  });
  if (tourOf(location.hash) !== undefined) app.showPanel("tour");
}
