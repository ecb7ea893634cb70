import type { Version } from "../protocol.js";

/** How the bits of an instruction are divided: `vABC` is 5.5's form with a B of 6 and a C of 10 bits. */
export type Layout = "ABC" | "vABC" | "ABx" | "AsBx" | "Ax" | "sJ";

/** One operation of the virtual machine. */
export interface Opcode {
  name: string;
  layout: Layout;
  /** The operands that mean something, in the order in which they are shown; `k` at the end of one marks a constant, or variables to close. */
  operands: string[];
  /** What it does, with places for registers, constants and numbers; empty where it takes more than places. */
  meaning: string;
}

// In order. After the name stand the operands, then the meaning: {RB} is a register, {KB} a constant, {RKC} either, {UB} an upvalue, {RB.KC} a field.
const COMMON_START = `
MOVE | A B | {RA} := {RB}
LOADI | A sBx | {RA} := {sBx}
LOADF | A sBx | {RA} := {sBx}.0
LOADK | A Bx | {RA} := {KBx}
LOADKX | A | {RA} := {KAx}
LOADFALSE | A | {RA} := false
LFALSESKIP | A | {RA} := false, skip the next
LOADTRUE | A | {RA} := true
LOADNIL | A B |
GETUPVAL | A B | {RA} := {UB}
SETUPVAL | A B | {UB} := {RA}
GETTABUP | A B C | {RA} := {UB.KC}
GETTABLE | A B C | {RA} := {RB}[{RC}]
GETI | A B C | {RA} := {RB}[{C}]
GETFIELD | A B C | {RA} := {RB.KC}
SETTABUP | A B Ck | {UA.KB} := {RKC}
SETTABLE | A B Ck | {RA}[{RB}] := {RKC}
SETI | A B Ck | {RA}[{B}] := {RKC}
SETFIELD | A B Ck | {RA.KB} := {RKC}
NEWTABLE | A B C | {RA} := {}
`;

const SELF_54 = "SELF | A B Ck |";
const SELF_55 = "SELF | A B C |";

const ARITHMETIC_CONSTANTS = `
ADDI | A B sC | {RA} := {RB} + {sC}
ADDK | A B C | {RA} := {RB} + {KC}
SUBK | A B C | {RA} := {RB} - {KC}
MULK | A B C | {RA} := {RB} * {KC}
MODK | A B C | {RA} := {RB} % {KC}
POWK | A B C | {RA} := {RB} ^ {KC}
DIVK | A B C | {RA} := {RB} / {KC}
IDIVK | A B C | {RA} := {RB} // {KC}
BANDK | A B C | {RA} := {RB} & {KC}
BORK | A B C | {RA} := {RB} | {KC}
BXORK | A B C | {RA} := {RB} ~ {KC}
`;

const SHRI = "SHRI | A B sC | {RA} := {RB} >> {sC}";
const SHLI = "SHLI | A B sC | {RA} := {sC} << {RB}";

const COMMON_MIDDLE = `
ADD | A B C | {RA} := {RB} + {RC}
SUB | A B C | {RA} := {RB} - {RC}
MUL | A B C | {RA} := {RB} * {RC}
MOD | A B C | {RA} := {RB} % {RC}
POW | A B C | {RA} := {RB} ^ {RC}
DIV | A B C | {RA} := {RB} / {RC}
IDIV | A B C | {RA} := {RB} // {RC}
BAND | A B C | {RA} := {RB} & {RC}
BOR | A B C | {RA} := {RB} | {RC}
BXOR | A B C | {RA} := {RB} ~ {RC}
SHL | A B C | {RA} := {RB} << {RC}
SHR | A B C | {RA} := {RB} >> {RC}
MMBIN | A B C | or {event} of {RA}, {RB}
MMBINI | A sB C k |
MMBINK | A B C k |
UNM | A B | {RA} := -{RB}
BNOT | A B | {RA} := ~{RB}
NOT | A B | {RA} := not {RB}
LEN | A B | {RA} := #{RB}
CONCAT | A B |
CLOSE | A | close variables from {RA} on
TBC | A | {RA} is to be closed
JMP | sJ | go to {to}
EQ | A B k | {RA} == {RB}
LT | A B k | {RA} < {RB}
LE | A B k | {RA} <= {RB}
EQK | A B k | {RA} == {KB}
EQI | A sB k | {RA} == {sB}
LTI | A sB k | {RA} < {sB}
LEI | A sB k | {RA} <= {sB}
GTI | A sB k | {RA} > {sB}
GEI | A sB k | {RA} >= {sB}
TEST | A k | {RA}
TESTSET | A B k |
CALL | A B C |
TAILCALL | A B Ck |
RETURN | A B Ck |
RETURN0 | | return
RETURN1 | A | return {RA}
FORLOOP | A Bx | next turn, at {to}
FORPREP | A Bx | prepare the loop; without a turn go to {to}
TFORPREP | A Bx | prepare the loop, go to {to}
TFORCALL | A C |
TFORLOOP | A Bx | while there is a value, go to {to}
SETLIST | A B C |
CLOSURE | A Bx |
`;

const END_54 = `
VARARG | A C |
VARARGPREP | A | take the extra arguments
EXTRAARG | Ax | belongs to the one before
`;

const END_55 = `
VARARG | A B C k |
GETVARG | A B C | {RA} := {RB}[{RC}]
ERRNNIL | A Bx |
VARARGPREP | A | take the extra arguments
EXTRAARG | Ax | belongs to the one before
`;

const VARIANTS = new Set(["NEWTABLE", "SETLIST"]);

function layoutOf(name: string, operands: string[], version: Version): Layout {
  if (version === "5.5" && VARIANTS.has(name)) return "vABC";
  // Its constant is named by the instruction that follows.
  if (name === "LOADKX" || operands.includes("Bx")) return "ABx";
  if (operands.includes("sBx")) return "AsBx";
  if (operands.includes("Ax")) return "Ax";
  return operands.includes("sJ") ? "sJ" : "ABC";
}

function parse(version: Version, ...parts: string[]): Opcode[] {
  const lines = parts.join("\n").split("\n").filter(Boolean);
  return lines.map((line) => {
    const [name = "", words = "", meaning = ""] = line.split(/ \| ?/);
    const operands = words.split(" ").filter(Boolean);
    return { name, operands, meaning, layout: layoutOf(name, operands, version) };
  });
}

/** The operations of a version, by their numbers. */
export const OPCODES: Record<Version, Opcode[]> = {
  "5.4": parse("5.4", COMMON_START, SELF_54, ARITHMETIC_CONSTANTS, SHRI, SHLI, COMMON_MIDDLE, END_54),
  "5.5": parse("5.5", COMMON_START, SELF_55, ARITHMETIC_CONSTANTS, SHLI, SHRI, COMMON_MIDDLE, END_55),
};

/** The names of metamethods, by the numbers that MMBIN and its like have of them. */
export const EVENTS =
  "index newindex gc mode len eq add sub mul mod pow div idiv band bor bxor shl shr unm bnot lt le concat call close".split(" ");
