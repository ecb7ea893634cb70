import { byId, h } from "./dom.js";
import type { Files } from "./files.js";

/** The tabs of the files, one of which is seen. */
export class FileTabs {
  readonly #files: Files;
  readonly #open: (name: string) => void;
  #seen: string;

  constructor(files: Files, open: (name: string) => void) {
    this.#files = files;
    this.#open = open;
    this.#seen = files.names[0] ?? "";
    files.on("list", () => this.#draw());
    this.#draw();
  }

  /** Says which file is seen. */
  show(name: string): void {
    this.#seen = name;
    this.#draw();
  }

  #draw(): void {
    const tabs = this.#files.names.map((name) =>
      h("button", { type: "button", role: "tab", "aria-selected": String(name === this.#seen), "aria-controls": "editor", onclick: () => this.#open(name) }, name),
    );
    byId("files").replaceChildren(...tabs);
  }
}
