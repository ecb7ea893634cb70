import { Extension } from "./numbers.js";

/** How values become MessagePack; see `LuaOptions`. */
export interface Encoding {
  /** Numbers go as floats and bigints as integers, so that no type depends on a value. */
  exact: boolean;
  /** `null` within tables arrives as `host.null`. */
  nulls: boolean | undefined;
  /** The number of a host object or callback, `undefined` when `value` is none. */
  reference(value: object, fresh: number[]): number | undefined;
  /** The handle of a Lua function, `undefined` when `value` is none. */
  handle(value: object): number | undefined;
}

/** Tables nest this deep, counted from the array of all values, which is not one of them. */
const DEPTH = 128;

/** A buffer larger than this is let go after use. */
const KEPT = 1 << 20;

const text = new TextEncoder();

/** Writes values as MessagePack into a buffer of its own. */
export class Encoder {
  /** The bytes written are the first `length`. */
  bytes = new Uint8Array(1024);
  length = 0;
  /** References that were numbered for these values: Lua never had them when the call is refused. */
  fresh: number[] = [];
  #view = new DataView(this.bytes.buffer);
  #path: (string | number)[] = [];

  constructor(readonly encoding: Encoding) {}

  /** Starts anew, with an array of `count` values to follow. */
  start(count: number): void {
    if (this.bytes.length > KEPT) this.#resize(1024);
    this.length = 0;
    this.fresh = [];
    this.#path.length = 0;
    this.#head(count, 0x90, 15, 0, 0xdc);
  }

  /** Starts anew, with one value that stands alone. */
  alone(value: unknown): void {
    this.start(0);
    this.length = 0;
    this.value(value, "the value");
  }

  #resize(size: number): void {
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes.subarray(0, Math.min(this.length, size)));
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  /** Makes room for `more` bytes, and answers where they go. */
  #room(more: number): number {
    const at = this.length;
    if (at + more > this.bytes.length) this.#resize(Math.max(at + more, 2 * this.bytes.length));
    this.length = at + more;
    return at;
  }

  #byte(value: number): void {
    const at = this.#room(1);
    this.bytes[at] = value;
  }

  /** A type with a 16 bit number, or with a 32 bit one, whose type is the next. */
  #number(value: number, type16: number): void {
    if (value < 65536) {
      const at = this.#room(3);
      this.bytes[at] = type16;
      this.#view.setUint16(at + 1, value);
    } else {
      const at = this.#room(5);
      this.bytes[at] = type16 + 1;
      this.#view.setUint32(at + 1, value);
    }
  }

  /** The head of something with a length; `type8` is 0 where there is no form with 8 bits. */
  #head(length: number, fix: number, most: number, type8: number, type16: number): void {
    if (length <= most) {
      this.#byte(fix | length);
    } else if (type8 !== 0 && length < 256) {
      const at = this.#room(2);
      this.bytes[at] = type8;
      this.bytes[at + 1] = length;
    } else {
      this.#number(length, type16);
    }
  }

  #fail(what: string): never {
    const [root = "the value", ...keys] = this.#path;
    const place = keys.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
    throw new TypeError(`${root}${place}: ${what}`);
  }

  /** One value; `place` names it in errors. */
  value(value: unknown, place: string | number, depth = 0): void {
    switch (typeof value) {
      case "string":
        this.#path[depth] = place;
        return this.#string(value, depth);
      case "number":
        if (Number.isSafeInteger(value) && !this.encoding.exact && !Object.is(value, -0)) {
          return this.#integer(value);
        }
        return this.#float(value);
      case "boolean":
        return this.#byte(value ? 0xc3 : 0xc2);
      case "undefined":
        return this.#byte(0xc0);
    }
    if (value === null) return this.#byte(0xc0);
    this.#path[depth] = place;
    this.#path.length = depth + 1;
    if (typeof value === "bigint") return this.#bigint(value);
    if (typeof value === "symbol") this.#fail("a symbol is no Lua value; pass its description");
    const handle = this.encoding.handle(value as object);
    if (handle !== undefined) return this.extension(Extension.HANDLE, handle);
    const reference = this.encoding.reference(value as object, this.fresh);
    if (reference !== undefined) return this.extension(Extension.REFERENCE, reference);
    this.#table(value as object, depth + 1);
  }

  extension(type: Extension, number: number): void {
    const at = this.#room(6);
    this.bytes[at] = 0xd6;
    this.bytes[at + 1] = type;
    this.#view.setUint32(at + 2, number);
  }

  #float(value: number): void {
    const at = this.#room(9);
    this.bytes[at] = 0xcb;
    this.#view.setFloat64(at + 1, value);
  }

  #integer(value: number): void {
    if (value >= 0) {
      if (value < 128) return this.#byte(value);
      if (value < 256) return this.#head(value, 0, -1, 0xcc, 0);
      if (value <= 0xffffffff) return this.#number(value, 0xcd);
    } else {
      if (value >= -32) return this.#byte(value & 255);
      if (value >= -128) return this.#head(value & 255, 0, -1, 0xd0, 0);
      if (value >= -32768) return this.#number(value & 65535, 0xd1);
      if (value >= -2147483648) {
        const at = this.#room(5);
        this.bytes[at] = 0xd2;
        return this.#view.setInt32(at + 1, value);
      }
    }
    const at = this.#room(9);
    this.bytes[at] = value < 0 ? 0xd3 : 0xcf;
    this.#view.setInt32(at + 1, Math.floor(value / 4294967296));
    this.#view.setUint32(at + 5, value >>> 0);
  }

  #bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) {
      this.#fail(`${value} does not fit into Lua's integers of 64 bits; pass a string or a number`);
    }
    if (BigInt.asIntN(53, value) === value) return this.#integer(Number(value));
    const at = this.#room(9);
    this.bytes[at] = value < 0n ? 0xd3 : 0xcf;
    this.#view.setBigInt64(at + 1, value);
  }

  #string(value: string, depth: number): void {
    const length = value.length;
    // Short texts are mostly ASCII, and for those this is faster than the platform's encoder.
    if (length < 32) {
      const at = this.#room(length + 1);
      let i = 0;
      for (; i < length; i++) {
        const unit = value.charCodeAt(i);
        if (unit > 127) break;
        this.bytes[at + 1 + i] = unit;
      }
      if (i === length) {
        this.bytes[at] = 0xa0 | length;
        return;
      }
      this.length = at;
    }
    // A lone surrogate has no UTF-8: the platform's encoder would put another character in its place.
    if (/\p{Surrogate}/u.test(value)) {
      this.#path.length = depth + 1;
      this.#fail("half of a surrogate pair is no text; pass bytes");
    }
    const utf8 = text.encode(value);
    this.#head(utf8.length, 0xa0, 31, 0xd9, 0xda);
    this.#append(utf8);
  }

  #binary(bytes: Uint8Array): void {
    this.#head(bytes.length, 0, -1, 0xc4, 0xc5);
    this.#append(bytes);
  }

  #append(bytes: Uint8Array): void {
    const at = this.#room(bytes.length);
    this.bytes.set(bytes, at);
  }

  #table(value: object, depth: number): void {
    if (value instanceof Uint8Array) return this.#binary(value);
    if (value instanceof ArrayBuffer) return this.#binary(new Uint8Array(value));
    if (depth > DEPTH) {
      this.#path.length = 2;
      this.#fail(`nests deeper than ${DEPTH} tables, in a cycle perhaps; pass a part of it`);
    }
    if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))) {
      const array = value as ArrayLike<unknown>;
      this.#head(array.length, 0x90, 15, 0, 0xdc);
      for (let i = 0; i < array.length; i++) this.value(array[i], i, depth);
    } else if (value instanceof Map) {
      this.#head(value.size, 0x80, 15, 0, 0xde);
      for (const [key, item] of value) {
        if (key == null && !this.encoding.nulls) this.#fail("nil cannot be a key of a table");
        if (Number.isNaN(key)) this.#fail("NaN cannot be a key of a table");
        this.value(key, "(a key)", depth);
        this.value(item, String(key), depth);
      }
    } else {
      const prototype: unknown = Object.getPrototypeOf(value);
      // An object literal of another realm has an Object.prototype of its own.
      if (prototype !== null && Object.getPrototypeOf(prototype) !== null) this.#refuse(value);
      const entries = Object.entries(value).filter(([, item]) => item !== undefined);
      this.#head(entries.length, 0x80, 15, 0, 0xde);
      for (const [key, item] of entries) {
        this.value(key, key, depth);
        this.value(item, key, depth);
      }
    }
  }

  #refuse(value: object): never {
    const name = value.constructor?.name || "an object with a prototype";
    this.#fail(`${name} is no plain data; await or copy it, or make it a host object by lua.reference()`);
  }
}
