import { cancelled, Evaluation } from "./evaluation.js";
import { LuaFiles } from "./files.js";
import type { LuaFunction } from "./functions.js";
import { checkModule, compile, type Load, type ModuleSource } from "./module.js";
import { Figure } from "./numbers.js";
import { settingsOf, type LuaOptions, type Settings } from "./options.js";
import { OPERATION, type ReferenceOptions } from "./references.js";
import { load, save } from "./snapshot.js";
import { State, type HostFunction, type Outcome } from "./state.js";
import { ACCESS, tableOf, type LuaTable } from "./table.js";
import { Task } from "./task.js";

/** How source is evaluated. */
export interface EvalOptions {
  /** The chunk's name, as errors show it: `@game.lua` for a file, `=input` for other things. `=eval` by default. */
  name?: string;
  /** The chunk's arguments, which it finds in `...`. */
  args?: readonly unknown[];
}

/** How something is evaluated that may take its time. */
export interface RunOptions {
  /** Cancels the evaluation: it ends with a `LuaCancelledError` whose `cause` is the signal's reason. */
  signal?: AbortSignal;
}

/** Host functions by name, and tables of them. */
export interface HostFunctions {
  [name: string]: HostFunction | HostFunctions | undefined;
}

/** Where something is: names joined by dots, looked up from the globals, or an array of keys. */
export type Path = string | readonly (string | number | bigint)[];

/** What an instance uses. */
export interface Stats {
  /** Units of fuel that the last evaluation used. */
  fuelUsed: number;
  /** Bytes allocated now. */
  memoryUsed: number;
  /** The most bytes that ever were. */
  memoryPeak: number;
  /** Pages of 64 KiB of the instance's memory. */
  pages: number;
  /** Evaluations that wait. */
  tasks: number;
  /** Functions of Lua that the host holds. */
  handles: number;
  /** Host objects and callbacks that Lua holds. */
  references: number;
}

/** Where the package's own module is, and what answers URLs. */
interface Source {
  module: () => ModuleSource;
  load: Load;
}

/** One Lua state, in an instance of its own. `Lua.create` makes one. It belongs to its thread. */
export class Lua {
  /** @internal */
  protected static readonly source: Source;

  /** The in-memory file system. */
  readonly files: LuaFiles;
  // Not `#`, so that an attempt to pass a Lua to a worker is an error there and then.
  private readonly state: State;
  readonly #module: WebAssembly.Module;

  protected constructor(module: WebAssembly.Module, instance: WebAssembly.Instance, settings: Settings) {
    this.#module = module;
    this.state = new State(instance, settings);
    this.state.invoke = (callee, values) => this.#drive(() => this.state.call(callee, values));
    this.files = new LuaFiles(this.state);
  }

  /** A new state. Without `module` it is one of the package's own file, which is compiled once. */
  static async create(options: LuaOptions = {}): Promise<Lua> {
    const settings = settingsOf(options);
    const { module, load: answer } = this.source;
    const compiled = await compile(options.module ?? module(), answer);
    checkModule(compiled);
    return this.instantiate(compiled, settings);
  }

  /** @internal */
  protected static async instantiate(module: WebAssembly.Module, settings: Settings): Promise<Lua> {
    return new this(module, await WebAssembly.instantiate(module, {}), settings);
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.state.isClosed;
  }

  /** Gives up the instance; using it is an error from then on. Evaluations that wait end with one. */
  close(): void {
    this.state.close();
  }

  #drive(start: () => Outcome): unknown {
    return new Evaluation(this.state).drive(start);
  }

  // An error of the arguments is a rejection, too.
  async #driveAsync(start: () => Outcome, signal: AbortSignal | undefined): Promise<unknown> {
    if (signal?.aborted) throw cancelled(signal);
    return new Evaluation(this.state).driveAsync(start, signal);
  }

  #source(source: string | Uint8Array, options: EvalOptions): () => Outcome {
    if (typeof source !== "string" && !(source instanceof Uint8Array)) {
      throw new TypeError(`the source is a text or a Uint8Array, not ${String(source)}`);
    }
    const { name = "=eval", args = [] } = options;
    return () => this.state.eval(source, name, args);
  }

  #callee(callee: string | LuaFunction, args: readonly unknown[]): () => Outcome {
    if (typeof callee !== "string" && typeof callee !== "function") {
      throw new TypeError(`what is called is a path or a function, not ${String(callee)}`);
    }
    return () => this.state.call(callee, args);
  }

  /**
   * Evaluates source in the state: what it returns, `undefined` for nothing, `Results` for several values. Host functions that it calls must
   * answer at once.
   */
  eval<T = unknown>(source: string | Uint8Array, options: EvalOptions = {}): T {
    return this.#drive(this.#source(source, options)) as T;
  }

  /** As `eval`, but host functions may answer by promises, and the event loop goes on meanwhile. Any number may run at once. */
  async run<T = unknown>(source: string | Uint8Array, options: EvalOptions & RunOptions = {}): Promise<T> {
    return this.#driveAsync(this.#source(source, options), options.signal) as Promise<T>;
  }

  /** Calls a function of Lua, or what is at a path: `"game.on_key"`, or `"game.player:jump"`, a method. Host functions that it calls must answer at once. */
  call<T = unknown>(callee: string | LuaFunction, ...args: unknown[]): T {
    return this.#drive(this.#callee(callee, args)) as T;
  }

  /** As `call`, but host functions may answer by promises, and the event loop goes on meanwhile. */
  async callAsync<T = unknown>(callee: string | LuaFunction, args: readonly unknown[] = [], options: RunOptions = {}): Promise<T> {
    return this.#driveAsync(this.#callee(callee, args), options.signal) as Promise<T>;
  }

  /** Starts a task that the host steps: it runs until it is done, pauses at the end of a slice, or waits for the host. */
  start(source: string | Uint8Array, options: EvalOptions = {}): Task {
    return new Task(this.state, this.#source(source, options));
  }

  /** The tasks that wait for the host to go on with them, the oldest first; after a restore those of the snapshot. */
  get tasks(): Task[] {
    const { state } = this;
    return state
      .suspended()
      .filter((id) => !state.driven.has(id))
      .map((id) => state.tasks.get(id) ?? new Task(state, () => state.request(id), false));
  }

  /** The value at a path; `undefined` for nil. */
  get<T = unknown>(path: Path): T {
    const [keys, names] = namesOf(path);
    return this.eval<T>(`local ${names.join()} = ... return _ENV${indexes(names)}`, { name: "=get", args: keys });
  }

  /** Assigns to a path. The tables on the way must be there. */
  set(path: Path, value: unknown): void {
    const [keys, names] = namesOf(path);
    this.eval(`local value, ${names.join()} = ... _ENV${indexes(names)} = value`, { name: "=set", args: [value, ...keys] });
  }

  /**
   * Makes host functions: one at a path, or a whole table of them at once. What one throws or rejects with is an error in the script. Without a
   * function the task that calls it waits for its host (see `start`).
   */
  define(functions: HostFunctions): void;
  define(path: string, definition?: HostFunction | HostFunctions): void;
  define(path: string | HostFunctions, definition?: HostFunction | HostFunctions): void {
    if (typeof path !== "string") {
      for (const [name, value] of Object.entries(path)) this.define(name, value);
    } else if (typeof definition === "object" && definition !== null) {
      for (const [name, value] of Object.entries(definition)) this.define(`${path}.${name}`, value);
    } else if (definition !== undefined && typeof definition !== "function") {
      throw new TypeError(`${path} is to be a function, not ${String(definition)}`);
    } else {
      if (OPERATION.test(path)) throw new TypeError(`${path} is what Lua asks host objects by; take another name`);
      const [keys, names] = namesOf(path);
      const tables = names.slice(0, -1).map((_, i) => indexes(names.slice(0, i + 1)));
      this.eval(
        `local name, ${names.join()} = ...
        if not host then error("host functions need the library host; add it to the option libraries", 0) end
        ${tables.map((at) => `_ENV${at} = _ENV${at} or {} `).join("")}
        _ENV${indexes(names)} = host.define(name)`,
        { name: "=define", args: [path, ...keys] },
      );
      this.state.functions.set(path, definition);
    }
  }

  /** The table at a path, or of all globals, as a proxy: each access goes to Lua. */
  ref(path: Path = "_G"): LuaTable {
    const [keys, names] = namesOf(path);
    const access = this.eval<LuaFunction | undefined>(
      `${ACCESS} local ${names.join()} = ... local found = _ENV${indexes(names)}
      return type(found) == "table" and access(found) or nil`,
      { name: "=ref", args: keys },
    );
    if (access === undefined) throw new TypeError(`there is no table at ${keys.join(".")}; get() answers other values`);
    return tableOf(access, this.state.settings.exact);
  }

  /** Makes an object one that goes to Lua by reference, with the members that scripts may use; answers it. Functions go so by themselves. */
  reference<T extends object>(object: T, options: ReferenceOptions = {}): T {
    return this.state.references.expose(object, options);
  }

  /** What scripts printed since the last time, where there is no `onOutput`. */
  output(): string {
    return this.state.output()[0];
  }

  /** What the instance uses. */
  get stats(): Stats {
    const { instance, references } = this.state;
    return {
      fuelUsed: instance.get(Figure.FUEL_USED),
      memoryUsed: instance.get(Figure.MEMORY_USED),
      memoryPeak: instance.get(Figure.MEMORY_PEAK),
      pages: instance.bytes.length / 65536,
      tasks: instance.get(Figure.TASKS),
      handles: instance.get(Figure.HANDLES),
      references: references.size,
    };
  }

  /** Collects all garbage of Lua and of the instance; the bytes in use. */
  compact(): number {
    const { instance } = this.state;
    const bytes = instance.guard(() => instance.exports.compact());
    instance.checkHealth();
    return bytes;
  }

  /**
   * The state in the stored form of ABI.md, with the tasks that wait: any Moonlet of the same build goes on with it. Garbage is collected first,
   * unless `compact` is `false`, which is faster and may be larger.
   */
  snapshot({ compact = true }: { compact?: boolean } = {}): Uint8Array {
    const { instance } = this.state;
    instance.checkHealth();
    if (compact) this.compact();
    return save(instance);
  }

  /**
   * Makes the state that of a snapshot, whatever it is now; refuses one that is damaged or of another build, and changes nothing then. Functions,
   * tasks and host objects of before are void, evaluations that wait end with an error. Host functions go on by name, options are those of this Lua.
   */
  restore(snapshot: Uint8Array): void {
    const { state } = this;
    const number = load(state.instance, snapshot);
    state.renew(number);
    state.configure();
  }

  /** A copy of the state, with its own future: host functions, host objects and options are the same, and tasks that wait do so in both. */
  async fork(): Promise<Lua> {
    const { handles, references, functions, settings } = this.state;
    const snapshot = this.snapshot({ compact: false });
    const given = [...handles.counts()];
    const [numbered, defined] = [references.copy(), [...functions]];
    const copy = await (this.constructor as typeof Lua).instantiate(this.#module, settings);
    copy.restore(snapshot);
    copy.state.references = numbered;
    for (const [name, definition] of defined) copy.state.functions.set(name, definition);
    // The handles in force are this Lua's. Those that the copy has in tasks of its own stay, nobody will release the others.
    copy.tasks;
    const kept = new Map(copy.state.handles.counts());
    for (const [handle, times] of given) copy.state.release(handle, times - (kept.get(handle) ?? 0));
    return copy;
  }
}

export interface Lua {
  /** As `close`, at the end of a `using` block. */
  [Symbol.dispose](): void;
}

if (Symbol.dispose) Lua.prototype[Symbol.dispose] = Lua.prototype.close;

/**
 * The class with a module of its own. By its key the class has its name, which a bundler would change where two have the same.
 * @internal
 */
export function luaOf(source: Source): typeof Lua {
  return {
    Lua: class extends Lua {
      protected static override readonly source = source;
    },
  }.Lua;
}

/** The keys of a path, and a name for each of them. */
function namesOf(path: Path): [keys: readonly unknown[], names: string[]] {
  const keys = typeof path === "string" ? path.split(".") : path;
  if (!Array.isArray(keys) || keys.length === 0 || (keys !== path && keys.includes(""))) {
    throw new TypeError(`a path is like "game.player" or ["players", 1], not ${JSON.stringify(path)}`);
  }
  return [keys, keys.map((_, i) => `k${i}`)];
}

function indexes(names: string[]): string {
  return names.map((name) => `[${name}]`).join("");
}
