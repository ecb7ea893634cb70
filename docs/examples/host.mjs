const { readFile } = await import("node:fs/promises"); // in a page: await (await fetch("lua54.wasm")).arrayBuffer()
const { instance } = await WebAssembly.instantiate(await readFile("dist/lua54.wasm"));
const { memory, alloc, dealloc, compute, result_ptr, result_len } = instance.exports;

function lua(source) {
  const bytes = new TextEncoder().encode(source);
  const ptr = alloc(bytes.length);
  new Uint8Array(memory.buffer, ptr, bytes.length).set(bytes);
  const answer = compute(ptr, bytes.length);
  dealloc(ptr, bytes.length);
  const result = new TextDecoder().decode(new Uint8Array(memory.buffer, result_ptr(), result_len()));
  if (answer < 0) throw new Error(result);
  return result;
}

console.log(lua("return 'Hello from ' .. _VERSION"));
