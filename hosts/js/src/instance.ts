import { errorOf, poisoned } from "./errors.js";
import { Info, Status, type Figure, type Option } from "./numbers.js";

/** The module's exports; ABI.md says what each does. */
export interface Exports {
  memory: WebAssembly.Memory;
  alloc(length: number): number;
  dealloc(ptr: number, length: number): void;
  eval(ptr: number, length: number): number;
  call(ptr: number, length: number): number;
  release(ptr: number, length: number): number;
  dropped(): number;
  tasks(): number;
  request(task: number): number;
  resume(task: number, ptr: number, length: number): number;
  raise(task: number, ptr: number, length: number): number;
  cancel(task: number): number;
  compact(): number;
  info_ptr(): number;
  abi_version(): number;
  build_id_ptr(): number;
  get(key: number): number;
  set(key: number, value: number): number;
  output_clear(): number;
  error_output_clear(): number;
  write_file(name: number, nameLength: number, ptr: number, length: number): number;
  read_file(name: number, length: number): number;
  remove_file(name: number, length: number): number;
  list_files(): number;
  time_zone(ptr: number, length: number): number;
  write_input(ptr: number, length: number): number;
}

const ABI = 1;

/** Inputs up to this size go through one buffer, which is kept. */
const KEPT = 65536;

/** The message of TOO_BIG where the module has none. */
export const TOO_BIG = "the data do not fit into memory or the option result; raise it, or pass less";

/** An instance of the module: bytes in, bytes out. */
export class Instance {
  readonly exports: Exports;
  readonly #info: number;
  #bytes = new Uint8Array();
  #view = new DataView(this.#bytes.buffer);
  #buffer = 0;
  #room = 0;

  constructor(instance: WebAssembly.Instance) {
    this.exports = instance.exports as unknown as Exports;
    const version = this.exports.abi_version();
    if (version >> 16 !== ABI) {
      throw new TypeError(
        `the module has ABI ${version >> 16}, and this package needs ABI ${ABI}; use the package's own`,
      );
    }
    this.#info = this.exports.info_ptr();
  }

  /** Memory as it is now; any call of an export can replace it. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.view && this.#bytes;
  }

  get view(): DataView<ArrayBuffer> {
    const buffer = this.exports.memory.buffer as ArrayBuffer;
    if (this.#view.buffer !== buffer) {
      this.#bytes = new Uint8Array(buffer);
      this.#view = new DataView(buffer);
    }
    return this.#view;
  }

  /** A number of the info block. */
  info(offset: Info): number {
    return this.view.getUint32(this.#info + offset, true);
  }

  /** The part of memory whose place and length stand at `offset` of the info block and after it. */
  part(offset: Info): Uint8Array<ArrayBuffer> {
    const at = this.info(offset);
    return this.bytes.subarray(at, at + this.info(offset + 4));
  }

  /** Calls the module; what the engine throws within leaves the instance poisoned. */
  guard(call: () => number): number {
    try {
      return call();
    } catch (cause) {
      // Where the engine had no stack to enter the module at all, nothing has happened in it.
      if (this.info(Info.STATUS) !== Status.POISONED) throw cause;
      throw poisoned({ cause });
    }
  }

  /** Calls `use` with the place of `length` bytes of `bytes` in memory, which are there during the call. */
  give(bytes: Uint8Array, length: number, use: (ptr: number, length: number) => number): number {
    if (length === 0) return this.guard(() => use(0, 0));
    if (length > KEPT) return this.lend(bytes.subarray(0, length), use);
    if (length > this.#room) {
      this.letGo();
      const room = Math.max(1024, 2 ** Math.ceil(Math.log2(length)));
      this.#buffer = this.#alloc(room);
      this.#room = room;
    }
    this.bytes.set(length === bytes.length ? bytes : bytes.subarray(0, length), this.#buffer);
    return this.guard(() => use(this.#buffer, length));
  }

  /** As `give`, for all of `bytes` and within other calls of it. */
  lend(bytes: Uint8Array, use: (ptr: number, length: number) => number): number {
    const ptr = this.#alloc(bytes.length);
    try {
      this.bytes.set(bytes, ptr);
      return this.guard(() => use(ptr, bytes.length));
    } finally {
      this.exports.dealloc(ptr, bytes.length);
    }
  }

  /** Gives back the buffer for inputs, which is no part of a snapshot. */
  letGo(): void {
    if (this.#room > 0) this.exports.dealloc(this.#buffer, this.#room);
    this.forget();
  }

  /** Forgets the buffer for inputs: memory has become another. */
  forget(): void {
    this.#room = 0;
  }

  #alloc(length: number): number {
    const ptr = this.guard(() => this.exports.alloc(length));
    if (ptr !== 0) return ptr;
    this.checkHealth();
    return this.check(Status.TOO_BIG, () => TOO_BIG);
  }

  /** Throws when the engine tore down a call. */
  checkHealth(): void {
    if (this.info(Info.STATUS) === Status.POISONED) throw poisoned();
  }

  /** Throws when `status` is none of success; 0. */
  check(status: number, message: () => string): 0 {
    if (status === Status.OK) return 0;
    const said = status === Status.BAD_STATE ? "the module leaves this out; use moonlet" : message();
    throw status === Status.POISONED ? poisoned() : errorOf(said, { status });
  }

  set(option: Option, value: number): void {
    this.check(this.exports.set(option, value), () => `option ${option} is not ${value}`);
  }

  get(figure: Figure | Option): number {
    return this.exports.get(figure);
  }
}
