// Runs a chunk twice in a fresh process and prints the milliseconds of each run: the first one starts in the engine's
// baseline code. node tiers.mjs MODULE CHUNK
import fs from "node:fs";
import { instantiate, milliseconds } from "./instance.mjs";

const [module, chunk] = process.argv.slice(2);
const lua = instantiate(module);
const source = fs.readFileSync(chunk);
console.log(milliseconds(lua, source), milliseconds(lua, source));
