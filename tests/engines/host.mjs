// Does the jobs of a file, each in a fresh instance of MODULE, and prints a line of JSON for each (tests/engines/external.rs).
// node host.mjs MODULE JOBS
import fs from "node:fs";

const [modulePath, jobsPath] = process.argv.slice(2);
const module = new WebAssembly.Module(fs.readFileSync(modulePath));

class Host {
  constructor() {
    this.exports = new WebAssembly.Instance(module, {}).exports;
  }

  put(bytes) {
    const ptr = this.exports.alloc(bytes.length);
    if (ptr === 0) throw new Error(`alloc(${bytes.length}) answered 0`);
    new Uint8Array(this.exports.memory.buffer).set(bytes, ptr);
    return [ptr, bytes.length];
  }

  // Bytes as characters of Latin-1, which JSON can carry.
  text(ptr, length) {
    return Buffer.from(this.exports.memory.buffer, ptr, length).toString("latin1");
  }

  set(key, value) {
    const status = this.exports.set(key, value);
    if (status !== 0) throw new Error(`option ${key}: status ${status}`);
  }

  writeFile(name, contents) {
    const [nameAt, contentsAt] = [this.put(name), this.put(contents)];
    const status = this.exports.write_file(...nameAt, ...contentsAt);
    if (status !== 0) throw new Error(`file ${name}: status ${status}`);
    this.exports.dealloc(...contentsAt);
    this.exports.dealloc(...nameAt);
  }

  run(chunk) {
    const { compute, dealloc, result_ptr, result_len, output_ptr, output_len, output_clear } = this.exports;
    const source = this.put(chunk);
    const answer = compute(...source);
    dealloc(...source);
    const result = this.text(result_ptr(), result_len());
    const output = this.text(output_ptr(), output_len());
    output_clear();
    return { answer, result, output };
  }

  // What a run leaves; after one that the engine tore down, what the instance answers from then on.
  attempt(chunk) {
    try {
      return this.run(chunk);
    } catch (error) {
      return { trap: String(error), answer: this.exports.compute(0, 0) };
    }
  }
}

const bytes = (text) => Buffer.from(text, "latin1");
for (const job of JSON.parse(fs.readFileSync(jobsPath, "utf8"))) {
  const host = new Host();
  for (const [key, value] of job.options) host.set(key, value);
  for (const [name, contents] of job.files) host.writeFile(bytes(name), bytes(contents));
  const runs = job.chunks.map((chunk) => host.attempt(bytes(chunk)));
  // The counting form of the module exports how many assertions ran.
  console.log(JSON.stringify({ runs, assertions: host.exports.assertions?.value ?? 0 }));
}
