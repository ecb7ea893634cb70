import type { Report } from "../protocol.js";

/** Characters that go to the page in one message. */
const PIECE = 16_384;
/** Characters that wait for the page at most; what is older is left out. */
const KEPT = 1 << 20;

/** Hands output to the page as fast as that takes it, and keeps the last of it meanwhile. */
export class Output {
  /** What waits: text, and whether it is of the error stream. */
  #waiting: [text: string, isError: boolean][] = [];
  #length = 0;
  #dropped = 0;
  #isTaken = true;

  constructor(readonly tell: (report: Report) => void) {}

  /** Adds what a script wrote. */
  write(text: string, isError: boolean): void {
    const last = this.#waiting.at(-1);
    if (last && last[1] === isError && last[0].length < PIECE) last[0] += text;
    else this.#waiting.push([text, isError]);
    this.#length += text.length;
    while (this.#length > KEPT && this.#waiting.length > 1) {
      const { length } = this.#waiting.shift()![0];
      this.#length -= length;
      this.#dropped += length;
    }
  }

  /** Sends the next piece, if the page has taken the last one. */
  flush(): void {
    if (!this.#isTaken || this.#waiting.length === 0) return;
    const pieces: [string, boolean][] = [];
    let room = PIECE;
    while (room > 0 && this.#waiting.length > 0) {
      const first = this.#waiting[0]!;
      const text = first[0].slice(0, room);
      pieces.push([text, first[1]]);
      room -= text.length;
      this.#length -= text.length;
      if (text.length === first[0].length) this.#waiting.shift();
      else first[0] = first[0].slice(text.length);
    }
    this.tell({ type: "output", pieces, dropped: this.#dropped });
    this.#dropped = 0;
    this.#isTaken = false;
  }

  /** The page has shown what it got. */
  taken(): void {
    this.#isTaken = true;
    this.flush();
  }
}
