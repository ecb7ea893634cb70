import type { Lua } from "moonlet";

import type { JobInfo, Reason, Report } from "../protocol.js";
import { Snapshots } from "./snapshots.js";

/** Snapshots by themselves take at most one part in so many of the time. */
const SHARE = 10;
/** Milliseconds between two snapshots of host calls, at least; more between those of an animation. */
const CALM = 40;
const CALM_FRAMES = 500;
/** Milliseconds that a snapshot may take which nobody waits for. */
const QUICK = 15;
/** Milliseconds of a snapshot from which on lines that follow each other quickly share one. */
const SLOW = 100;

/** What a moment is told with. */
export interface Occasion {
  reason: Reason;
  label: string;
  place: { file?: string | undefined; line: number } | undefined;
  fuel: number;
  jobs: JobInfo[];
}

/** Takes snapshots, as often as they are worth their time, and tells the page of them. */
export class Recorder {
  readonly #snapshots = new Snapshots();
  #skipped = 0;
  #last = -Infinity;
  #took = 0;
  /** Milliseconds that a page of a snapshot took, at best: the first ones run before the engine has compiled them. */
  #page = 2;

  constructor(readonly tell: (report: Report) => void) {}

  /** Host calls since the last snapshot that got none. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Says what the next snapshot follows on; nothing for a new state. */
  follow(snapshot?: Uint8Array): void {
    this.#snapshots.follow(snapshot);
  }

  /** Whether a snapshot of the state is a matter of a moment, or of so many of them. */
  isQuick(lua: Lua, times = 1): boolean {
    return this.#page * lua.stats.pages < times * QUICK;
  }

  /** Whether it is time for another snapshot of a host call; counts those that get none. */
  isTimeForCall(lua: Lua, name: string): boolean {
    const calm = name === "frame" ? CALM_FRAMES : CALM;
    const isTime = this.isQuick(lua, 2) && performance.now() - this.#last >= Math.max(calm, SHARE * this.#took);
    if (!isTime) this.#skipped++;
    return isTime;
  }

  /** Whether it is time for another snapshot of a line. */
  get isTimeForLine(): boolean {
    return this.#took < SLOW || performance.now() - this.#last > SHARE * this.#took;
  }

  /** A host call that got none gets one after all. */
  unskip(): void {
    this.#skipped--;
  }

  /** Takes a snapshot and tells of it. */
  record(lua: Lua, { place, ...occasion }: Occasion): void {
    this.tell({ type: "saving", isSaving: true });
    try {
      const from = performance.now();
      const { memoryUsed: memory } = lua.stats;
      const delta = this.#snapshots.take(lua);
      this.#last = performance.now();
      this.#took = this.#last - from;
      this.#page = Math.min(this.#page, this.#took / delta.pages.length);
      const { file, line } = place ?? {};
      this.tell({ type: "moment", moment: { ...occasion, file, line, memory, skipped: this.#skipped, ...delta, took: this.#took } });
      this.#skipped = 0;
    } finally {
      this.tell({ type: "saving", isSaving: false });
    }
  }
}
