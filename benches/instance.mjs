// An instance of a module, and how long a chunk runs in it.
import fs from "node:fs";

export function instantiate(path) {
  return new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(path)), {}).exports;
}

export function milliseconds(lua, source) {
  const ptr = lua.alloc(source.length);
  new Uint8Array(lua.memory.buffer).set(source, ptr);
  const start = performance.now();
  const answer = lua.compute(ptr, source.length);
  const time = performance.now() - start;
  lua.dealloc(ptr, source.length);
  if (answer < 0) throw new Error(`status ${-answer}`);
  return time;
}
