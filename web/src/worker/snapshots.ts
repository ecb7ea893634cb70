import type { Lua } from "moonlet";

const HEADER = 128;
const PAGE = 65536;
const RECORD = 4 + PAGE;

/** A snapshot as it goes to the page: its header, the numbers of its pages, and the pages that the one before it has not. */
export interface Delta {
  header: Uint8Array;
  pages: number[];
  changed: [number, Uint8Array][];
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  const x = new Int32Array(a.buffer, a.byteOffset, PAGE / 4);
  const y = new Int32Array(b.buffer, b.byteOffset, PAGE / 4);
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
  return true;
}

/** The pages of a snapshot, by number. */
export function* pagesOf(snapshot: Uint8Array): Generator<[number, Uint8Array]> {
  const view = new DataView(snapshot.buffer, snapshot.byteOffset, snapshot.byteLength);
  for (let at = HEADER; at < snapshot.length; at += RECORD) {
    yield [view.getUint32(at, true), snapshot.subarray(at + 4, at + RECORD)];
  }
}

/** Tells each snapshot by what it changes in the one before. */
export class Snapshots {
  #before = new Map<number, Uint8Array>();

  /** Takes a snapshot. */
  take(lua: Lua): Delta {
    const snapshot = lua.snapshot({ compact: false });
    const pages = new Map(pagesOf(snapshot));
    const changed: [number, Uint8Array][] = [];
    for (const [number, page] of pages) {
      const known = this.#before.get(number);
      if (!known || !isEqual(known, page)) changed.push([number, page.slice()]);
    }
    this.#before = pages;
    return { header: snapshot.slice(0, HEADER), pages: [...pages.keys()], changed };
  }

  /** Says what the next snapshot follows on; nothing for a new state. */
  follow(snapshot?: Uint8Array): void {
    this.#before = new Map(snapshot ? pagesOf(snapshot) : []);
  }
}
