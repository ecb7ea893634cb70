import type { Version } from "../protocol.js";
import type { Constant, Instruction, Prototype } from "./decode.js";
import { EVENTS } from "./opcodes.js";

const LONGEST = 60;
const TEXT = new TextDecoder();

function floatText(value: number): string {
  if (Number.isNaN(value)) return "0/0";
  if (!Number.isFinite(value)) return value > 0 ? "math.huge" : "-math.huge";
  const text = Object.is(value, -0) ? "-0" : String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function quoted(bytes: Uint8Array): string {
  const text = TEXT.decode(bytes);
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return JSON.stringify(short);
}

/** A constant as Lua writes it, a long string cut short. */
export function constantText(constant: Constant | undefined): string {
  if (constant === undefined) return "?";
  if (constant === null) return "nil";
  if (typeof constant === "boolean") return String(constant);
  if ("integer" in constant) return String(constant.integer);
  return "float" in constant ? floatText(constant.float) : quoted(constant.string);
}

/** The operands as `luac -l` shows them. */
export function operandsText(instruction: Instruction): string {
  const { opcode, k } = instruction;
  const signed = (value: number): number => value - 127;
  return opcode.operands
    .map((operand) => {
      if (operand === "k") return Number(k);
      if (operand === "sB") return signed(instruction.B);
      if (operand === "sC") return signed(instruction.C);
      if (operand === "Ck") return `${instruction.C}${k ? "k" : ""}`;
      return instruction[operand as "A" | "B" | "C" | "Bx" | "sBx" | "Ax" | "sJ"];
    })
    .join(" ");
}

/** What an instruction means within its function, with the names that the function has for things. */
class Description {
  /** Whether it is of 5.5, whose operations have other places for some operands. */
  readonly isNew: boolean;

  constructor(
    version: Version,
    readonly of: Prototype,
    readonly at: Instruction,
  ) {
    this.isNew = version === "5.5";
  }

  /** A register by the name of the local variable that it holds at one of these times. */
  register(number: number, times: number[] = [this.at.pc]): string {
    for (const time of times) {
      const local = this.of.locals.filter(({ start, end }) => start <= time && time < end)[number];
      if (local && !local.name.startsWith("(")) return local.name;
    }
    return `R${number}`;
  }

  /** A register that is filled: a variable that is declared so comes into view only after it. */
  target(number: number): string {
    const { pc } = this.at;
    const next = this.of.instructions[pc]?.opcode.name ?? "";
    return this.register(number, [pc, /^(MMBIN|EXTRAARG)/.test(next) ? pc + 2 : pc + 1]);
  }

  constant(number: number): string {
    return constantText(this.of.constants[number]);
  }

  upvalue(number: number): string {
    return this.of.upvalues[number]?.name ?? `U${number}`;
  }

  field(base: string, number: number): string {
    const constant = this.of.constants[number];
    const name = constant && typeof constant === "object" && "string" in constant ? TEXT.decode(constant.string) : "";
    return /^[A-Za-z_]\w*$/.test(name) ? `${base}.${name}` : `${base}[${this.constant(number)}]`;
  }

  /** Registers from one on: `R1, R2`, or up to the last value where how many is known only as it runs. */
  range(first: number, count: number, times?: number[]): string {
    if (count < 0) return `${this.register(first, times)}, …`;
    if (count > 4) return `${this.register(first, times)}, …, ${this.register(first + count - 1, times)}`;
    return Array.from({ length: count }, (_, index) => this.register(first + index, times)).join(", ");
  }

  #results(first: number, count: number): string {
    return count === 0 ? "" : `${this.range(first, count, [this.at.pc, this.at.pc + 1])} := `;
  }

  /** Where a jump goes, as the number of an instruction. */
  jump(): number {
    const { opcode, pc, sJ, Bx } = this.at;
    switch (opcode.name) {
      case "JMP":
        return pc + 1 + sJ;
      case "FORPREP":
        return pc + Bx + 2;
      case "TFORPREP":
        return pc + Bx + 1;
      default:
        return pc + 1 - Bx;
    }
  }

  #event(number: number): string {
    return `__${EVENTS[number] ?? number}`;
  }

  #place(place: string): string {
    const { A, B, C, Bx, sBx, k } = this.at;
    switch (place) {
      case "RA":
        return this.target(A);
      case "RB":
        return this.register(B);
      case "RC":
        return this.register(C);
      case "KB":
        return this.constant(B);
      case "KC":
        return this.constant(C);
      case "KBx":
        return this.constant(Bx);
      case "KAx":
        return this.constant(this.of.instructions[this.at.pc]?.Ax ?? -1);
      case "RKC":
        return k ? this.constant(C) : this.register(C);
      case "UB":
        return this.upvalue(B);
      case "RB.KC":
        return this.field(this.register(B), C);
      case "RA.KB":
        return this.field(this.register(A), B);
      case "UB.KC":
        return this.field(this.upvalue(B), C);
      case "UA.KB":
        return this.field(this.upvalue(A), B);
      case "event":
        return this.#event(C);
      case "to":
        return String(this.jump());
      case "sBx":
        return String(sBx);
      case "sB":
        return String(B - 127);
      case "sC":
        return String(C - 127);
      default:
        return String(place === "B" ? B : C);
    }
  }

  /** A condition: the jump that follows is taken where it holds, and passed over where not. */
  #condition(text: string): string {
    const { name } = this.at.opcode;
    if (this.at.k) return `if ${text} then the next, else skip it`;
    return name === "TEST" ? `if not ${text} then the next, else skip it` : `if not (${text}) then the next, else skip it`;
  }

  #special(): string {
    const { opcode, A, B, C, Bx, k, pc } = this.at;
    const target = this.target(A);
    switch (opcode.name) {
      case "LOADNIL":
        return `${this.range(A, B + 1)} := nil`;
      case "SELF": {
        const isConstant = k || this.isNew;
        const method = isConstant ? this.field(this.register(B), C) : `${this.register(B)}[${this.register(C)}]`;
        return `R${A + 1} := ${this.register(B)}; ${target} := ${method}`;
      }
      case "MMBINI":
      case "MMBINK": {
        const other = opcode.name === "MMBINI" ? String(B - 127) : this.constant(B);
        return `or ${this.#event(C)} of ${(k ? [other, target] : [target, other]).join(", ")}`;
      }
      case "CONCAT":
        return `${target} := ${Array.from({ length: Math.min(B, 6) }, (_, index) => this.register(A + index)).join(" .. ")}${B > 6 ? " .. …" : ""}`;
      case "TESTSET":
        return `if ${k ? "" : "not "}${this.register(B)} then ${target} := ${this.register(B)} and the next, else skip it`;
      case "CALL":
        return `${this.#results(A, C - 1)}${this.register(A)}(${this.range(A + 1, B - 1)})`;
      case "TAILCALL":
        return `return ${this.register(A)}(${this.range(A + 1, B - 1)})`;
      case "RETURN":
        return `return ${this.range(A, B - 1)}`.trimEnd();
      case "TFORCALL": {
        // 5.5 keeps three values of the loop, 5.4 four.
        const [first, control] = this.isNew ? [A + 3, A + 3] : [A + 4, A + 2];
        // The variables of the loop are in view in its body alone, which begins where the next instruction goes to.
        const loop = this.of.instructions[pc];
        return `${this.range(first, C, loop && [loop.pc + 1 - loop.Bx])} := R${A}(R${A + 1}, R${control})`;
      }
      case "SETLIST": {
        const start = C + (k ? (this.of.instructions[pc]?.Ax ?? 0) * (this.isNew ? 1024 : 256) : 0);
        return `${target}[${start + 1}…] := ${this.range(A + 1, B === 0 ? -1 : B)}`;
      }
      case "CLOSURE": {
        const made = this.of.prototypes[Bx];
        return `${target} := function at line ${made?.firstLine ?? "?"}`;
      }
      case "VARARG":
        return `${this.#results(A, C - 1)}...`;
      case "ERRNNIL":
        return `error if ${this.register(A)} is not nil${Bx > 0 ? `: ${this.constant(Bx - 1)} is there already` : ""}`;
      default:
        return "";
    }
  }

  text(): string {
    const { meaning, operands } = this.at.opcode;
    if (!meaning) return this.#special();
    const text = meaning.replace(/\{([A-Za-z.]+)\}/g, (_, place: string) => this.#place(place));
    return operands.at(-1) === "k" ? this.#condition(text) : text;
  }
}

/** What an instruction does, with the names of variables, constants and fields. */
export function meaningOf(version: Version, prototype: Prototype, instruction: Instruction): string {
  return new Description(version, prototype, instruction).text();
}
