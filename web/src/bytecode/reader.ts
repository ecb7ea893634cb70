/** A precompiled chunk that is none, is cut off, or is of another kind than is read here. */
export class BytecodeError extends Error {
  override name = "BytecodeError";
}

const LAST_BYTE = 0x80;
const DEEPEST = 200;

/** Reads the numbers and bytes of a chunk one after another. */
export class Reader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  #at = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Whether all has been read. */
  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** An error that names the place. */
  wrong(what: string): BytecodeError {
    return new BytecodeError(`${what} at byte ${this.#at} of the chunk`);
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) throw this.wrong("it is cut off");
    this.#at += length;
    return at;
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1));
  }

  signedByte(): number {
    return this.#view.getInt8(this.#take(1));
  }

  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true);
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** A number of 7 bits a byte, the highest first. `isLast` says whether a byte's eighth bit marks the last byte (5.4), or those before it (5.5). */
  varint(isLast: boolean): bigint {
    let value = 0n;
    for (let count = 0; count < 10; count++) {
      const byte = this.byte();
      value = (value << 7n) | BigInt(byte & 0x7f);
      if (((byte & LAST_BYTE) !== 0) === isLast) return value;
    }
    throw this.wrong("a number is too long");
  }

  /** Skips to a multiple of `size`. */
  align(size: number): void {
    this.#take((size - (this.#at % size)) % size);
  }

  /** A list of `count` elements, each of at least `size` bytes, so that a wrong count cannot ask for more memory than the chunk has bytes. */
  list<T>(count: bigint, size: number, read: () => T): T[] {
    if (count * BigInt(size) > BigInt(this.#bytes.length - this.#at)) throw this.wrong(`there is no room for ${count} elements`);
    return Array.from({ length: Number(count) }, read);
  }

  /** Reads what lies within something of the same kind. */
  nested<T>(read: () => T): T {
    if (++this.#depth > DEEPEST) throw this.wrong("functions are nested too deep");
    const value = read();
    this.#depth--;
    return value;
  }
}
