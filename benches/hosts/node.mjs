// A host of the benches on Node: node node.mjs LUA BEFORE KERNEL, LUA as luas.mjs has it. For each line of standard input it runs
// both chunks in a fresh state of the one instance, and prints the milliseconds of the kernel and what it printed.
import fs from "node:fs";
import readline from "node:readline";
import { open } from "./luas.mjs";

const [name, beforePath, kernelPath] = process.argv.slice(2);
const before = fs.readFileSync(beforePath, "utf8");
const kernel = fs.readFileSync(kernelPath, "utf8");
const host = open(name);

/** On the wall, or with CLOCK=cpu the process's, its compiling and collecting threads included. */
function milliseconds() {
  if (process.env.CLOCK !== "cpu") return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

for await (const _ of readline.createInterface({ input: process.stdin })) {
  await host.renew();
  host.run(before);
  const start = milliseconds();
  host.run(kernel);
  const time = milliseconds() - start;
  console.log(time.toFixed(4), host.run("return OUTPUT()"));
}
