import { Library, Option } from "./numbers.js";
import type { ModuleSource } from "./module.js";

/** A library of Lua that scripts can use. */
export type LibraryName =
  | "base"
  | "package"
  | "coroutine"
  | "debug"
  | "io"
  | "math"
  | "os"
  | "string"
  | "table"
  | "utf8"
  | "msgpack"
  | "host"
  | "debug_full";

/** What standard input reads: all of it, or a function that is asked for more; `null` from it is the end. */
export type InputSource =
  | string
  | Uint8Array
  | (() => string | Uint8Array | null | undefined | Promise<string | Uint8Array | null | undefined>)
  | true;

/** What `Lua.create` takes. Where nothing else is said, 0 is no limit. */
export interface LuaOptions {
  /** The module: compiled, as bytes, as a `Response` or a promise of one of these, or the URL of `lua54.wasm`. The package's own file by default. */
  module?: ModuleSource;
  /** Bytes that the script's values, files, output and results may take. 64 MiB by default. */
  memory?: number;
  /** Pages of 64 KiB that the instance may reach into. Twice `memory` by default. */
  pages?: number;
  /** Units that each evaluation may use, about one for each VM instruction. No limit by default. */
  fuel?: number;
  /** Units after which a running evaluation lets the event loop in. 1,000,000 by default. */
  slice?: number;
  /** Bytes of a result, at most. */
  result?: number;
  /** Bytes of output that are held until `onOutput` takes them, 65,536 by default with one; without one an evaluation that prints more ends. */
  output?: number;
  /** Host calls that an evaluation may make. */
  hostCalls?: number;
  /** Evaluations that may wait at once. 10,000 by default. */
  tasks?: number;
  /** Evaluations that may run within host functions of each other. 16 by default. */
  nesting?: number;
  /** The libraries that scripts can use: by default all but `debug_full`, with which a script can break its instance. */
  libraries?: readonly LibraryName[];
  /** Lets `load` take precompiled chunks, which can break the instance. */
  binaryChunks?: boolean;
  /** `false` lets `setmetatable` ignore `__gc`. */
  finalizers?: boolean;
  /** `"bytes"` brings every string as `Uint8Array`, but for keys of tables that are UTF-8. By default, `"text"`, strings that are UTF-8 come as strings. */
  strings?: "text" | "bytes";
  /** `"bigint"` brings every integer as bigint, and takes numbers as floats, so that no type depends on a value. By default, `"number"`, integers are numbers up to 2^53. */
  integers?: "number" | "bigint";
  /** `null` within tables arrives as `host.null`. By default it is nil, and so no entry. */
  nulls?: boolean;
  /** Seed of hashing and of `math.random`, an integer below 2^64. Random by default. */
  seed?: number | bigint;
  /** Seconds since 1970 that `os.time` reads, or what answers them. The system's by default. */
  clock?: number | (() => number);
  /** Minutes east of UTC, or a TZ string of POSIX such as `CET-1CEST,M3.5.0,M10.5.0/3`. The distance that the system has now by default. */
  timeZone?: number | string;
  /** Seed, clock and time zone are 0, so that equal evaluations give equal results. */
  deterministic?: boolean;
  /** Gets what scripts print, in pieces of whole characters, as text and as bytes. Without it `lua.output()` has it. */
  onOutput?: (text: string, bytes: Uint8Array) => void;
  /** Gets what scripts write to `io.stderr`, and warnings. Without it they are part of the output. */
  onErrorOutput?: (text: string, bytes: Uint8Array) => void;
  /** Standard input. Empty by default; `true` for tasks whose host answers `input` by itself. */
  input?: InputSource;
}

/** Bits of the option LIBRARIES. */
const LIBRARIES: Record<LibraryName, number> = {
  base: Library.base,
  package: Library.package,
  coroutine: Library.coroutine,
  debug: Library.debug,
  io: Library.io,
  math: Library.math,
  os: Library.os,
  string: Library.string,
  table: Library.table,
  utf8: Library.utf8,
  msgpack: Library.msgpack,
  host: Library.host,
  debug_full: Library.debug_full,
};

const SAFE = 4095;
const PAGE = 65536;

/** What each option may be. */
const KINDS: Record<keyof LuaOptions, string> = {
  module: "any",
  memory: "size",
  pages: "size",
  fuel: "size",
  slice: "size",
  result: "size",
  output: "size",
  hostCalls: "size",
  tasks: "size",
  nesting: "size",
  libraries: "array",
  binaryChunks: "boolean",
  finalizers: "boolean",
  strings: "text bytes",
  integers: "number bigint",
  nulls: "boolean",
  seed: "any",
  clock: "any",
  timeZone: "any",
  deterministic: "boolean",
  onOutput: "function",
  onErrorOutput: "function",
  input: "any",
};

function check(options: LuaOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const kind = KINDS[name as keyof LuaOptions];
    if (kind === undefined) {
      throw new TypeError(`${name} is no option; there are ${Object.keys(KINDS).join(", ")}`);
    }
    if (value === undefined || kind === "any") continue;
    let wanted: string | undefined;
    if (kind === "size") {
      if (!Number.isSafeInteger(value) || value < 0) wanted = "a whole number, 0 for no limit";
    } else if (kind === "array") {
      if (!Array.isArray(value)) wanted = "an array of names";
    } else if (kind.includes(" ")) {
      if (!kind.split(" ").includes(value)) wanted = kind.replace(" ", " or ");
    } else if (typeof value !== kind) {
      wanted = `a ${kind}`;
    }
    if (wanted !== undefined) throw new TypeError(`the option ${name} is ${wanted}, not ${String(value)}`);
  }
}

function libraries(names: readonly string[] | undefined): number {
  let bits = names === undefined ? SAFE : 0;
  for (const name of names ?? []) {
    const bit = LIBRARIES[name as LibraryName];
    if (bit === undefined) {
      throw new TypeError(`${name} is no library; there are ${Object.keys(LIBRARIES).join(", ")}`);
    }
    bits |= bit;
  }
  return bits;
}

function seed(given: LuaOptions["seed"], deterministic: boolean): bigint {
  if (given === undefined) {
    return deterministic ? 0n : crypto.getRandomValues(new BigUint64Array(1))[0]!;
  }
  const integer = typeof given === "bigint" || Number.isSafeInteger(given) ? BigInt(given) : -1n;
  if (integer < 0n || integer >= 1n << 64n) {
    throw new TypeError(`the option seed is a whole number below 2^64, not ${given}`);
  }
  return integer;
}

/** Options in force: what the module gets, and what the package itself does. */
export interface Settings {
  /** Set once, before the first run. */
  first: [Option, number][];
  /** Set at the start and after each restore. */
  lasting: [Option, number][];
  nesting: number;
  exact: boolean;
  binary: boolean;
  nulls: boolean;
  clock: (() => number) | number;
  /** `undefined` for the system's. */
  timeZone: number | string | undefined;
  deterministic: boolean;
  onOutput: LuaOptions["onOutput"];
  onErrorOutput: LuaOptions["onErrorOutput"];
  input: InputSource | undefined;
}

/** Checks options and fills in what is left out. */
export function settingsOf(options: LuaOptions): Settings {
  check(options);
  const { memory = 64 << 20, deterministic = false, input, clock, timeZone } = options;
  const number = seed(options.seed, deterministic);
  if (clock !== undefined && typeof clock !== "function" && !Number.isFinite(clock)) {
    throw new TypeError(`the option clock is a number of seconds or a function, not ${String(clock)}`);
  }
  if (timeZone !== undefined && typeof timeZone !== "number" && typeof timeZone !== "string") {
    throw new TypeError(`the option timeZone is minutes east of UTC or a TZ string, not ${String(timeZone)}`);
  }
  if (![undefined, true].includes(input as undefined) && typeof input !== "string"
    && typeof input !== "function" && !(input instanceof Uint8Array)) {
    throw new TypeError(`the option input is a text, bytes, a function or true, not ${String(input)}`);
  }
  const streams = typeof input === "function" || input === true;
  const lasting: [Option, number][] = [
    [Option.MEMORY, memory],
    [Option.PAGES, options.pages ?? Math.ceil((2 * memory) / PAGE)],
    [Option.FUEL, options.fuel ?? 0],
    [Option.SLICE, options.slice ?? 1_000_000],
    [Option.OUTPUT, options.output ?? (options.onOutput ? 65536 : 0)],
    [Option.RESULT, options.result ?? 0],
    [Option.HOST_CALLS, options.hostCalls ?? 0],
    [Option.BINARY_CHUNKS, Number(options.binaryChunks ?? false)],
    [Option.FORMAT, 1],
    [Option.FINALIZERS, Number(options.finalizers ?? true)],
    [Option.TASKS_LIMIT, options.tasks ?? 10_000],
    [Option.STRINGS, Number(options.strings === "bytes")],
    [Option.NULLS, Number(options.nulls ?? false)],
    [Option.INPUT, Number(streams)],
    [Option.ERROR_OUTPUT, Number(options.onErrorOutput !== undefined)],
  ];
  return {
    first: [
      [Option.LIBRARIES, libraries(options.libraries)],
      [Option.SEED_LOW, Number(number & 0xffffffffn)],
      [Option.SEED_HIGH, Number(number >> 32n)],
    ],
    lasting,
    nesting: options.nesting ?? 16,
    exact: options.integers === "bigint",
    binary: options.strings === "bytes",
    nulls: options.nulls ?? false,
    clock: clock ?? (deterministic ? 0 : systemClock),
    timeZone: timeZone ?? (deterministic ? 0 : undefined),
    deterministic,
    onOutput: options.onOutput,
    onErrorOutput: options.onErrorOutput,
    input,
  };
}

function systemClock(): number {
  return Date.now() / 1000;
}
