import { readFile } from "node:fs/promises";

const { instance } = await WebAssembly.instantiate(await readFile("dist/lua54.wasm"));
const lua = instance.exports;
const YIELD = 1;

// Memory may grow in any call, so views of it are made anew.
const bytes = () => Buffer.from(lua.memory.buffer);
const result = () => bytes().subarray(lua.result_ptr(), lua.result_ptr() + lua.result_len());

function give(data, use) {
  const ptr = lua.alloc(data.length);
  bytes().set(data, ptr);
  const answer = use(ptr, data.length);
  lua.dealloc(ptr, data.length);
  return answer;
}

// Requests and answers are arrays of MessagePack; these two know short strings only.
function strings(packed) {
  const found = [];
  for (let at = 1; at < packed.length; at += 1 + (packed[at] & 31)) {
    found.push(packed.toString("utf8", at + 1, at + 1 + (packed[at] & 31)));
  }
  return found;
}
const pack = (text) => Buffer.from([0x91, 0xa0 | Buffer.byteLength(text), ...Buffer.from(text)]);

// What Lua may ask for. Each function can take its time.
const functions = {
  fetch: async (name) => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    return `<${name}>`;
  },
};

async function run(source) {
  let answer = give(Buffer.from(source), lua.compute);
  while (answer === -YIELD) {
    const task = lua.task();
    const [name, ...values] = strings(result());
    // Other tasks can run while this one waits.
    const value = await functions[name](...values);
    answer = give(pack(value), (ptr, len) => lua.resume(task, ptr, len));
  }
  if (answer < 0) throw new Error(result().toString());
  return result().toString();
}

give(Buffer.from("fetch = host.define('fetch')"), lua.compute);
const pages = [run("return fetch('a') .. fetch('b')"), run("return select(2, pcall(fetch, 'c'))")];
console.log((await Promise.all(pages)).join("\n"));
