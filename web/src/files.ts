import { Events } from "./events.js";

/** The files of the project, in the order in which their tabs stand. */
export class Files extends Events<{ change: { name: string; by: "editor" | "other" }; list: undefined }> {
  readonly #texts = new Map<string, string>();

  /** The names, in order. */
  get names(): string[] {
    return [...this.#texts.keys()];
  }

  /** The text of a file; `undefined` when there is none. */
  get(name: string): string | undefined {
    return this.#texts.get(name);
  }

  /** Makes a file, or gives it a new text. `by` says whether the editor has it already. */
  set(name: string, text: string, by: "editor" | "other" = "other"): void {
    const isNew = !this.#texts.has(name);
    this.#texts.set(name, text);
    if (isNew) this.emit("list", undefined);
    this.emit("change", { name, by });
  }

  /** Gives a file another name, at the same place of the order. */
  rename(name: string, changed: string): void {
    const all = [...this.#texts];
    this.#texts.clear();
    for (const [one, text] of all) this.#texts.set(one === name ? changed : one, text);
    this.emit("list", undefined);
  }

  /** Removes a file. */
  delete(name: string): void {
    if (this.#texts.delete(name)) this.emit("list", undefined);
  }

  /** Puts other files into the place of all. */
  replace(files: Iterable<readonly [string, string]>): void {
    this.#texts.clear();
    for (const [name, text] of files) this.#texts.set(name, text);
    this.emit("list", undefined);
  }

  /** All of them, by name. */
  entries(): [string, string][] {
    return [...this.#texts];
  }
}
