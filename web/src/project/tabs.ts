import type { App } from "../app.js";
import { byId, h } from "../dom.js";
import { ask, askText } from "./dialogs.js";
import { faultOf, freeName } from "./names.js";

/** The tabs of the files, one of which is seen; and what makes, renames and removes files. */
export class FileTabs {
  readonly #app: App;
  #seen = "";

  constructor(app: App) {
    this.#app = app;
    app.files.on("list", () => this.#draw());
    this.#draw();
    byId("new-file").addEventListener("click", () => void this.#make());
    byId("files").addEventListener("keydown", (event) => this.#key(event));
    app.addAction({ id: "new-file", title: "New file…", run: () => this.#make() });
    app.addAction({ id: "rename-file", title: "Rename file…", run: () => this.#rename(app.file) });
    app.addAction({ id: "delete-file", title: "Delete file…", run: () => this.#delete(app.file) });
  }

  /** Says which file is seen. */
  show(name: string): void {
    this.#seen = name;
    this.#draw();
  }

  #draw(): void {
    const tabs = this.#app.files.names.map((name) => {
      const isSeen = name === this.#seen;
      return h(
        "button",
        {
          type: "button",
          role: "tab",
          "aria-selected": String(isSeen),
          "aria-controls": "editor",
          tabIndex: isSeen ? 0 : -1,
          title: `${name} (F2 renames, Delete deletes)`,
          onclick: () => this.#app.open(name),
          ondblclick: () => void this.#rename(name),
        },
        name,
      );
    });
    const hadFocus = byId("files").contains(document.activeElement);
    byId("files").replaceChildren(...tabs);
    const seen = tabs[this.#app.files.names.indexOf(this.#seen)];
    seen?.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (hadFocus) seen?.focus();
  }

  #key(event: KeyboardEvent): void {
    const { names } = this.#app.files;
    const at = names.indexOf(this.#seen);
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: names.length - 1 }[event.key];
    if (next !== undefined) this.#app.open(names.at(next % names.length)!);
    else if (event.key === "F2") void this.#rename(this.#seen);
    else if (event.key === "Delete") void this.#delete(this.#seen);
    else return;
    event.preventDefault();
  }

  #faultOf(name: string, own?: string): string | undefined {
    if (name !== own && this.#app.files.get(name) !== undefined) return "There is a file of that name.";
    return faultOf(name);
  }

  async #make(): Promise<void> {
    const { files } = this.#app;
    const free = freeName("module.lua", (name) => files.get(name) !== undefined);
    const name = await askText("New file", "Name; require(\"a.b\") finds a/b.lua", "Make", free, (text) => this.#faultOf(text));
    if (name === undefined) return;
    files.set(name, "");
    this.#app.open(name);
    (await this.#app.editor).view.focus();
  }

  async #rename(name: string): Promise<void> {
    const changed = await askText(`Rename ${name}`, "Name", "Rename", name, (text) => this.#faultOf(text, name));
    if (changed === undefined || changed === name) return;
    this.#app.files.rename(name, changed);
    (await this.#app.editor).forget(name);
    this.#app.open(changed);
    this.#focus();
  }

  async #delete(name: string): Promise<void> {
    const { files } = this.#app;
    if (files.names.length === 1) return this.#app.say("The last file stays: a project has one at least.");
    const at = files.names.indexOf(name);
    if (files.get(name) !== "" && !(await ask(`Delete ${name}`, "Delete", h("p", {}, "Its text is gone, then.")))) return;
    files.delete(name);
    (await this.#app.editor).forget(name);
    this.#app.open(files.names[Math.max(at - 1, 0)]!);
    this.#focus();
  }

  /** Where the dialog gave the focus back to is no more. */
  #focus(): void {
    byId("files").querySelector<HTMLElement>("[aria-selected=true]")?.focus();
  }
}
