import { toText } from "./decoder.js";
import { Status, Info } from "./numbers.js";
import { TOO_BIG, type Instance } from "./instance.js";
import type { State } from "./state.js";

const utf8 = new TextEncoder();

/** Puts a file into the file system of an instance, or new contents into it. */
export function writeFile(instance: Instance, name: string, contents: string | Uint8Array): void {
  const { exports } = instance;
  const bytes = typeof contents === "string" ? utf8.encode(contents) : contents;
  const status = instance.lend(utf8.encode(name), (namePtr, nameLength) =>
    instance.lend(bytes, (ptr, length) => exports.write_file(namePtr, nameLength, ptr, length)),
  );
  instance.check(status, () =>
    status === Status.BAD_ARGUMENT ? `${JSON.stringify(name)} names no file; a name is a path like data/input.txt` : TOO_BIG,
  );
}

/** The in-memory file system of a `Lua`, a map from name to contents. Scripts read and write it by `io`, `require`, `dofile` and `loadfile`. */
export class LuaFiles implements Iterable<[name: string, contents: Uint8Array]> {
  readonly #state: State;

  /** @internal */
  constructor(state: State) {
    this.#state = state;
  }

  /** Makes the contents of a file the result: the status. */
  #read(name: string): number {
    const { instance } = this.#state;
    return Math.max(0, -instance.lend(utf8.encode(name), (ptr, length) => instance.exports.read_file(ptr, length)));
  }

  /** The contents of a file; `undefined` when there is none. */
  get(name: string): Uint8Array | undefined {
    const status = this.#read(name);
    if (status === Status.BAD_ARGUMENT) return undefined;
    const { instance } = this.#state;
    instance.check(status, () => TOO_BIG);
    return instance.part(Info.RESULT_PTR).slice();
  }

  /** The contents of a file as text, with U+FFFD for what is no UTF-8; `undefined` when there is none. */
  text(name: string): string | undefined {
    const bytes = this.get(name);
    return bytes && toText(bytes);
  }

  /** Makes a file, or gives it new contents. */
  set(name: string, contents: string | Uint8Array): this {
    if (typeof contents !== "string" && !(contents instanceof Uint8Array)) {
      throw new TypeError(`a file holds a text or a Uint8Array, not ${String(contents)}`);
    }
    writeFile(this.#state.instance, name, contents);
    return this;
  }

  /** Removes a file; `false` when there is none. A script that has it open goes on with it. */
  delete(name: string): boolean {
    const { instance } = this.#state;
    const status = instance.lend(utf8.encode(name), (ptr, length) => instance.exports.remove_file(ptr, length));
    if (status === Status.BAD_ARGUMENT) return false;
    return instance.check(status, () => TOO_BIG) === 0;
  }

  /** Whether there is such a file. */
  has(name: string): boolean {
    const status = this.#read(name);
    if (status === Status.BAD_ARGUMENT) return false;
    // A file that is too big to be read is there.
    return status === Status.TOO_BIG || this.#state.instance.check(status, () => TOO_BIG) === 0;
  }

  /** The bytes of each file, by name, in the order of the names' bytes. */
  sizes(): Map<string, number> {
    const { instance } = this.#state;
    const answer = instance.guard(() => instance.exports.list_files());
    instance.check(Math.max(0, -answer), () => TOO_BIG);
    const entries = this.#state.decode(instance) as [string | Uint8Array, number | bigint][];
    return new Map(entries.map(([name, size]) => [toText(name), Number(size)]));
  }

  /** How many files there are. */
  get size(): number {
    return this.sizes().size;
  }

  /** The names, in the order of their bytes. */
  keys(): IterableIterator<string> {
    return this.sizes().keys();
  }

  /** Names and contents, in the order of the names' bytes; each file is read as its turn comes. */
  *[Symbol.iterator](): IterableIterator<[name: string, contents: Uint8Array]> {
    for (const name of this.keys()) {
      const contents = this.get(name);
      if (contents !== undefined) yield [name, contents];
    }
  }
}
