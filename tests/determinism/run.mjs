// Does the steps of a file in one instance and writes, for each, what it answered and a hash of all of memory.
// node run.mjs MODULE HASH STEPS ANSWERS
import fs from "node:fs";

const [modulePath, hashPath, stepsPath, answersPath] = process.argv.slice(2);
const compile = (path) => new WebAssembly.Module(fs.readFileSync(path));
const lua = new WebAssembly.Instance(compile(modulePath), {}).exports;
const hash = new WebAssembly.Instance(compile(hashPath), { instance: { memory: lua.memory } }).exports;

const file = fs.readFileSync(stepsPath);
let at = 0;
function number() {
  at += 4;
  return file.readUInt32LE(at - 4);
}
function bytes() {
  const length = number();
  at += length;
  return file.subarray(at - length, at);
}
function put(source) {
  const ptr = lua.alloc(source.length);
  new Uint8Array(lua.memory.buffer).set(source, ptr);
  return [ptr, source.length];
}

const answers = [];
while (at < file.length) {
  const kind = file[at++];
  let answer = 0;
  if (kind === 0) {
    const source = put(bytes());
    answer = lua.compute(...source);
    lua.dealloc(...source);
  } else if (kind === 1) {
    const name = put(bytes());
    const contents = put(bytes());
    answer = lua.write_file(...name, ...contents);
    lua.dealloc(...contents);
    lua.dealloc(...name);
  } else if (kind === 2) {
    const name = put(bytes());
    answer = lua.read_file(...name);
    lua.dealloc(...name);
  } else if (kind === 3) {
    const key = number();
    answer = lua.set(key, file.readDoubleLE(at));
    at += 8;
  } else if (kind === 4) {
    answer = lua.reset();
  } else {
    answer = lua.output_clear();
  }
  answers.push(answer | 0, hash.hash(), hash.high());
}
fs.writeFileSync(answersPath, Int32Array.from(answers));
