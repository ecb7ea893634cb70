// Runs chunks in instances of two modules in turn and prints, for each, the least milliseconds that it took in either.
// node run.mjs ROUNDS MODULE MODULE KERNEL...
import fs from "node:fs";

const [rounds, ...paths] = process.argv.slice(2);
const FUEL = 2;
const instances = paths.slice(0, 2).map((path) => {
  const lua = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(path)), {}).exports;
  lua.set(FUEL, 1e15);
  return lua;
});

function milliseconds(lua, source) {
  const ptr = lua.alloc(source.length);
  new Uint8Array(lua.memory.buffer).set(source, ptr);
  const start = performance.now();
  const answer = lua.compute(ptr, source.length);
  const time = performance.now() - start;
  lua.dealloc(ptr, source.length);
  if (answer < 0) throw new Error(`status ${-answer}`);
  return time;
}

for (const path of paths.slice(2)) {
  const source = fs.readFileSync(path);
  const least = [Infinity, Infinity];
  for (let round = 0; round < rounds; round++) {
    instances.forEach((lua, i) => (least[i] = Math.min(least[i], milliseconds(lua, source))));
  }
  console.log(least.join(" "));
}
