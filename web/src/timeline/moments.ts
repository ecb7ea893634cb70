import type { MomentInfo, Reason } from "../protocol.js";

/** A snapshot that the page keeps. Pages that did not change are the same arrays as those of the moment before. */
export interface Moment {
  readonly number: number;
  parent: Moment | undefined;
  readonly branch: number;
  readonly reason: Reason | "fork";
  readonly info: Omit<MomentInfo, "reason" | "pages" | "changed">;
  readonly pages: ReadonlyMap<number, Uint8Array>;
  /** How many pages differ from those of the moment before. */
  readonly changed: number;
}

const PAGE = 65536;
/** Bytes of pages that are kept, at most. */
const KEPT = 160 << 20;
/** Moments that are kept, at most. */
const MOST = 600;

/** The moments of one state: a tree, as one can go back and go on otherwise. */
export class Moments {
  readonly list: Moment[] = [];
  /** The moment that the state came from, or is. */
  current: Moment | undefined;
  /** The branch that the next moment belongs to. */
  #branch = 0;
  #branches = 1;
  #number = 0;
  /** How many were given up to keep memory bounded. */
  dropped = 0;

  /** Adds what the worker tells of. */
  add({ reason, pages, changed, ...info }: MomentInfo, isNewState: boolean): Moment {
    const parent = isNewState ? undefined : this.current;
    const before = parent?.pages;
    const found = new Map(changed);
    const all = new Map<number, Uint8Array>();
    for (const number of pages) {
      const page = found.get(number) ?? before?.get(number);
      if (page) all.set(number, page);
    }
    // Who goes on from an earlier moment begins a branch.
    const isBehind = parent && this.list.some((other) => other.branch === this.#branch && other.number > parent.number);
    if (isNewState || isBehind) this.#branch = this.#branches++;
    return this.#put({ number: ++this.#number, parent, branch: this.#branch, reason, info, pages: all, changed: changed.length });
  }

  #put(moment: Moment): Moment {
    this.list.push(moment);
    this.current = moment;
    this.#bound();
    return moment;
  }

  /** A branch of its own that begins at a moment. */
  fork(from: Moment): Moment {
    this.#branch = this.#branches++;
    const info = { ...from.info, label: `fork of ${from.number}`, skipped: 0, took: 0 };
    return this.#put({ number: ++this.#number, parent: from, branch: this.#branch, reason: "fork", info, pages: from.pages, changed: 0 });
  }

  /** Says that the state is that of a moment now. */
  goTo(moment: Moment): void {
    this.current = moment;
    this.#branch = moment.branch;
  }

  /** The last moment on the way here in which nothing runs. */
  get quiet(): Moment | undefined {
    let moment = this.current;
    while (moment && moment.info.jobs.length > 0) moment = moment.parent;
    return moment;
  }

  /** Bytes of all pages that are kept, each counted once. */
  get bytes(): number {
    const pages = new Set<Uint8Array>();
    for (const moment of this.list) for (const page of moment.pages.values()) pages.add(page);
    return pages.size * PAGE;
  }

  /** Gives up moments until the rest is small enough: those of host calls and steps first, the oldest first. */
  #bound(): void {
    let bytes = this.bytes;
    while (this.list.length > 2 && (this.list.length > MOST || bytes > KEPT)) {
      const quiet = this.quiet;
      const isFree = (moment: Moment): boolean => moment !== this.current && moment !== quiet;
      const next = this.list.find((moment) => isFree(moment) && (moment.reason === "call" || moment.reason === "step")) ?? this.list.find(isFree);
      if (!next) return;
      this.list.splice(this.list.indexOf(next), 1);
      for (const moment of this.list) if (moment.parent === next) moment.parent = next.parent;
      this.dropped++;
      bytes = this.bytes;
    }
  }
}

/** A moment in the stored form of snapshots. */
export function snapshotOf({ info, pages }: Moment): Uint8Array {
  const { header } = info;
  const bytes = new Uint8Array(header.length + pages.size * (4 + PAGE));
  const view = new DataView(bytes.buffer);
  bytes.set(header);
  let at = header.length;
  for (const [number, page] of pages) {
    view.setUint32(at, number, true);
    bytes.set(page, at + 4);
    at += 4 + PAGE;
  }
  return bytes;
}

/** Pages of two moments: which are in one only, and how many bytes differ in the others. */
export function differingPages(before: Moment, after: Moment): { page: number; bytes: number }[] {
  const found: { page: number; bytes: number }[] = [];
  for (const page of new Set([...before.pages.keys(), ...after.pages.keys()])) {
    const [a, b] = [before.pages.get(page), after.pages.get(page)];
    if (a === b) continue;
    let bytes = 0;
    for (let i = 0; i < PAGE; i++) if ((a?.[i] ?? 0) !== (b?.[i] ?? 0)) bytes++;
    if (bytes > 0) found.push({ page, bytes });
  }
  return found.sort((a, b) => a.page - b.page);
}
