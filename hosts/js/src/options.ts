import { Option } from "./numbers.js";
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

/** Libraries in the order of their bits. */
const LIBRARIES = "base package coroutine debug io math os string table utf8 msgpack host debug_full".split(" ");

const PAGE = 65536;

/** Options by what they may be: types, and values in quotes. */
const KINDS: Record<string, string> = {
  size: "memory pages fuel slice result output hostCalls tasks nesting",
  boolean: "binaryChunks finalizers nulls deterministic",
  function: "onOutput onErrorOutput",
  '"text" or "bytes"': "strings",
  '"number" or "bigint"': "integers",
  "number or bigint": "seed",
  "number or function": "clock",
  "number or string": "timeZone",
  "string or Uint8Array or function or true": "input",
  any: "module libraries",
};

function check(options: LuaOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.keys(KINDS).find((known) => KINDS[known]!.split(" ").includes(name));
    if (kind === undefined) throw new TypeError(`${name} is no option; there are ${Object.values(KINDS).join(" ")}`);
    const words = [typeof value, typeof value === "string" ? `"${value}"` : String(value), value instanceof Uint8Array && "Uint8Array"];
    const isFit = kind === "size" ? Number.isSafeInteger(value) && value >= 0 : kind.split(" or ").some((word) => words.includes(word));
    if (value === undefined || isFit || kind === "any") continue;
    throw new TypeError(`the option ${name} is ${kind === "size" ? "a whole number, 0 for no limit" : kind}, not ${String(value)}`);
  }
}

/** What the option is; -1 leaves it as a module starts, with the safe ones that it holds. */
function libraries(names: readonly string[] | undefined): number {
  if (names === undefined) return -1;
  if (!Array.isArray(names)) throw new TypeError("the option libraries is an array of names");
  let bits = 0;
  for (const name of names) {
    const place = LIBRARIES.indexOf(name);
    if (place < 0) throw new TypeError(`${name} is no library; there are ${LIBRARIES}`);
    bits |= 1 << place;
  }
  return bits;
}

function seed(given: LuaOptions["seed"], deterministic: boolean | undefined): bigint {
  if (given === undefined) {
    return deterministic ? 0n : crypto.getRandomValues(new BigUint64Array(1))[0]!;
  }
  const integer = typeof given === "bigint" || Number.isSafeInteger(given) ? BigInt(given) : -1n;
  // -1 for what is below 0.
  if (integer >> 64n) {
    throw new TypeError(`the option seed is a whole number below 2^64, not ${given}`);
  }
  return integer;
}

/** Options in force: what the module gets, and what the package itself does. */
export interface Settings extends LuaOptions {
  /** Set once, before the first run; -1 leaves an option alone. */
  first: [Option, number][];
  /** Set at the start and after each restore. */
  lasting: [Option, number][];
  nesting: number;
  exact: boolean;
  binary: boolean;
  clock: (() => number) | number;
}

/** Checks options and fills in what is left out. */
export function settingsOf(options: LuaOptions): Settings {
  check(options);
  const { memory = 64 << 20, deterministic, input, clock, timeZone } = options;
  const number = seed(options.seed, deterministic);
  const binary = options.strings === "bytes";
  return {
    ...options,
    first: [
      [Option.LIBRARIES, libraries(options.libraries)],
      [Option.SEED_LOW, Number(number & 0xffffffffn)],
      [Option.SEED_HIGH, Number(number >> 32n)],
    ],
    lasting: [
      [Option.MEMORY, memory],
      [Option.PAGES, options.pages ?? Math.ceil((2 * memory) / PAGE)],
      [Option.FUEL, options.fuel ?? 0],
      [Option.SLICE, options.slice ?? 1_000_000],
      [Option.OUTPUT, options.output ?? (options.onOutput ? PAGE : 0)],
      [Option.RESULT, options.result ?? 0],
      [Option.HOST_CALLS, options.hostCalls ?? 0],
      [Option.BINARY_CHUNKS, Number(options.binaryChunks ?? 0)],
      [Option.FORMAT, 1],
      [Option.FINALIZERS, Number(options.finalizers ?? 1)],
      [Option.TASKS_LIMIT, options.tasks ?? 10_000],
      [Option.STRINGS, Number(binary)],
      [Option.NULLS, Number(options.nulls ?? 0)],
      [Option.INPUT, Number(typeof input === "function" || input === true)],
      [Option.ERROR_OUTPUT, Number(!!options.onErrorOutput)],
    ],
    nesting: options.nesting ?? 16,
    exact: options.integers === "bigint",
    binary,
    clock: clock ?? (deterministic ? 0 : systemClock),
    ...(deterministic ? { timeZone: timeZone ?? 0 } : {}),
  };
}

function systemClock(): number {
  return Date.now() / 1000;
}
