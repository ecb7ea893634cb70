import { linesOf } from "../lines.js";
import type { Report } from "../protocol.js";

/** Characters and lines that go to the page in one message, which it draws between two frames. */
const PIECE = 16_384;
const PIECE_LINES = 600;
/** Characters and lines that wait for the page at most; what is older is left out. */
const KEPT = 300_000;
const KEPT_LINES = 8000;

/** So much of a text as has no more characters and lines than these. */
function head(text: string, characters: number, lines: number): string {
  let at = 0;
  for (let i = 0; i < lines; i++) {
    const next = text.indexOf("\n", at) + 1;
    if (next === 0 || next > characters) return text.slice(0, characters);
    at = next;
  }
  return text.slice(0, at);
}

/** Hands output to the page as fast as that takes it, and keeps the last of it meanwhile. */
export class Output {
  /** What waits: text, and whether it is of the error stream. */
  #waiting: [text: string, isError: boolean][] = [];
  #length = 0;
  #lines = 0;
  #dropped = 0;
  #isTaken = true;

  constructor(readonly tell: (report: Report) => void) {}

  /** Adds what a script wrote. */
  write(text: string, isError: boolean): void {
    const last = this.#waiting.at(-1);
    if (last && last[1] === isError && last[0].length < PIECE) last[0] += text;
    else this.#waiting.push([text, isError]);
    this.#length += text.length;
    this.#lines += linesOf(text);
    while ((this.#length > KEPT || this.#lines > KEPT_LINES) && this.#waiting.length > 1) {
      const [left] = this.#waiting.shift()!;
      this.#length -= left.length;
      this.#lines -= linesOf(left);
      this.#dropped += left.length;
    }
  }

  /** Sends the next piece, if the page has taken the last one. */
  flush(): void {
    if (!this.#isTaken || this.#waiting.length === 0) return;
    const pieces: [string, boolean][] = [];
    let [room, lines] = [PIECE, PIECE_LINES];
    while (room > 0 && lines > 0 && this.#waiting.length > 0) {
      const first = this.#waiting[0]!;
      const text = head(first[0], room, lines);
      pieces.push([text, first[1]]);
      room -= text.length;
      lines -= linesOf(text);
      this.#length -= text.length;
      this.#lines -= linesOf(text);
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
