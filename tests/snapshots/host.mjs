// Does on Node what it is asked to on standard input: node host.mjs MODULE
// Each request and each answer is a length of 4 bytes and so many bytes; a request starts with its kind.
import fs from "node:fs";
import { restore, save } from "./snapshot.mjs";

const module = new WebAssembly.Module(fs.readFileSync(process.argv[2]));
const instantiate = () => new WebAssembly.Instance(module, {}).exports;
let lua = instantiate();

function read(length) {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const count = fs.readSync(0, bytes, done, length - done);
    if (count === 0) process.exit(0);
    done += count;
  }
  return bytes;
}

function write(...parts) {
  const bytes = Buffer.concat(parts);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  for (let rest of [length, bytes]) while (rest.length > 0) rest = rest.subarray(fs.writeSync(1, rest));
}

function numbers(...values) {
  return Buffer.from(Int32Array.from(values).buffer);
}

const copy = (ptr, length) => Buffer.from(Buffer.from(lua.memory.buffer, ptr, length));

// One step of workload.rs: the same calls in the same order.
function perform(kind, task, data) {
  const ptr = lua.alloc(data.length);
  new Uint8Array(lua.memory.buffer).set(data, ptr);
  let answer;
  if (kind === 0) answer = lua.compute(ptr, data.length);
  else if (kind === 1) answer = lua.resume(task, ptr, data.length);
  else if (kind === 2) answer = lua.raise(task, ptr, data.length);
  else answer = lua.cancel(task);
  lua.dealloc(ptr, data.length);
  const result = copy(lua.result_ptr(), lua.result_len());
  const output = copy(lua.output_ptr(), lua.output_len());
  lua.output_clear();
  write(numbers(answer, lua.task(), result.length), result, output);
}

for (;;) {
  const request = read(read(4).readUInt32LE(0));
  const kind = request[0];
  if (kind === 4) {
    // Into a fresh instance, which takes the place of the last one only then.
    const fresh = instantiate();
    try {
      restore(fresh, request.subarray(1));
      lua = fresh;
      write(Buffer.from([1]));
    } catch (error) {
      const untouched = Buffer.from(fresh.memory.buffer).equals(Buffer.from(instantiate().memory.buffer));
      write(Buffer.from([0]), Buffer.from(untouched ? error.message : "the instance was touched"));
    }
  } else if (kind === 5) write(save(lua));
  else perform(kind, request.readInt32LE(1), request.subarray(5));
}
