import type { Version } from "../protocol.js";
import { OPCODES, type Opcode } from "./opcodes.js";
import { BytecodeError, Reader } from "./reader.js";

/** A constant of a function; strings are bytes, as Lua has them. */
export type Constant = null | boolean | { integer: bigint } | { float: number } | { string: Uint8Array };

/** One instruction, its operands taken apart. */
export interface Instruction {
  /** 1 for the first. */
  pc: number;
  opcode: Opcode;
  /** The line of the source; 0 where the chunk does not say. */
  line: number;
  A: number;
  B: number;
  C: number;
  Bx: number;
  sBx: number;
  Ax: number;
  sJ: number;
  k: boolean;
}

/** A variable of an outer function that a function uses. */
export interface Upvalue {
  name: string | undefined;
  /** Whether it is a register of the function around it, or one of that function's upvalues. */
  isRegister: boolean;
  index: number;
}

/** A local variable, in view from before instruction `start` to before `end`, both counted from 1. */
export interface Local {
  name: string;
  start: number;
  end: number;
}

/** One function of a chunk. */
export interface Prototype {
  source: string | undefined;
  firstLine: number;
  lastLine: number;
  parameters: number;
  isVararg: boolean;
  registers: number;
  instructions: Instruction[];
  constants: Constant[];
  upvalues: Upvalue[];
  locals: Local[];
  prototypes: Prototype[];
}

/** A precompiled chunk. */
export interface Chunk {
  version: Version;
  main: Prototype;
}

const SIGNATURE = "\x1bLua";
const DATA = "\x19\x93\r\n\x1a\n";
const WIDE = 65535;
const WIDEST = 16777215;
const ABSOLUTE_LINE = -128;
const VARARG_FLAGS = 3;

const TEXT = new TextDecoder();

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function instructionOf(word: number, pc: number, opcodes: Opcode[], reader: Reader): Instruction {
  const opcode = opcodes[word & 0x7f];
  if (!opcode) throw reader.wrong(`there is no operation ${word & 0x7f}`);
  const isVariant = opcode.layout === "vABC";
  const Bx = word >>> 15;
  const Ax = word >>> 7;
  return {
    pc,
    opcode,
    line: 0,
    A: (word >>> 7) & 0xff,
    k: ((word >>> 15) & 1) === 1,
    B: isVariant ? (word >>> 16) & 0x3f : (word >>> 16) & 0xff,
    C: isVariant ? word >>> 22 : word >>> 24,
    Bx,
    sBx: Bx - WIDE,
    Ax,
    sJ: Ax - WIDEST,
  };
}

/** Reads the parts of a chunk, which both versions have in common but for how they write numbers and strings. */
class Decoder {
  readonly #reader: Reader;
  readonly #version: Version;
  readonly #isNew: boolean;
  /** Strings that 5.5 has written once and then names by their number. */
  readonly #strings: Uint8Array[] = [];

  constructor(reader: Reader, version: Version) {
    this.#reader = reader;
    this.#version = version;
    this.#isNew = version === "5.5";
  }

  header(): void {
    const reader = this.#reader;
    if (reader.byte() !== 0) throw reader.wrong("it is of a format of its own");
    if (latin(reader.bytes(6)) !== DATA) throw reader.wrong("it has been changed by a transfer as text");
    const sizes: number[] = [];
    if (this.#isNew) {
      // Four kinds of numbers, each with its size and an example: int, instruction, integer, float.
      for (const size of [4, 4, 8, 8]) {
        sizes.push(reader.byte());
        if (sizes.at(-1) !== size) break;
        reader.bytes(size);
      }
    } else {
      sizes.push(reader.byte(), reader.byte(), reader.byte());
      reader.bytes(16);
    }
    if (sizes.join() !== (this.#isNew ? "4,4,8,8" : "4,8,8")) throw reader.wrong("its numbers have other sizes than Moonlet's");
  }

  #varint(): bigint {
    return this.#reader.varint(!this.#isNew);
  }

  #int(): number {
    const value = this.#varint();
    if (value > 0x7fffffffn) throw this.#reader.wrong("a number is too large");
    return Number(value);
  }

  #string(): Uint8Array | undefined {
    const size = this.#varint();
    const reader = this.#reader;
    if (size > 0x7fffffffn) throw reader.wrong("a string is too long");
    if (size > 0n) {
      const bytes = reader.bytes(Number(size) - 1);
      if (!this.#isNew) return bytes;
      if (reader.byte() !== 0) throw reader.wrong("a string has no end");
      this.#strings.push(bytes);
      return bytes;
    }
    if (!this.#isNew) return undefined;
    const index = this.#varint();
    if (index === 0n) return undefined;
    const known = this.#strings[Number(index) - 1];
    if (!known) throw reader.wrong(`there is no string ${index}`);
    return known;
  }

  #name(): string | undefined {
    const bytes = this.#string();
    return bytes && TEXT.decode(bytes);
  }

  #list<T>(size: number, read: () => T): T[] {
    return this.#reader.list(this.#varint(), size, read);
  }

  #integer(): bigint {
    if (!this.#isNew) return this.#reader.int64();
    const coded = this.#varint();
    return BigInt.asIntN(64, coded & 1n ? ~(coded >> 1n) : coded >> 1n);
  }

  #constant(): Constant {
    const tag = this.#reader.byte();
    if (tag === 0) return null;
    if (tag === 1 || tag === 17) return tag === 17;
    if (tag === 3) return { integer: this.#integer() };
    if (tag === 19) return { float: this.#reader.float64() };
    const string = tag === 4 || tag === 20 ? this.#string() : undefined;
    if (!string) throw this.#reader.wrong(`a constant is of no kind: ${tag}`);
    return { string };
  }

  #code(): Instruction[] {
    const reader = this.#reader;
    const count = this.#varint();
    if (this.#isNew) reader.align(4);
    let pc = 0;
    return reader.list(count, 4, () => instructionOf(reader.uint32(), ++pc, OPCODES[this.#version], reader));
  }

  #lines(instructions: Instruction[], firstLine: number): void {
    const reader = this.#reader;
    const steps = this.#list(1, () => reader.signedByte());
    const count = this.#varint();
    if (this.#isNew && count > 0n) reader.align(4);
    const int = (): number => (this.#isNew ? reader.int32() : this.#int());
    const fixed = new Map(reader.list(count, 2, () => [int(), int()] as const));
    let line = firstLine;
    instructions.forEach((instruction, index) => {
      const step = steps[index];
      if (step === undefined) return;
      line = step === ABSOLUTE_LINE ? (fixed.get(index) ?? line) : line + step;
      instruction.line = line;
    });
  }

  function(outer?: string): Prototype {
    const reader = this.#reader;
    const early = this.#isNew ? undefined : this.#name();
    const firstLine = this.#int();
    const lastLine = this.#int();
    const parameters = reader.byte();
    const flags = reader.byte();
    const registers = reader.byte();
    const instructions = this.#code();
    const constants = this.#list(1, () => this.#constant());
    const upvalues: Upvalue[] = this.#list(3, () => {
      const [isRegister, index] = [reader.byte() !== 0, reader.byte()];
      reader.byte();
      return { name: undefined, isRegister, index };
    });
    // 5.4 names the source before what lies within, 5.5 after it.
    const within: Prototype[] = this.#list(8, () => reader.nested(() => this.function(early ?? outer)));
    const source = (this.#isNew ? this.#name() : early) ?? outer;
    this.#lines(instructions, firstLine);
    const locals = this.#list(3, () => ({ name: this.#name() ?? "?", start: this.#int() + 1, end: this.#int() + 1 }));
    this.#list(1, () => this.#name()).forEach((name, index) => {
      const upvalue = upvalues[index];
      if (upvalue) upvalue.name = name;
    });
    const isVararg = this.#isNew ? (flags & VARARG_FLAGS) !== 0 : flags !== 0;
    return { source, firstLine, lastLine, parameters, isVararg, registers, instructions, constants, upvalues, locals, prototypes: within };
  }
}

/** Takes a precompiled chunk of Lua 5.4 or 5.5, as `string.dump` makes it, apart. A `BytecodeError` says what is wrong with one. */
export function decode(bytes: Uint8Array): Chunk {
  const reader = new Reader(bytes);
  if (bytes.length < 5 || latin(reader.bytes(4)) !== SIGNATURE) throw new BytecodeError("it is no precompiled chunk");
  const number = reader.byte();
  const version = number === 0x54 ? "5.4" : number === 0x55 ? "5.5" : undefined;
  if (!version) throw new BytecodeError(`it is a chunk of Lua ${number >> 4}.${number & 15}, and neither of 5.4 nor of 5.5`);
  const decoder = new Decoder(reader, version);
  decoder.header();
  // The number of upvalues of the main function, which the function itself has too.
  reader.byte();
  const main = decoder.function();
  if (!reader.isAtEnd) throw reader.wrong("there is more than a chunk");
  return { version, main };
}
