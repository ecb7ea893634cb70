import { refused } from "./errors.js";
import { Evaluation } from "./evaluation.js";
import { Figure, Info, Option, Status } from "./numbers.js";
import { OPERATION } from "./references.js";
import type { Outcome, State, Waiting } from "./state.js";

/** What a task waits for, or `"done"`. */
export type TaskKind = "done" | "paused" | "call" | "input" | "output";

const KINDS: Record<Outcome["status"], TaskKind> = {
  [Status.OK]: "done",
  [Status.YIELD]: "call",
  [Status.PAUSED]: "paused",
  [Status.OUTPUT]: "output",
  [Status.INPUT]: "input",
};

/** An evaluation that its host steps: `lua.start()` begins one, `lua.tasks` has those that wait, also after a restore. */
export class Task {
  readonly #state: State;
  readonly #evaluation: Evaluation;
  readonly #epoch: number;
  #outcome: Outcome | undefined;
  #error: unknown;
  /** What the task asks, where the package gives the answer as the host goes on; to the host it is paused. */
  #due: Outcome | undefined;

  /** @internal */
  constructor(state: State, first: () => Outcome, isNew = true) {
    this.#state = state;
    this.#epoch = state.epoch;
    this.#evaluation = new Evaluation(state);
    this.#step(first, isNew);
  }

  /** What it waits for: the host function `name`, the end of a pause, more `input`, or room for `output` (take it by `lua.output()`). `"done"` when it has ended, also by an error. */
  get kind(): TaskKind {
    return this.#outcome ? KINDS[this.#outcome.status] : "done";
  }

  /** The host function that is called; `undefined` unless `kind` is `"call"`. */
  get name(): string | undefined {
    return this.#outcome?.status === Status.YIELD ? this.#outcome.name : undefined;
  }

  /** What it is called with. */
  get arguments(): readonly unknown[] {
    return this.#outcome?.status === Status.YIELD ? this.#outcome.values : [];
  }

  /** What the task returned: one value as it is, several as `Results`, `undefined` when there is none or it is not done. */
  get result(): unknown {
    return this.#outcome?.status === Status.OK ? this.#outcome.value : undefined;
  }

  /** The error that ended the task, which `start`, `resume` or `fail` has thrown; `undefined` when there is none. */
  get error(): unknown {
    return this.#error;
  }

  /** Whether the host has to answer, as no function, handler or option of it does. */
  #isOurs(outcome: Outcome): boolean {
    const { settings, functions } = this.#state;
    switch (outcome.status) {
      case Status.YIELD:
        return functions.get(outcome.name) === undefined && !OPERATION.test(outcome.name);
      case Status.INPUT:
        return settings.input === true;
      case Status.OUTPUT:
        return !settings.onOutput && this.#state.instance.info(Info.OUTPUT_LEN) > 0;
    }
    return true;
  }

  /** Runs until the host has to answer, until the next outcome, or until answers have used up a slice. */
  #step(run: () => Outcome, answers = true): this {
    const { instance, tasks } = this.#state;
    const before = this.#id;
    try {
      let outcome = this.#evaluation.step(run);
      this.#due = undefined;
      const end = instance.get(Figure.FUEL_USED) + (instance.get(Option.SLICE) || Infinity);
      while (answers && !this.#isOurs(outcome)) {
        // Each answer begins another slice; a task that asks without end is to let its host in all the same.
        if (instance.get(Figure.FUEL_USED) > end) {
          this.#due = outcome;
          outcome = { ...outcome, status: Status.PAUSED } as Waiting;
          break;
        }
        outcome = this.#evaluation.answer(outcome as Waiting, false) as Outcome;
      }
      this.#outcome = outcome;
      tasks.delete(before!);
      if (this.#id) tasks.set(this.#id, this);
    } catch (error) {
      // A value that Lua cannot have was not taken: the task waits as before.
      if (before === undefined || !this.#isSuspended(before)) {
        tasks.delete(before!);
        this.#outcome = undefined;
        this.#error = error;
      }
      throw error;
    }
    return this;
  }

  #isSuspended(task: number): boolean {
    return !this.#state.isClosed && this.#state.epoch === this.#epoch && this.#state.suspended().includes(task);
  }

  /** The module's number for it, while it waits. */
  get #id(): number | undefined {
    return (this.#outcome as Waiting | undefined)?.task;
  }

  /** The id of the waiting task. */
  #waiting(): number {
    if (this.#state.epoch !== this.#epoch) throw refused("the task is of before a restore; take it from `tasks`");
    if (this.#id === undefined) throw refused("the task is done");
    return this.#id;
  }

  /**
   * Goes on: with the answer of a host call (several values are several results), with more input (a text, bytes, or nothing at its end), and
   * with nothing after a pause or output. Returns once the task waits again or is done; throws the error that ends it.
   */
  resume(...values: unknown[]): this {
    const task = this.#waiting();
    const { kind } = this;
    if (kind === "call") return this.#step(() => this.#state.resume(task, values));
    if (kind === "input") return this.#step(() => this.#evaluation.feed(task, values[0] as string | undefined));
    if (values.length > 0) throw refused(`the task is ${kind} and takes no value; resume() it without`);
    return this.#step(() => this.#due ?? this.#state.goOn(task));
  }

  /** Goes on with an error in the place of the answer to a host call. */
  fail(error: unknown): this {
    const task = this.#waiting();
    if (this.kind !== "call") throw refused(`the task is ${this.kind} and takes no error; cancel() it`);
    return this.#step(() => this.#evaluation.raise(task, error));
  }

  /**
   * Leaves the task to the package from here on, as `lua.run()` does: host functions answer, and the event loop goes on meanwhile. A promise of what it
   * returns.
   */
  async run<T = unknown>(options: { signal?: AbortSignal } = {}): Promise<T> {
    const task = this.#waiting();
    const outcome = this.#due ?? this.#outcome!;
    this.#state.tasks.delete(task);
    this.#outcome = undefined;
    try {
      const value = await this.#evaluation.driveAsync(() => outcome, options.signal);
      this.#outcome = { status: Status.OK, value };
      return value as T;
    } catch (error) {
      this.#error = error;
      throw error;
    }
  }

  /** Ends the task; its `<close>` handlers run. Throws the error that one of them ends with. Nothing happens when it is done. */
  cancel(): void {
    const task = this.#id;
    if (task === undefined || this.#state.epoch !== this.#epoch) return;
    this.#outcome = undefined;
    this.#state.tasks.delete(task);
    this.#state.cancel(task);
  }
}
