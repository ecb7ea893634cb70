import { byId } from "./dom.js";
import type { Phase } from "./protocol.js";

/** What the buttons do. */
export interface ToolbarActions {
  run(): void;
  stop(): void;
  /** Holds what runs, or goes on with what is held. */
  pause(): void;
  /** To the next line; from the start where nothing is held. */
  step(): void;
  over(): void;
}

const WORDS: Record<Phase, string> = { idle: "Ready", running: "Running", paused: "Paused", waiting: "Waiting" };

/** The buttons of a run, by what there is to do. */
export class Toolbar {
  readonly #buttons = {
    run: byId<HTMLButtonElement>("run"),
    pause: byId<HTMLButtonElement>("pause"),
    step: byId<HTMLButtonElement>("step"),
    over: byId<HTMLButtonElement>("over"),
    stop: byId<HTMLButtonElement>("stop"),
  };
  readonly #phase = byId("phase");

  constructor(actions: ToolbarActions) {
    for (const [name, button] of Object.entries(this.#buttons)) {
      button.addEventListener("click", () => actions[name as keyof ToolbarActions]());
    }
    document.addEventListener("keydown", (event) => {
      const isMod = event.ctrlKey || event.metaKey;
      const key = event.key === "Enter" && isMod ? "run" : event.key === "." && isMod ? "stop" : event.key === "F8" ? "pause" : event.key === "F10" ? (event.shiftKey ? "over" : "step") : undefined;
      if (!key) return;
      event.preventDefault();
      event.stopPropagation();
      if (!this.#buttons[key].disabled) actions[key]();
    }, { capture: true });
    this.show("idle");
  }

  /** Offers what can be done in a phase. */
  show(phase: Phase): void {
    const { pause, step, over, stop } = this.#buttons;
    const isHeld = phase === "paused";
    pause.disabled = phase === "idle";
    step.disabled = phase === "running" || phase === "waiting";
    over.disabled = !isHeld;
    stop.disabled = phase === "idle";
    pause.classList.toggle("go", isHeld);
    pause.querySelector("span")!.textContent = isHeld ? "Go on" : "Pause";
    pause.querySelector("use")!.setAttribute("href", isHeld ? "#i-go" : "#i-pause");
    this.#phase.textContent = WORDS[phase];
    this.#phase.dataset.phase = phase;
  }
}
