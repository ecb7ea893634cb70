import { byId } from "./dom.js";
import type { Session } from "./session.js";

/** Points of the fuel's line. */
const POINTS = 60;

/** Units as one reads them. */
function unitsText(units: number): string {
  for (const [size, name] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]] as const) {
    if (units >= size) return `${(units / size).toFixed(units >= 100 * size ? 0 : 1)} ${name} units`;
  }
  return `${Math.round(units)} units`;
}

/** Fuel and memory of a session, drawn while it runs. */
export class Meters {
  readonly #canvas = byId<HTMLCanvasElement>("fuel-line");
  readonly #fuel = byId("fuel");
  readonly #memory = byId("memory");
  readonly #bar = byId<HTMLProgressElement>("memory-bar");
  #rates: number[] = [];
  #last = { fuel: 0, time: 0 };

  /** Shows another session. */
  attach(session: Session): void {
    this.#rates = [];
    session.on("meters", ({ fuel, memory, peak }) => {
      const { limits } = session;
      this.#fuel.textContent = unitsText(fuel) + (limits.fuel ? ` of ${unitsText(limits.fuel)}` : "");
      this.#memory.textContent = bytesText(memory);
      this.#memory.title = `${bytesText(peak)} at most, of ${bytesText(limits.memory)}`;
      this.#bar.max = limits.memory;
      this.#bar.value = memory;
      const now = performance.now();
      // A run that begins counts from 0.
      const used = fuel >= this.#last.fuel ? fuel - this.#last.fuel : fuel;
      const rate = session.phase === "running" ? used / Math.max(now - this.#last.time, 1) : 0;
      this.#last = { fuel, time: now };
      this.#rates = [...this.#rates, rate].slice(-POINTS);
      requestAnimationFrame(() => this.#draw());
    });
  }

  #draw(): void {
    const { width, height } = this.#canvas;
    const context = this.#canvas.getContext("2d")!;
    const most = Math.max(...this.#rates, 1);
    context.clearRect(0, 0, width, height);
    context.beginPath();
    context.moveTo(width, height);
    this.#rates.toReversed().forEach((rate, i) => context.lineTo(width - (i * width) / (POINTS - 1), height - 1 - (rate / most) * (height - 3)));
    context.lineTo(width - ((this.#rates.length - 1) * width) / (POINTS - 1), height);
    context.fillStyle = getComputedStyle(this.#canvas).color;
    context.fill();
  }
}

/** Bytes as one reads them. */
export function bytesText(bytes: number): string {
  if (bytes < 1 << 20) return `${Math.round(bytes / 1024).toLocaleString("en")} KiB`;
  return `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}
