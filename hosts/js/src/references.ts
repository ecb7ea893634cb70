import { toText } from "./decoder.js";

/** What Lua may do with a host object. */
export interface ReferenceOptions {
  /** The members that scripts may read, assign and call as methods; none makes the object opaque. */
  members?: readonly string[];
  /** Called once Lua holds the object no more. It may come back later. */
  onDrop?: () => void;
}

interface Exposed {
  members: Set<string>;
  onDrop: (() => void) | undefined;
  /** Methods as Lua gets them, so that each is one value to the script. */
  methods: Map<string, [method: unknown, bound: Callback]>;
}

/** What a script does with a reference, by the names that it asks by. */
export const OPERATION = /^__(call|index|newindex)$/;

type Callback = (...values: unknown[]) => unknown;

/** Stands for an object that this host never had, or of before a restore: it came out of a snapshot. It can be passed back to Lua. */
export class LostReference {}

const LOST = "this host object is of before a restore; give it to Lua anew, or use a function of define()";

/** Host objects and callbacks that Lua holds, by number. */
export class References {
  #objects = new Map<number, object>();
  #numbers = new Map<object, number>();
  #exposed = new WeakMap<object, Exposed>();
  #next = 1;

  get size(): number {
    return this.#objects.size;
  }

  expose<T extends object>(object: T, options: ReferenceOptions): T {
    if (object === null || (typeof object !== "object" && typeof object !== "function")) {
      throw new TypeError(`only objects and functions can be host objects, not ${String(object)}`);
    }
    const members = new Set(options.members);
    this.#exposed.set(object, { members, onDrop: options.onDrop, methods: new Map() });
    return object;
  }

  /** The number of a function or an exposed object; `undefined` for plain data. */
  number(object: object, fresh: number[]): number | undefined {
    const known = this.#numbers.get(object);
    if (known !== undefined) return known;
    if (typeof object !== "function" && !this.#exposed.has(object)) return undefined;
    while (this.#objects.has(this.#next)) this.#step();
    const number = this.#next;
    this.#step();
    fresh.push(number);
    this.#put(number, object);
    return number;
  }

  #step(): void {
    this.#next = (this.#next + 1) >>> 0;
  }

  #put(number: number, object: object): void {
    this.#objects.set(number, object);
    this.#numbers.set(object, number);
  }

  /** The object of a number that came from Lua. */
  object(number: number): object {
    const known = this.#objects.get(number);
    if (known !== undefined) return known;
    const lost = new LostReference();
    this.#put(number, lost);
    return lost;
  }

  /** Whether Lua has `value` as a reference. */
  has(value: unknown): boolean {
    return this.#numbers.has(value as object);
  }

  /** Lets go of numbers that Lua holds no more, or never had. */
  drop(numbers: readonly number[], isTold: boolean): void {
    for (const number of numbers) {
      const object = this.#objects.get(number);
      if (object === undefined) continue;
      this.#objects.delete(number);
      this.#numbers.delete(object);
      const onDrop = isTold && this.#exposed.get(object)?.onDrop;
      // Not at once: this is in the midst of a run's results, and what it throws is nobody's here.
      if (onDrop) queueMicrotask(onDrop);
    }
  }

  /** Starts anew after a restore, with numbers from `next` on: those within the snapshot stand for objects of another time. */
  restart(next: number): void {
    this.#objects.clear();
    this.#numbers.clear();
    this.#next = next;
  }

  /** The same, for a copy of the instance. */
  copy(): References {
    const copy = new References();
    for (const [number, object] of this.#objects) copy.#put(number, object);
    copy.#exposed = this.#exposed;
    copy.#next = this.#next;
    return copy;
  }

  /** What a script does with a reference: `__call`, `__index` or `__newindex`. */
  operate(operation: string, object: object, values: unknown[]): unknown {
    if (!this.has(object)) throw new TypeError(`${operation} asks for a host object`);
    if (object instanceof LostReference) throw new Error(LOST);
    if (operation === "__call") {
      if (typeof object !== "function") throw new TypeError("this host object cannot be called");
      return (object as Callback)(...values);
    }
    const [key, value] = values;
    const name = key instanceof Uint8Array ? toText(key) : (key as string);
    const exposed = this.#exposed.get(object);
    if (!exposed?.members.has(name)) {
      throw new TypeError(`this host object has no member ${String(name)}; lua.reference() lists its members`);
    }
    const record = object as Record<string, unknown>;
    if (operation === "__newindex") {
      record[name] = value;
      return undefined;
    }
    const member = record[name];
    return typeof member === "function" ? bind(exposed, object, name, member as Callback) : member;
  }
}

/** A method as Lua gets it: called as `object:method(...)`, and on that object only. */
function bind(exposed: Exposed, object: object, name: string, method: Callback): Callback {
  const known = exposed.methods.get(name);
  if (known?.[0] === method) return known[1];
  const bound = (self: unknown, ...values: unknown[]): unknown => {
    if (self !== object) throw new TypeError(`call the method with a colon: object:${name}(...)`);
    return method.apply(object, values);
  };
  exposed.methods.set(name, [method, bound]);
  return bound;
}
