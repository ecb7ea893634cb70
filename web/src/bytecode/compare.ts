import { decode, type Prototype } from "./decode.js";
import { constantText, operandsText } from "./describe.js";

/** All that a function does, without the lines that it stands in. */
function doings({ instructions, constants, upvalues, parameters, isVararg, prototypes }: Prototype): unknown {
  return [
    parameters,
    isVararg,
    instructions.map((one) => `${one.opcode.name} ${operandsText(one)}`),
    constants.map((one) => (one && typeof one === "object" && "string" in one ? [...one.string] : constantText(one))),
    upvalues,
    prototypes.map(doings),
  ];
}

/** Whether two chunks, as `string.dump` makes them, do the same, in whichever lines their sources have it. */
export function doesTheSame(one: Uint8Array, other: Uint8Array): boolean {
  return JSON.stringify(doings(decode(one).main)) === JSON.stringify(doings(decode(other).main));
}
