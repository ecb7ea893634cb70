import { Status } from "./numbers.js";

/** What a `LuaError` tells beside its message. */
export interface LuaErrorDetails {
  /** A status of ABI.md. */
  status: number;
  /** Lua's traceback. */
  traceback?: string | undefined;
  /** The name of the chunk in which it happened. */
  chunk?: string | undefined;
  /** The line of that chunk. */
  line?: number | undefined;
  /** The error itself where it is no string: what the script gave to `error`. */
  value?: unknown;
  /** What was thrown by a host function, the engine or an `AbortSignal`. */
  cause?: unknown;
}

/** The kind of an error, by which `switch` can tell it. */
export type LuaErrorKind =
  | "syntax"
  | "runtime"
  | "memory"
  | "budget"
  | "cancelled"
  | "exit"
  | "poisoned"
  | "refused";

/** An error of a script or of its instance. Wrong arguments are `TypeError`s. */
export abstract class LuaError extends Error {
  /** What `switch` can tell it by, as the class does. */
  abstract readonly kind: LuaErrorKind;
  /** A status of ABI.md. */
  readonly status: number;
  /** Lua's traceback, where there is one. */
  readonly traceback: string | undefined;
  /** The name of the chunk in which it happened, where that is known. */
  readonly chunk: string | undefined;
  /** The line of that chunk, counted from 1, where that is known. */
  readonly line: number | undefined;
  /** The error itself where it is no string: what the script gave to `error`. */
  readonly value: unknown;

  constructor(message: string, details: LuaErrorDetails) {
    super(message, details);
    this.status = details.status;
    this.traceback = details.traceback;
    this.chunk = details.chunk;
    this.line = details.line;
    this.value = details.value;
  }

  override get name(): string {
    return `Lua${this.kind[0]!.toUpperCase()}${this.kind.slice(1)}Error`;
  }
}

/** The source is no Lua. */
export class LuaSyntaxError extends LuaError {
  readonly kind = "syntax";
}

/** The script raised an error, or what it returned is too large (status 22). */
export class LuaRuntimeError extends LuaError {
  readonly kind = "runtime";
}

/** The script used up the option `memory`. The state goes on. */
export class LuaMemoryError extends LuaError {
  readonly kind = "memory";
}

/** The script used up the option `fuel`, or `output` (status 17). The state goes on. */
export class LuaBudgetError extends LuaError {
  readonly kind = "budget";
}

/** The task was ended by its host; `cause` is the reason of its `AbortSignal`. */
export class LuaCancelledError extends LuaError {
  readonly kind = "cancelled";
}

/** The script called `os.exit`. The state goes on. */
export class LuaExitError extends LuaError {
  readonly kind = "exit";
  /** What `os.exit` was given: 0 for success. */
  readonly code: number;

  constructor(message: string, details: LuaErrorDetails & { code: number }) {
    super(message, details);
    this.code = details.code;
  }
}

/** The engine tore down a call, by its limit of stack perhaps: only `restore` or a new `Lua` helps. */
export class LuaPoisonedError extends LuaError {
  readonly kind = "poisoned";
}

/** What was asked for cannot be done; nothing has changed. */
export class LuaRefusedError extends LuaError {
  readonly kind = "refused";
}

const CLASSES: Record<number, new (message: string, details: LuaErrorDetails & { code: number }) => LuaError> = {
  [Status.ERRSYNTAX]: LuaSyntaxError,
  [Status.ERRMEM]: LuaMemoryError,
  [Status.OUTPUT]: LuaBudgetError,
  [Status.BUDGET]: LuaBudgetError,
  [Status.CANCELLED]: LuaCancelledError,
  [Status.EXIT]: LuaExitError,
  [Status.POISONED]: LuaPoisonedError,
};

/** The error of a status. */
export function errorOf(message: string, details: LuaErrorDetails & { code?: number }): LuaError {
  const { status } = details;
  return new (CLASSES[status] ?? (status < Status.BAD_ARGUMENT ? LuaRuntimeError : LuaRefusedError))(message, { code: 0, ...details });
}

/** A refusal of the package itself. */
export function refused(message: string): LuaRefusedError {
  return new LuaRefusedError(message, { status: Status.BAD_STATE });
}

/** The error of an instance that the engine tore down, by what it threw as the cause. */
export function poisoned(details: { cause?: unknown } = {}): LuaPoisonedError {
  return new LuaPoisonedError(
    "the engine tore down a call, by its limit of stack perhaps; restore a snapshot, or create another Lua",
    { ...details, status: Status.POISONED },
  );
}
