// Runs chunks in instances of two modules in turn and prints, for each, the least milliseconds that it took in either.
// node run.mjs ROUNDS MODULE MODULE KERNEL...
import fs from "node:fs";
import { instantiate, milliseconds } from "./instance.mjs";

const [rounds, ...paths] = process.argv.slice(2);
const FUEL = 2;
const instances = paths.slice(0, 2).map((path) => {
  const lua = instantiate(path);
  lua.set(FUEL, 1e15);
  return lua;
});

for (const path of paths.slice(2)) {
  const source = fs.readFileSync(path);
  const least = [Infinity, Infinity];
  for (let round = 0; round < rounds; round++) {
    instances.forEach((lua, i) => (least[i] = Math.min(least[i], milliseconds(lua, source))));
  }
  console.log(least.join(" "));
}
