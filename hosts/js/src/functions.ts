import { refused } from "./errors.js";

declare global {
  // For projects whose `lib` is of before `using`.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
}

/**
 * A function of Lua, as long as the host has it; a coroutine or userdata is one, too, that cannot be called. The same function is the same value.
 *
 * Lua lets go of it once the host does: at `release()`, at the end of a `using` block, or when it is collected.
 */
export interface LuaFunction {
  // What a function answers is the script's to say, so that a type here would only make every call a cast.
  (...values: unknown[]): any;
  /** Lets go of the function; calling it is an error from then on. */
  release(): void;
  /** As `release`, at the end of a `using` block. */
  [Symbol.dispose](): void;
}

/** Handles that one value of the host stands for. */
export interface Cell {
  readonly handle: number;
  /** How often Lua gave it. */
  given: number;
  readonly value: WeakRef<object>;
  readonly handles: Handles;
}

const cells = new WeakMap<object, Cell>();
let registry: FinalizationRegistry<Cell> | undefined;

/** What is done for a function that was collected. Not within `receive`, whose first function it would keep. */
function collected(cell: Cell): void {
  try {
    cell.handles.release(cell);
  } catch {
    // The instance was torn down, or has no byte left: nobody is here to hear of it, and the next call tells.
  }
}

const Base = class LuaFunction {
  release(): void {
    const cell = cells.get(this)!;
    registry?.unregister(cell);
    cell.handles.release(cell);
  }
};
const { prototype } = Base;
Object.setPrototypeOf(prototype, Function.prototype);
if (Symbol.dispose) (prototype as unknown as LuaFunction)[Symbol.dispose] = prototype.release;

/** `value instanceof LuaFunction` tells functions of Lua from others. */
export const LuaFunction = Base as unknown as { readonly prototype: LuaFunction; new (): never };

/** The handles of one state that are in force. */
export class Handles {
  #cells = new Map<number, Cell>();

  /**
   * @param invoke calls a function of Lua
   * @param giveBack tells the module that a handle is released so often
   */
  constructor(
    readonly invoke: (callee: object, values: unknown[]) => unknown,
    readonly giveBack: (handle: number, times: number) => void,
  ) {}

  /** The value of a handle that Lua has just given. */
  receive(handle: number): object {
    const known = this.#cells.get(handle);
    const value = known?.value.deref();
    if (known && value) {
      known.given++;
      return value;
    }
    const lua = (...values: unknown[]): unknown => this.invoke(lua, values);
    Object.setPrototypeOf(lua, prototype);
    const cell: Cell = { handle, given: 1, value: new WeakRef(lua), handles: this };
    // A value that is collected, and whose finalizer is still to come, leaves the handle to the new one.
    if (known) {
      cell.given += known.given;
      known.given = 0;
    }
    cells.set(lua, cell);
    this.#cells.set(handle, cell);
    registry ??= new FinalizationRegistry(collected);
    registry.register(lua, cell, cell);
    return lua;
  }

  /** The handle of a cell that is in force. */
  handle(cell: Cell): number {
    if (cell.given === 0) throw refused("this Lua function was released, or is of before a restore; get it anew");
    if (cell.handles !== this) throw new TypeError("this function belongs to another Lua; pass one of this");
    return cell.handle;
  }

  /** The handle of `value`; `undefined` when it is no function of Lua. */
  handleOf(value: object): number | undefined {
    const cell = cells.get(value);
    return cell && this.handle(cell);
  }

  release(cell: Cell): void {
    const times = cell.given;
    cell.given = 0;
    if (this.#cells.get(cell.handle) === cell) this.#cells.delete(cell.handle);
    if (times > 0) this.giveBack(cell.handle, times);
  }

  /** How often each handle was given. */
  *counts(): Generator<[handle: number, given: number]> {
    for (const { handle, given } of this.#cells.values()) yield [handle, given];
  }

  /** Ends all of them without telling the module, whose memory is another now. */
  end(): void {
    for (const cell of this.#cells.values()) cell.given = 0;
    this.#cells.clear();
  }
}
