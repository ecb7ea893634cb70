import type { Session } from "../session.js";
import type { CanvasEvent } from "./picture.js";

/** Pixels of the picture in either direction, at most. */
const MOST = 4096;

/** The picture that scripts draw, and the keys that they hear. */
export class Canvas {
  readonly canvas: HTMLCanvasElement;
  readonly #onUse: () => void;
  readonly #context: CanvasRenderingContext2D;
  readonly #held = new Set<string>();
  readonly #waiting = new Map<number, (key: string) => void>();
  readonly #session: Session;
  #frames = new Map<number, number>();
  #since = 0;
  #isUsed = false;

  constructor(session: Session, canvas: HTMLCanvasElement, onUse: () => void) {
    this.#session = session;
    this.#onUse = onUse;
    this.canvas = canvas;
    this.#context = canvas.getContext("2d")!;
    canvas.addEventListener("keydown", (event) => {
      if (event.key === "Tab" || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.#held.add(event.key);
      const [first] = this.#waiting;
      if (!first) return;
      this.#waiting.delete(first[0]);
      first[1](event.key);
    });
    canvas.addEventListener("keyup", (event) => this.#held.delete(event.key));
    canvas.addEventListener("blur", () => this.#held.clear());
  }

  /** Does what the session tells of. */
  hear(event: CanvasEvent): void {
    switch (event.name) {
      case "picture":
        this.#use();
        this.#draw(event.value);
        return;
      case "call":
        if (event.value.name === "frame") this.#frame(event.value.call, event.value.values[0] as (string | number)[]);
        if (event.value.name === "key") this.#key(event.value.call);
        return;
      case "uncall":
        this.#forget(event.value);
        return;
      case "cleared":
        for (const call of [...this.#frames.keys(), ...this.#waiting.keys()]) this.#forget(call);
        return;
      case "phase":
        if (event.value === "idle") this.#isUsed = false;
    }
  }

  #forget(call: number): void {
    cancelAnimationFrame(this.#frames.get(call) ?? 0);
    this.#frames.delete(call);
    this.#waiting.delete(call);
  }

  /** Comes to be seen, once for each run. */
  #use(): void {
    if (this.#isUsed) return;
    this.#isUsed = true;
    this.#since = 0;
    this.#onUse();
  }

  #frame(call: number, picture: (string | number)[]): void {
    this.#use();
    const session = this.#session;
    const request = requestAnimationFrame((now) => {
      this.#frames.delete(call);
      let value: unknown;
      try {
        this.#draw(picture);
        const seconds = this.#since ? (now - this.#since) / 1000 : 0;
        value = [seconds, Object.fromEntries([...this.#held].map((key) => [key, true]))];
      } catch (error) {
        void session.answer(call, { error: (error as Error).message });
        return;
      }
      this.#since = now;
      void session.answer(call, { value });
    });
    this.#frames.set(call, request);
  }

  #key(call: number): void {
    this.#use();
    this.canvas.focus();
    const session = this.#session;
    this.#waiting.set(call, (value) => void session.answer(call, { value }));
  }

  /** Draws what host.lua collected: names with their values. */
  #draw(picture: readonly (string | number)[]): void {
    const context = this.#context;
    let at = 0;
    const number = (): number => Number(picture[at++]);
    while (at < picture.length) {
      const name = picture[at++];
      switch (name) {
        case "size":
          this.canvas.width = Math.min(Math.max(number(), 1), MOST);
          this.canvas.height = Math.min(Math.max(number(), 1), MOST);
          break;
        case "clear": {
          const color = String(picture[at++]);
          context.clearRect(0, 0, this.canvas.width, this.canvas.height);
          if (!color) break;
          const before = context.fillStyle;
          context.fillStyle = color;
          context.fillRect(0, 0, this.canvas.width, this.canvas.height);
          context.fillStyle = before;
          break;
        }
        case "color":
          context.fillStyle = context.strokeStyle = String(picture[at++]);
          break;
        case "rect":
          context.fillRect(number(), number(), number(), number());
          break;
        case "circle":
          context.beginPath();
          context.arc(number(), number(), Math.max(number(), 0), 0, 2 * Math.PI);
          context.fill();
          break;
        case "line":
          context.beginPath();
          context.moveTo(number(), number());
          context.lineTo(number(), number());
          context.lineWidth = number();
          context.stroke();
          break;
        case "text": {
          const [x, y, text, size] = [number(), number(), String(picture[at++]), number()];
          context.font = `${size}px system-ui, sans-serif`;
          context.fillText(text, x, y);
          break;
        }
        default:
          throw new Error(`the canvas knows no ${String(name)}`);
      }
    }
  }
}
