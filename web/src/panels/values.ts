import { h } from "../dom.js";
import type { Frame, Part } from "../protocol.js";
import type { Session } from "../session.js";
import type { OpenPlace } from "./places.js";
import { type LoadParts, valueRow } from "./tree.js";
import "./values.css";

/** What the state holds: calls and variables of a program that is held, globals, files. */
export class Values {
  readonly #calls = h("section", { "aria-label": "Calls" });
  readonly #globals = h("div", {});
  readonly #files = h("div", {});
  readonly #all = h("input", { type: "checkbox" });
  readonly #open: OpenPlace;
  #session!: Session;
  #isStale = true;
  #isReading = false;

  constructor(
    open: OpenPlace,
    readonly element: HTMLElement,
  ) {
    this.#open = open;
    element.className = "values";
    this.#all.addEventListener("change", () => void this.refresh());
    element.append(
      this.#calls,
      h("section", { "aria-label": "Globals" }, h("h2", {}, "Globals"), this.#globals, h("label", { class: "faint" }, this.#all, " those of Lua, too")),
      h("section", { "aria-label": "Files" }, h("h2", {}, "Files of the state"), this.#files),
    );
  }

  /** Shows another session. */
  attach(session: Session): void {
    this.#session = session;
    this.#frames(session.frames);
    session.on("held", (frames) => this.#frames(frames));
    session.on("moment", () => this.#changed());
    session.on("restored", () => this.#changed());
    session.on("ended", () => this.#changed());
    session.on("phase", (phase) => phase !== "paused" && this.#frames([]));
    this.#changed();
  }

  #load: LoadParts = (id, from) => this.#session.ask("children", { id, from });

  #changed(): void {
    this.#isStale = true;
    if (this.element.isConnected && this.element.offsetParent) void this.shown();
  }

  /** Reads what is there, if it may have changed. */
  async shown(): Promise<void> {
    if (this.#isReading || !this.#isStale) return;
    this.#isReading = true;
    // While a script runs one look in a while is enough.
    await new Promise((resolve) => setTimeout(resolve, 60));
    this.#isReading = false;
    await this.refresh();
  }

  /** Reads what is there. */
  async refresh(): Promise<void> {
    this.#isStale = false;
    try {
      const [globals, files] = await Promise.all([this.#session.ask("globals", { all: this.#all.checked }), this.#session.ask("files", undefined)]);
      this.#fill(this.#globals, this.#rows(globals), "The script has made none yet.");
      this.#fill(
        this.#files,
        files.map(([name, size]) => h("div", { class: "row" }, h("span", { class: "name" }, name), h("span", { class: "faint" }, ` ${size.toLocaleString("en")} bytes`))),
        "There are none.",
      );
    } catch {
      // The worker was ended meanwhile; the next state tells anew.
      this.#isStale = true;
    }
  }

  #fill(place: HTMLElement, rows: HTMLElement[], none: string): void {
    place.replaceChildren(...(rows.length > 0 ? rows : [h("p", { class: "faint" }, none)]));
  }

  #rows(parts: Part[]): HTMLElement[] {
    return parts.map(({ name, value }) => valueRow(value, this.#load, name));
  }

  #frames(frames: Frame[]): void {
    this.#calls.hidden = frames.length === 0;
    const variables = h("div", {});
    const show = (frame: Frame, button?: HTMLElement): void => {
      for (const other of list.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
      this.#fill(variables, this.#rows(frame.locals), "No variables here.");
    };
    const buttons = frames.map((frame, i) => {
      const place = frame.file ? `${frame.file}:${frame.line}` : "C";
      const button = h("button", { type: "button", class: "frame", "aria-pressed": String(i === 0) }, h("span", {}, frame.name), h("span", { class: "faint" }, ` ${place}`));
      button.addEventListener("click", () => {
        show(frame, button);
        if (frame.file && this.#open.has(frame.file)) this.#open(frame.file, frame.line);
      });
      return button;
    });
    const list = h("div", { class: "frames" }, ...buttons);
    this.#calls.replaceChildren(h("h2", {}, "Calls"), list, h("h2", {}, "Variables"), variables);
    if (frames[0]) show(frames[0], buttons[0]);
  }
}
