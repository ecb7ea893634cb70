// Two Luas in one process of Node, which take turns: node pairs.mjs LUA OTHER BEFORE KERNEL SECONDS, both as luas.mjs has them. Prints
// the ratios of their times, one for each turn, as a list in JSON. What disturbs the machine for longer than a turn disturbs both.
import fs from "node:fs";
import { open } from "./luas.mjs";

const [one, other, beforePath, kernelPath, seconds] = process.argv.slice(2);
const before = fs.readFileSync(beforePath, "utf8");
const kernel = fs.readFileSync(kernelPath, "utf8");
const hosts = [open(one), open(other)];
const outputs = [undefined, undefined];

/** The milliseconds of a run in a fresh state. */
async function time(at) {
  await hosts[at].renew();
  hosts[at].run(before);
  const start = performance.now();
  hosts[at].run(kernel);
  const time = performance.now() - start;
  outputs[at] = hosts[at].run("return OUTPUT()");
  return time;
}

/** Takes turns for so many seconds. Each is run first in half of them. */
async function turns(seconds) {
  const ratios = [];
  const end = performance.now() + seconds * 1000;
  do {
    const first = await time(0);
    const others = (await time(1)) + (await time(1));
    ratios.push((first + (await time(0))) / others);
  } while (performance.now() < end);
  return ratios;
}

await turns(seconds / 2); // until the engine has compiled both as well as it can
const ratios = await turns(seconds);
if (outputs[0] !== outputs[1]) throw new Error(`${one} prints ${outputs[0]}, ${other} ${outputs[1]}`);
console.log(JSON.stringify(ratios));
