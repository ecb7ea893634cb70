import type { Action, Panel } from "./app.js";
import { byId, h } from "./dom.js";

/** The panels at the right, of which one is seen. */
export class Panels {
  readonly #panels = new Map<string, { panel: Panel; tab: HTMLElement; place: HTMLElement }>();
  #seen = "";

  constructor() {
    byId("tabs").addEventListener("keydown", (event) => {
      const ids = [...this.#panels.keys()];
      const at = ids.indexOf(this.#seen);
      const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: ids.length - 1 }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      const id = ids.at(next % ids.length)!;
      this.show(id);
      this.#panels.get(id)!.tab.focus();
    });
  }

  /** Which is seen. */
  get seen(): string {
    return this.#seen;
  }

  add(panel: Panel): void {
    const { id, title, element } = panel;
    const tab = h("button", { type: "button", role: "tab", id: `tab-${id}`, "aria-controls": `panel-${id}`, "aria-selected": "false", tabIndex: -1, onclick: () => this.show(id) }, title);
    const place = h("div", { role: "tabpanel", id: `panel-${id}`, class: "panel", "aria-labelledby": `tab-${id}`, hidden: true }, element);
    byId("tabs").append(tab);
    byId("panels").append(place);
    this.#panels.set(id, { panel, tab, place });
    if (this.#panels.size === 1) this.show(id);
  }

  show(id: string): void {
    const shown = this.#panels.get(id);
    if (!shown) return;
    this.#seen = id;
    for (const [other, { tab, place }] of this.#panels) {
      tab.setAttribute("aria-selected", String(other === id));
      tab.tabIndex = other === id ? 0 : -1;
      place.hidden = other !== id;
    }
    shown.tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    shown.panel.shown?.();
  }
}

/** On a phone the page is one of three parts. */
export type Part = "code" | "side" | "timeline";

/** Shows a part of the page where it does not have room for all. */
export function showPart(part: Part): void {
  document.body.dataset.part = part;
  for (const button of document.querySelectorAll<HTMLElement>("#parts button")) button.setAttribute("aria-pressed", String(button.dataset.part === part));
}

/** Lets the boundary between the editor and the panels be moved, by pointer and keys. */
export function splitter(): void {
  const bar = byId("splitter");
  const work = byId("work");
  let share = 50;
  const set = (value: number): void => {
    share = Math.min(Math.max(value, 20), 80);
    work.style.setProperty("--code-share", `${share}%`);
    bar.setAttribute("aria-valuenow", String(Math.round(share)));
  };
  bar.addEventListener("pointerdown", (event) => {
    bar.setPointerCapture(event.pointerId);
    const move = ({ clientX }: PointerEvent): void => {
      const { left, width } = work.getBoundingClientRect();
      set(((clientX - left) / width) * 100);
    };
    bar.addEventListener("pointermove", move);
    bar.addEventListener("lostpointercapture", () => bar.removeEventListener("pointermove", move), { once: true });
  });
  bar.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -2, ArrowRight: 2 }[event.key];
    if (by) set(share + by);
  });
  set(share);
}

const isMac = navigator.platform.startsWith("Mac");

/** A key as people call it. */
function keyText(key: string): string {
  return key.replace(/-(.)$/, (_, letter: string) => `-${letter.toUpperCase()}`).replace("Mod", isMac ? "⌘" : "Ctrl").replaceAll("-", isMac ? "" : "+");
}

/** The menu of actions, whose keys work everywhere. */
export class Menu {
  readonly #list = byId("menu");
  readonly #button = byId<HTMLButtonElement>("menu-button");

  constructor() {
    this.#button.addEventListener("click", () => this.#toggle(this.#list.hidden !== false));
    document.addEventListener("pointerdown", (event) => {
      if (!this.#list.hidden && !event.composedPath().includes(this.#list) && !event.composedPath().includes(this.#button)) this.#toggle(false);
    });
    this.#list.addEventListener("keydown", (event) => {
      const items = [...this.#list.querySelectorAll("button")];
      const at = items.indexOf(document.activeElement as HTMLButtonElement);
      if (event.key === "Escape") {
        this.#toggle(false);
        this.#button.focus();
      }
      const next = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: items.length - 1 }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      items.at(next % items.length)?.focus();
    });
  }

  #toggle(isShown: boolean): void {
    this.#list.hidden = !isShown;
    this.#button.setAttribute("aria-expanded", String(isShown));
    if (isShown) this.#list.querySelector("button")?.focus();
  }

  add({ id, title, key, run }: Action): void {
    const act = (): void => {
      this.#toggle(false);
      void run();
    };
    const item = h("button", { type: "button", role: "menuitem", tabIndex: -1, id: `action-${id}`, onclick: act }, h("span", {}, title), key ? h("kbd", {}, keyText(key)) : undefined);
    this.#list.append(item);
    if (!key) return;
    const parts = key.split("-");
    const letter = parts.at(-1)!.toLowerCase();
    document.addEventListener("keydown", (event) => {
      const isMod = isMac ? event.metaKey : event.ctrlKey;
      if (event.key.toLowerCase() !== letter || isMod !== parts.includes("Mod") || event.shiftKey !== parts.includes("Shift") || event.altKey !== parts.includes("Alt")) return;
      event.preventDefault();
      void run();
    });
  }
}
