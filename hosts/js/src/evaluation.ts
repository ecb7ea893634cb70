import { LuaBudgetError, LuaCancelledError, LuaError, LuaRefusedError, refused } from "./errors.js";
import { Results } from "./decoder.js";
import { TOO_BIG } from "./instance.js";
import { Info, Status } from "./numbers.js";
import { OPERATION } from "./references.js";
import type { Outcome, State, Waiting } from "./state.js";

/** An evaluation lets the event loop in after so many milliseconds of host calls that are answered at once. */
const TURN = 8;

const RUN = "use run() or callAsync(), which wait for it";

const utf8 = new TextEncoder();

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}

/** Resolves once the event loop has had its turn. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") {
      setImmediate(resolve);
    } else if (typeof Worker === "function") {
      // Timers of pages wait for at least 4 ms, and those of hidden pages for a second.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(0);
    } else {
      // Messages of workerd come before its timers, so that no timer would ever come.
      setTimeout(resolve);
    }
  });
}

/** One evaluation from its start to its end: answers what it waits for, as far as the host can. */
export class Evaluation {
  readonly #epoch: number;
  readonly #driven: Set<number>;
  /** What host functions threw, under the text that Lua got of it, the last one first. */
  #thrown: [message: string, error: unknown][] = [];

  constructor(readonly state: State) {
    if (state.depth > state.settings.nesting && state.settings.nesting > 0) {
      throw refused(
        `evaluations nest ${state.depth} deep in host functions; end the recursion, or raise the option nesting`,
      );
    }
    this.#epoch = state.epoch;
    this.#driven = state.driven;
  }

  /** Whether the state is the one that this began in. */
  #check(): void {
    if (this.state.isClosed) throw refused("this Lua was closed while the evaluation waited");
    if (this.state.epoch !== this.#epoch) throw refused("this Lua was restored while the evaluation waited");
  }

  /** Does what runs the task, and hands over its output. */
  step(run: () => Outcome): Outcome {
    this.#check();
    let outcome: Outcome;
    try {
      outcome = run();
    } catch (error) {
      if (!this.state.isClosed) this.state.flush();
      throw this.#explain(error);
    }
    this.#orEnd(outcome, () => this.state.flush());
    return outcome;
  }

  /** Does something of the host's; when that throws, the task ends. */
  #orEnd<T>(outcome: Outcome, act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (outcome.status !== Status.OK) this.#cancel(outcome.task);
      throw error;
    }
  }

  /** Ends the task, if it is still there; what its `__close` handlers end with is of no use to anyone. */
  #cancel(task: number): void {
    try {
      if (!this.state.isClosed && this.state.epoch === this.#epoch) this.state.cancel(task);
    } catch {}
  }

  /** Gives an error of Lua the error of the host that it came from as its cause. */
  #explain(error: unknown): unknown {
    if (!(error instanceof LuaError)) return error;
    const found = this.#thrown.find(([message]) => message && error.message.endsWith(message));
    if (found && !("cause" in error)) error.cause = found[1];
    return error;
  }

  /** Raises in the script what a host function threw. */
  raise(task: number, error: unknown): Outcome {
    const message = messageOf(error);
    const value = error instanceof LuaError && error.value !== undefined ? error.value : error instanceof Error ? message : error;
    this.#thrown = [[message, error] as [string, unknown], ...this.#thrown].slice(0, 16);
    return this.step(() => {
      try {
        return this.state.raise(task, value);
      } catch (failure) {
        if (!isUnfit(failure)) throw failure;
        // What cannot be encoded is raised as its text, and a text that is no UTF-8 as near to it as bytes come.
        return this.state.raise(task, utf8.encode(message.slice(0, 1000)));
      }
    });
  }

  /** Goes on with the answer of a host function. An answer that Lua cannot have is an error of the function. */
  resume(task: number, value: unknown, name: string): Outcome {
    let unfit: unknown;
    const outcome = this.step(() => {
      try {
        return this.state.resume(task, value instanceof Results ? value : [value], `the result of ${name}`);
      } catch (failure) {
        if (!isUnfit(failure)) throw failure;
        unfit = failure;
        return { status: Status.PAUSED, task };
      }
    });
    return unfit === undefined ? outcome : this.raise(task, unfit);
  }

  /** Calls what the script asked for. */
  #invoke(name: string, values: unknown[]): unknown {
    const { state } = this;
    state.depth++;
    try {
      if (OPERATION.test(name)) {
        const [object, ...others] = values;
        return state.references.operate(name, object as object, others);
      }
      const known = state.functions.get(name);
      if (known) return known(...values);
    } finally {
      state.depth--;
    }
    throw new Error(
      state.functions.has(name)
        ? `${name} waits for its host; call it in a task of start()`
        : `there is no host function ${name}; define() it`,
    );
  }

  /**
   * Answers what the task waits for, and goes on: what came next. Where the answer is a promise, a promise of what goes on; that is an
   * error of the script where the evaluation cannot wait.
   */
  answer(outcome: Waiting, canWait: boolean): Outcome | Promise<() => Outcome> {
    const { state } = this;
    const { task } = outcome;
    if (outcome.status === Status.YIELD) {
      const { name, values } = outcome;
      let value: unknown;
      let promise: Promise<unknown> | undefined;
      try {
        value = this.#invoke(name, values);
        if (isPromise(value)) {
          promise = Promise.resolve(value);
          if (!canWait) {
            promise.catch(() => undefined);
            throw new Error(`the host function ${name} is asynchronous; ${RUN}`);
          }
        }
      } catch (error) {
        this.#check();
        return this.raise(task, error);
      }
      if (promise === undefined) return this.resume(task, value, name);
      return promise.then(
        (settled) => () => this.resume(task, settled, name),
        (error) => () => this.raise(task, error),
      );
    }
    if (outcome.status === Status.INPUT) {
      const { input } = state.settings;
      const more = typeof input === "function" ? this.#orEnd(outcome, input) : null;
      if (!isPromise(more)) return this.#orEnd(outcome, () => this.feed(task, more));
      // What it rejects with ends the evaluation, which waits for it.
      if (canWait) return Promise.resolve(more).then((settled) => () => this.feed(task, settled));
      Promise.resolve(more).catch(() => undefined);
      this.#cancel(task);
      throw refused(`the option input is asynchronous; ${RUN}`);
    }
    if (outcome.status === Status.OUTPUT && !state.settings.onOutput && state.instance.info(Info.OUTPUT_LEN) > 0) {
      this.#cancel(task);
      throw new LuaBudgetError("more was printed than the option output lets; take it by onOutput", {
        status: Status.OUTPUT,
      });
    }
    return this.step(() => state.goOn(task));
  }

  /** Adds to standard input, of which nothing is the end, and goes on. */
  feed(task: number, more: string | Uint8Array | null | undefined): Outcome {
    const { instance } = this.state;
    const bytes = typeof more === "string" ? utf8.encode(more) : (more ?? new Uint8Array());
    if (!(bytes instanceof Uint8Array)) throw new TypeError("input is a text, a Uint8Array, or null at its end");
    const status = instance.give(bytes, bytes.length, (ptr, length) => instance.exports.write_input(ptr, length));
    instance.check(status, () => TOO_BIG);
    return this.step(() => this.state.goOn(task));
  }

  /** Runs to the end: the results. */
  drive(start: () => Outcome): unknown {
    let outcome = this.step(start);
    if (outcome.status === Status.OK) return outcome.value;
    const { task } = outcome;
    this.#driven.add(task);
    try {
      while (outcome.status !== Status.OK) outcome = this.answer(outcome, false) as Outcome;
      return outcome.value;
    } catch (error) {
      this.#cancel(task);
      throw error;
    } finally {
      this.#driven.delete(task);
    }
  }

  /** Runs to the end, and lets the event loop in meanwhile: a promise of the results. */
  async driveAsync(start: () => Outcome, signal: AbortSignal | undefined): Promise<unknown> {
    let outcome = this.step(start);
    if (outcome.status === Status.OK) return outcome.value;
    const { task } = outcome;
    this.#driven.add(task);
    try {
      let since = performance.now();
      while (outcome.status !== Status.OK) {
        if (outcome.status === Status.PAUSED || signal?.aborted || performance.now() - since > TURN) {
          await this.#wait(nextTurn(), task, signal);
          since = performance.now();
        }
        const next: Outcome | Promise<() => Outcome> = this.answer(outcome, true);
        outcome = next instanceof Promise ? (await this.#wait(next, task, signal))() : next;
      }
      return outcome.value;
    } catch (error) {
      this.#cancel(task);
      throw error;
    } finally {
      this.#driven.delete(task);
    }
  }

  /** Waits for a promise, the signal, or the end of the state. */
  #wait<T>(promise: Promise<T>, task: number, signal: AbortSignal | undefined): Promise<T> {
    const { waiting } = this.state;
    return new Promise((resolve, reject) => {
      const done = (): void => {
        signal?.removeEventListener("abort", stop);
        waiting.delete(stop);
      };
      const stop = (): void => {
        done();
        try {
          this.#check();
          this.#cancel(task);
          reject(cancelled(signal!));
        } catch (error) {
          reject(error);
        }
      };
      signal?.addEventListener("abort", stop);
      waiting.add(stop);
      promise.finally(done).then(resolve, reject);
      if (signal?.aborted) stop();
    });
  }
}

/** The error of an evaluation whose signal ended it. */
export function cancelled(signal: AbortSignal): LuaCancelledError {
  return new LuaCancelledError("the evaluation was cancelled by its signal", { status: Status.CANCELLED, cause: signal.reason });
}

/** What an error of the host tells, or anything else that was thrown. */
function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message || error.name : error);
  } catch {
    return "an object without text";
  }
}

/** Whether a value could not be given to Lua, so that the task still waits. A getter of it may throw anything. */
function isUnfit(error: unknown): boolean {
  return !(error instanceof LuaError) || (error instanceof LuaRefusedError && error.status !== Status.BAD_STATE);
}
