import { Extension } from "./numbers.js";

/** How MessagePack becomes values; see `LuaOptions`. */
export interface Decoding {
  /** Every integer is a bigint. */
  exact: boolean;
  /** Strings are bytes, but for the keys of tables. */
  binary: boolean;
  /** The Lua function, coroutine or userdata of a handle. */
  function(handle: number): unknown;
  /** The host object of a number. */
  object(reference: number): unknown;
}

/** The results of a call that returned several values, or none or many for a host function to return: `Results.of(1, 2)`. */
export class Results<T = unknown> extends Array<T> {
  // What `map` and `filter` make of results are no results.
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

// A byte order mark is part of a string.
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** Bytes as text, with U+FFFD for what is no UTF-8. */
export function toText(value: string | Uint8Array): string {
  return typeof value === "string" ? value : utf8.decode(value);
}

/** Reads MessagePack that the module wrote. */
export class Decoder {
  #bytes: Uint8Array = new Uint8Array();
  #view: DataView = new DataView(this.#bytes.buffer);
  #at = 0;

  constructor(readonly decoding: Decoding) {}

  /** The values of the array that starts at `at`; a nil among them is `undefined`, and `null` within a table. */
  values(bytes: Uint8Array, view: DataView, at: number): unknown[] {
    const values = this.single(bytes, view, at) as unknown[];
    for (let i = 0; i < values.length; i++) values[i] ??= undefined;
    return values;
  }

  #take(count: number): number {
    const at = this.#at;
    this.#at = at + count;
    return at;
  }

  /** The value that starts at `at`. */
  single(bytes: Uint8Array, view: DataView, at: number): unknown {
    this.#bytes = bytes;
    this.#view = view;
    this.#at = at;
    return this.#value();
  }

  #value(): unknown {
    const view = this.#view;
    const type = this.#bytes[this.#take(1)]!;
    if (type < 0x80) return this.decoding.exact ? BigInt(type) : type;
    if (type >= 0xe0) return this.decoding.exact ? BigInt(type - 256) : type - 256;
    if (type < 0x90) return this.#map(type & 15);
    if (type < 0xa0) return this.#array(type & 15);
    if (type < 0xc0) return this.#string(type & 31);
    switch (type) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#binary(this.#number(type - 0xc4));
      case 0xcb:
        return view.getFloat64(this.#take(8));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#integer(this.#number(type - 0xcc));
      case 0xcf:
      case 0xd3:
        return this.#long(this.#take(8));
      case 0xd0:
        return this.#integer(view.getInt8(this.#take(1)));
      case 0xd1:
        return this.#integer(view.getInt16(this.#take(2)));
      case 0xd2:
        return this.#integer(view.getInt32(this.#take(4)));
      case 0xd6:
        return this.#extension(this.#take(5));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#string(this.#number(type - 0xd9));
      case 0xdc:
      case 0xdd:
        return this.#array(this.#number(type - 0xdb));
      case 0xde:
      case 0xdf:
        return this.#map(this.#number(type - 0xdd));
    }
    throw new Error(`the module wrote the byte ${type}, which starts no value`);
  }

  /** An unsigned number of 8, 16 or 32 bits: of `2 ** width` bytes. */
  #number(width: number): number {
    const at = this.#take(1 << width);
    if (width === 0) return this.#bytes[at]!;
    return width === 1 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #integer(value: number): number | bigint {
    return this.decoding.exact ? BigInt(value) : value;
  }

  /** 64 bits; what Lua writes so is below 2^63, so that both forms are read as signed. */
  #long(at: number): number | bigint {
    const value = this.#view.getInt32(at) * 4294967296 + this.#view.getUint32(at + 4);
    return Number.isSafeInteger(value) && !this.decoding.exact ? value : this.#view.getBigInt64(at);
  }

  #extension(at: number): unknown {
    const number = this.#view.getUint32(at + 1);
    if (this.#view.getUint8(at) === Extension.HANDLE) return this.decoding.function(number);
    return this.decoding.object(number);
  }

  #string(length: number): string {
    const at = this.#take(length);
    // For short texts of ASCII this is faster than the platform's decoder.
    if (length < 24) {
      let text = "";
      for (let i = 0; i < length; i++) {
        const byte = this.#bytes[at + i]!;
        if (byte > 127) return utf8.decode(this.#bytes.subarray(at, at + length));
        text += String.fromCharCode(byte);
      }
      return text;
    }
    return utf8.decode(this.#bytes.subarray(at, at + length));
  }

  #binary(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.slice(at, at + length);
  }

  #array(length: number): unknown[] {
    const array = [];
    for (let i = 0; i < length; i++) array.push(this.#value());
    return array;
  }

  /** An object while all keys are texts, a Map from the first other one on. */
  #map(length: number): object {
    const record: Record<string, unknown> = {};
    let map: Map<unknown, unknown> | undefined;
    for (let i = 0; i < length; i++) {
      let key = this.#value();
      if (this.decoding.binary && key instanceof Uint8Array) key = textOf(key);
      if (typeof key !== "string") map ??= new Map(Object.entries(record));
      const value = this.#value();
      if (map !== undefined) map.set(key, value);
      else if (key === "__proto__") {
        Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true });
      } else record[key as string] = value;
    }
    return map ?? record;
  }
}

/** Bytes as text where they are UTF-8. */
function textOf(bytes: Uint8Array): string | Uint8Array {
  try {
    return strict.decode(bytes);
  } catch {
    return bytes;
  }
}
