import { Decoder, Results, toText } from "./decoder.js";
import { Encoder } from "./encoder.js";
import { errorOf, poisoned, refused, type LuaError } from "./errors.js";
import { writeFile } from "./files.js";
import { Handles } from "./functions.js";
import { Instance } from "./instance.js";
import { Extension, Figure, Info, Option, Status } from "./numbers.js";
import type { Settings } from "./options.js";
import { References } from "./references.js";
import type { Task } from "./task.js";

/** What a host function may be: `undefined` from it is nil, `Results.of(...)` are several values. */
export type HostFunction = (...values: any[]) => unknown;

/** What a run export left: results, or what its task waits for. */
export type Outcome =
  | { status: Status.OK; value: unknown }
  | { status: Status.YIELD; task: number; name: string; values: unknown[] }
  | { status: Status.PAUSED | Status.OUTPUT | Status.INPUT; task: number };

/** What a task waits for. */
export type Waiting = Exclude<Outcome, { status: Status.OK }>;

const utf8 = new TextEncoder();

/** The system's time zone is looked up again when the clock has gone on by so many seconds. */
const ZONE_AGE = 900;

/** One Lua state in its instance, and what the host keeps for it. */
export class State {
  /** Host functions by name; `undefined` for those whose task waits for its host. */
  readonly functions = new Map<string, HostFunction | undefined>();
  references = new References();
  /** Counts restores: what belongs to an earlier time is void. */
  epoch = 0;
  /** Host functions that are running within each other. */
  depth = 0;
  /** Told when the state is closed or restored. */
  readonly waiting = new Set<() => void>();
  /** Tasks that `eval` and its like go on with by themselves. */
  driven = new Set<number>();
  /** Tasks that the host steps, by id. */
  tasks = new Map<number, Task>();
  handles = this.#newHandles();
  readonly #encoder: Encoder;
  #isEncoding = false;
  readonly #decoder: Decoder;
  #instance: Instance | undefined;
  #zoneTime = -Infinity;

  constructor(
    instance: WebAssembly.Instance,
    readonly settings: Settings,
  ) {
    this.#instance = new Instance(instance);
    this.#encoder = this.#newEncoder();
    this.#decoder = new Decoder({
      exact: settings.exact,
      binary: settings.binary,
      function: (handle) => this.handles.receive(handle),
      object: (reference) => this.references.object(reference),
    });
    for (const [option, value] of settings.first) if (value >= 0) this.#instance.set(option, value);
    this.configure();
    const { input } = settings;
    if (typeof input === "string" || input instanceof Uint8Array) writeFile(this.#instance, "/dev/stdin", input);
  }

  #newEncoder(): Encoder {
    return new Encoder({
      exact: this.settings.exact,
      nulls: this.settings.nulls,
      reference: (value, fresh) => this.references.number(value, fresh),
      handle: (value) => this.handles.handleOf(value),
    });
  }

  /** A getter of the host's data may call Lua while they are encoded, which takes another. */
  #freeEncoder(): Encoder {
    return this.#isEncoding ? this.#newEncoder() : this.#encoder;
  }

  #newHandles(): Handles {
    return new Handles(
      (callee, values) => this.invoke(callee, values),
      (handle, times) => this.release(handle, times),
    );
  }

  /** Calls a function of Lua; set by `Lua`, which knows how. */
  invoke: (callee: object, values: unknown[]) => unknown = () => undefined;

  get isClosed(): boolean {
    return this.#instance === undefined;
  }

  /** The instance; throws after `close`. */
  get instance(): Instance {
    if (this.#instance === undefined) throw refused("this Lua is closed; create another");
    return this.#instance;
  }

  close(): void {
    this.#instance = undefined;
    this.functions.clear();
    this.renew(1);
  }

  /** Sets all options but those of the first run. */
  configure(): void {
    const { instance, settings } = this;
    for (const [option, value] of settings.lasting) instance.set(option, value);
    const { timeZone } = settings;
    if (timeZone !== undefined) {
      const status =
        typeof timeZone === "number"
          ? instance.exports.set(Option.TIME_ZONE, timeZone)
          : instance.lend(utf8.encode(timeZone), (ptr, length) => instance.exports.time_zone(ptr, length));
      instance.check(status, () => `the option timeZone is minutes, or a TZ string of POSIX, not ${timeZone}`);
    }
    this.#zoneTime = -Infinity;
  }

  /** Voids what belonged to the memory that was, and numbers references anew. */
  renew(reference: number): void {
    this.epoch++;
    // New ones: what ends late takes itself out of those of its own time.
    this.driven = new Set();
    this.tasks = new Map();
    this.handles.end();
    this.handles = this.#newHandles();
    this.references.restart(reference);
    for (const tell of [...this.waiting]) tell();
  }

  /** Lets the module know the time, as each run begins. */
  #tellTime(instance: Instance): void {
    const { clock, deterministic, timeZone } = this.settings;
    const now = typeof clock === "number" ? clock : clock();
    if (instance.exports.set(Option.CLOCK, now) === Status.BAD_ARGUMENT) {
      throw new TypeError(`the option clock answers ${String(now)}, which is no number of seconds`);
    }
    if (!deterministic) instance.exports.set(Option.MONOTONIC, performance.now() / 1000);
    if (timeZone === undefined && Math.abs(now - this.#zoneTime) > ZONE_AGE) {
      this.#zoneTime = now;
      instance.exports.set(Option.TIME_ZONE, -Math.round(new Date(now * 1000).getTimezoneOffset()) || 0);
    }
  }

  /** Encodes what `write` gives, runs, and reads what the run left; throws the error that it ended with. */
  #run(task: number, write: (encoder: Encoder) => void, run: (ptr: number, length: number) => number): Outcome {
    const { instance } = this;
    const encoder = this.#freeEncoder();
    const outer = this.#isEncoding;
    let answer = -Status.BAD_DATA as number;
    try {
      this.#isEncoding = true;
      write(encoder);
      this.#isEncoding = outer;
      this.#tellTime(instance);
      answer = instance.give(encoder.bytes, encoder.length, run);
    } finally {
      this.#isEncoding = outer;
      // What was numbered for a call that was refused never arrived.
      if (answer <= -Status.BAD_ARGUMENT) this.references.drop(encoder.fresh, false);
    }
    return this.#read(instance, answer, task);
  }

  /** What a run left. `task` is the one that went on, 0 for a new one. */
  #read(instance: Instance, answer: number, task: number): Outcome {
    const status = answer < 0 ? -answer : Status.OK;
    try {
      switch (status) {
        case Status.OK:
          return { status, value: this.#values(instance) };
        case Status.YIELD: {
          const [name, ...values] = this.decode(instance);
          return { status, task: task || instance.info(Info.TASK), name: toText(name as string), values };
        }
        case Status.PAUSED:
        case Status.OUTPUT:
        case Status.INPUT:
          return { status, task: task || instance.info(Info.TASK) };
      }
      throw this.#error(instance, status);
    } finally {
      this.#collect(instance);
    }
  }

  /** The result, an array of values. */
  decode(instance: Instance): unknown[] {
    return this.#decoder.values(instance.bytes, instance.view, instance.info(Info.RESULT_PTR));
  }

  /** Results as the host has them: one value as it is, several as `Results`. */
  #values(instance: Instance): unknown {
    const values = this.decode(instance);
    return values.length < 2 ? values[0] : Results.from(values);
  }

  #error(instance: Instance, status: number): LuaError {
    if (status === Status.POISONED) return poisoned();
    const told = this.#decoder.single(instance.bytes, instance.view, instance.info(Info.RESULT_PTR)) as ErrorMap;
    const { message, traceback, chunk, line, value } = told;
    return errorOf(toText(message), {
      status,
      traceback: traceback && toText(traceback),
      chunk: chunk && toText(chunk),
      line: line === undefined ? line : Number(line),
      value,
      code: instance.get(Figure.EXIT_CODE),
    });
  }

  /** Lets go of the host objects that Lua dropped. Makes another result. */
  #collect(instance: Instance): void {
    if (instance.info(Info.DROPPED) > 0 && instance.exports.dropped() > 0) {
      this.references.drop(this.decode(instance).map(Number), true);
    }
  }

  /** Runs with an array of values; `place` names each in errors. */
  #send(task: number, values: readonly unknown[], place: (i: number) => string, run: (ptr: number, length: number) => number): Outcome {
    const write = (encoder: Encoder): void => {
      encoder.start(values.length);
      for (let i = 0; i < values.length; i++) encoder.value(values[i], place(i));
    };
    return this.#run(task, write, run);
  }

  eval(source: string | Uint8Array, name: string, values: readonly unknown[]): Outcome {
    const place = (i: number): string => ["the source", "the name"][i] ?? `argument ${i - 1}`;
    return this.#send(0, [source, name, ...values], place, (ptr, length) => this.instance.exports.eval(ptr, length));
  }

  /** Calls a path, or a function of either side. */
  call(callee: unknown, values: readonly unknown[]): Outcome {
    const place = (i: number): string => (i === 0 ? "the function" : `argument ${i}`);
    return this.#send(0, [callee, ...values], place, (ptr, length) => this.instance.exports.call(ptr, length));
  }

  /** Goes on with a task; `name` names the values in errors. */
  resume(task: number, values: readonly unknown[], name = "the answer"): Outcome {
    const place = (i: number): string => (values.length > 1 ? `${name} ${i + 1}` : name);
    return this.#send(task, values, place, (ptr, length) => this.instance.exports.resume(task, ptr, length));
  }

  /** Goes on with a task, after a pause or what is like one. */
  goOn(task: number): Outcome {
    const { instance } = this;
    this.#tellTime(instance);
    return this.#read(instance, instance.guard(() => instance.exports.resume(task, 0, 0)), task);
  }

  raise(task: number, value: unknown): Outcome {
    const write = (encoder: Encoder): void => encoder.alone(value);
    return this.#run(task, write, (ptr, length) => this.instance.exports.raise(task, ptr, length));
  }

  /** Ends a task; throws what a `__close` handler of it ended with. */
  cancel(task: number): void {
    const { instance } = this;
    const status = instance.guard(() => instance.exports.cancel(task));
    if (status === Status.BAD_ARGUMENT) throw refused("the task is gone");
    if (status !== Status.OK) this.#read(instance, -status, task);
  }

  /** What a suspended task waits for. */
  request(task: number): Outcome {
    const { instance } = this;
    return this.#read(instance, instance.guard(() => instance.exports.request(task)), task);
  }

  /** Ids of the suspended tasks, the oldest first; those that another host has started with results as text are not for this one. */
  suspended(): number[] {
    const { instance } = this;
    const length = instance.guard(() => instance.exports.tasks());
    if (length < 0) throw this.#error(instance, -length);
    return (this.decode(instance) as unknown[][]).filter(([, , format]) => Number(format)).map(([id]) => Number(id));
  }

  release(handle: number, times: number): void {
    if (this.isClosed) return;
    const encoder = this.#freeEncoder();
    // As many at once as go through the buffer that is there: where memory is out, this has to work.
    for (let left = times; left > 0; left -= 100) {
      const some = Math.min(left, 100);
      encoder.start(some);
      for (let i = 0; i < some; i++) encoder.extension(Extension.HANDLE, handle);
      this.instance.give(encoder.bytes, encoder.length, (ptr, length) => this.instance.exports.release(ptr, length));
    }
  }

  /** Hands over what was printed since the last time, and clears it. */
  flush(): void {
    const { onOutput, onErrorOutput } = this.settings;
    const { instance } = this;
    if (onErrorOutput && instance.info(Info.ERROR_OUTPUT_LEN) > 0) {
      onErrorOutput(...this.#take(Info.ERROR_OUTPUT_PTR, instance.exports.error_output_clear));
    }
    if (onOutput && instance.info(Info.OUTPUT_LEN) > 0) onOutput(...this.output());
  }

  /** What was printed since the last time. */
  output(): [text: string, bytes: Uint8Array] {
    return this.#take(Info.OUTPUT_PTR, this.instance.exports.output_clear);
  }

  #take(place: Info, clear: () => void): [text: string, bytes: Uint8Array] {
    const bytes = this.instance.part(place).slice();
    clear();
    return [toText(bytes), bytes];
  }
}

/** What the module tells of an error. */
interface ErrorMap {
  message: string | Uint8Array;
  traceback?: string | Uint8Array;
  chunk?: string | Uint8Array;
  line?: number | bigint;
  value?: unknown;
}
