// The vectors of tests/vectors, on whatever engine this runs: by the raw ABI, and through the package where its words can say them.

/** MessagePack of values as a Lua with `integers: "bigint"` has them, written apart from the package's own codec. */
class Form {
  #functions = new Map();

  /** Values to hexadecimal bytes. */
  encode(value) {
    const hex = (number, bytes) => BigInt.asUintN(8 * bytes, BigInt(number)).toString(16).padStart(2 * bytes, "0");
    const head = (length, fix, most, wide) => {
      if (length <= most) return hex(BigInt(fix) + BigInt(length), 1);
      const form = wide.find(([, bytes]) => length < 256 ** bytes);
      return hex(form[0], 1) + hex(length, form[1]);
    };
    const raw = (bytes) => [...bytes].map((byte) => hex(byte, 1)).join("");
    if (value === undefined || value === null) return "c0";
    if (typeof value === "boolean") return value ? "c3" : "c2";
    if (typeof value === "bigint") {
      if (value >= 0n) return head(value, 0, 127, [[0xcc, 1], [0xcd, 2], [0xce, 4], [0xcf, 8]]);
      if (value >= -32n) return hex(value, 1);
      const bytes = [1, 2, 4, 8].find((size) => value >= -(1n << BigInt(8 * size - 1)));
      return hex(0xd0 + Math.log2(bytes), 1) + hex(value, bytes);
    }
    if (typeof value === "number") {
      const view = new DataView(new ArrayBuffer(8));
      view.setFloat64(0, value);
      return "cb" + hex(view.getBigUint64(0), 8);
    }
    if (typeof value === "string") {
      const bytes = new TextEncoder().encode(value);
      return head(bytes.length, 0xa0, 31, [[0xd9, 1], [0xda, 2], [0xdb, 4]]) + raw(bytes);
    }
    if (value instanceof Uint8Array) return head(value.length, 0, -1, [[0xc4, 1], [0xc5, 2], [0xc6, 4]]) + raw(value);
    if (Array.isArray(value)) {
      return head(value.length, 0x90, 15, [[0xdc, 2], [0xdd, 4]]) + value.map((item) => this.encode(item)).join("");
    }
    if (typeof value === "function") {
      if (!this.#functions.has(value)) this.#functions.set(value, this.#functions.size + 1);
      return "d601" + hex(this.#functions.get(value), 4);
    }
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    return head(entries.length, 0x80, 15, [[0xde, 2], [0xdf, 4]]) + entries.flat().map((item) => this.encode(item)).join("");
  }

  /** Hexadecimal bytes to values; throws where JavaScript has none for them. */
  decode(hex) {
    const bytes = fromHex(hex);
    const view = new DataView(bytes.buffer);
    let at = 0;
    const unsigned = (size) => {
      let number = 0n;
      for (let i = 0; i < size; i++) number = (number << 8n) | BigInt(view.getUint8(at++));
      return number;
    };
    const text = (size) => {
      const part = bytes.slice(at, (at += Number(size)));
      try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(part);
      } catch {
        return part;
      }
    };
    const binary = (size) => bytes.slice(at, (at += Number(size)));
    const list = (size) => Array.from({ length: Number(size) }, value);
    const map = (size) => {
      const entries = Array.from({ length: Number(size) }, () => [value(), value()]);
      return new Map(entries);
    };
    const float = (size) => {
      at += size;
      return size === 4 ? view.getFloat32(at - 4) : view.getFloat64(at - 8);
    };
    const extension = () => {
      const type = view.getInt8(at++);
      const number = Number(unsigned(4));
      if (type !== 1) throw new Error(`no type ${type}`);
      return this.#function(number);
    };
    const value = () => {
      const type = view.getUint8(at++);
      if (type < 0x80) return BigInt(type);
      if (type >= 0xe0) return BigInt(type - 256);
      if (type < 0x90) return map(type & 15);
      if (type < 0xa0) return list(type & 15);
      if (type < 0xc0) return text(type & 31);
      const low = type & 3;
      if (type === 0xc0) return null;
      if (type === 0xc2 || type === 0xc3) return type === 0xc3;
      if (type >= 0xc4 && type <= 0xc6) return binary(unsigned(2 ** (type - 0xc4)));
      if (type === 0xca || type === 0xcb) return float(type === 0xca ? 4 : 8);
      if (type >= 0xcc && type <= 0xcf) return unsigned(2 ** low);
      if (type >= 0xd0 && type <= 0xd3) return BigInt.asIntN(8 * 2 ** low, unsigned(2 ** low));
      if (type === 0xd6) return extension();
      if (type === 0xc7) return at++, extension();
      if (type >= 0xd9 && type <= 0xdb) return text(unsigned(2 ** (type - 0xd9)));
      if (type === 0xdc || type === 0xdd) return list(unsigned(type === 0xdc ? 2 : 4));
      if (type === 0xde || type === 0xdf) return map(unsigned(type === 0xde ? 2 : 4));
      throw new Error(`no value starts with ${type}`);
    };
    const found = value();
    if (at !== bytes.length) throw new Error("bytes are left over");
    return found;
  }

  #function(number) {
    for (const [value, known] of this.#functions) if (known === number) return value;
    throw new Error(`no function ${number}`);
  }

}

function fromHex(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

function same(found, expected, what) {
  if (found !== expected) throw new Error(`${what} is ${found}, not ${expected}`);
}

/** What a step brings, by the raw ABI. */
class Raw {
  constructor(instance, options = {}) {
    this.exports = instance.exports;
    this.exports.set(9, 1);
    for (const [option, value] of Object.entries(options)) this.exports.set(Number(option), value);
  }

  #give(bytes, use) {
    const ptr = this.exports.alloc(bytes.length);
    new Uint8Array(this.exports.memory.buffer).set(bytes, ptr);
    const answer = use(ptr, bytes.length);
    this.exports.dealloc(ptr, bytes.length);
    return answer;
  }

  /** Status and result of one step. */
  step(kind, value) {
    const { exports } = this;
    const task = exports.task();
    const run = {
      compute: () => this.#give(new TextEncoder().encode(value), exports.compute),
      call: () => this.#give(fromHex(value), exports.call),
      resume: () => this.#give(fromHex(value), (ptr, length) => exports.resume(task, ptr, length)),
      raise: () => this.#give(fromHex(value), (ptr, length) => exports.raise(task, ptr, length)),
      set: () => -exports.set(...value),
      compact: () => (exports.compact(), 0),
      dropped: () => exports.dropped(),
    };
    const answer = run[kind]();
    const bytes = new Uint8Array(exports.memory.buffer, exports.result_ptr(), exports.result_len());
    return { status: Math.max(0, -answer), result: [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("") };
  }
}

/** A vector as steps of a conversation. */
function stepsOf(file, vector) {
  const { source, define, arguments: values, status = 0, result } = vector;
  const expected = { status, ...(result === undefined ? {} : { result }) };
  if (file === "values") return [{ compute: source, ...expected }];
  if (file === "calls") return [{ compute: define }, { call: values, ...expected }];
  if (file === "malformed") return [{ compute: "function echo(...) return ... end" }, { call: values, ...expected }, { compute: "return 2+2", status: 0, result: "9104" }];
  return vector.steps;
}

function raw(instance, file, vector) {
  const host = new Raw(instance, vector.options);
  for (const { status, result, ...step } of stepsOf(file, vector)) {
    const [[kind, value]] = Object.entries(step);
    const found = host.step(kind, value);
    if (status !== undefined) same(found.status, status, "the status");
    if (result !== undefined) same(found.result, result, "the result");
  }
}

/** The same by the package; false where JavaScript's values or the package's words cannot say it. */
async function packaged(Lua, Results, module, file, vector) {
  const text = JSON.stringify(vector);
  // The package answers by itself what is asked of references, and numbers them itself.
  if (file === "malformed" || /"set"|d602|d502|c702|"c1"/.test(text)) return false;
  const options = vector.options ?? {};
  const lua = await Lua.create({
    module,
    integers: "bigint",
    strings: options[12] ? "bytes" : "text",
    nulls: options[14] === 1,
  });
  // Map keys and host names are texts to the host, whatever STRINGS is, so results that have them differ from the vector's there.
  if (options[12] && /8[1-9]/.test(text)) return false;
  const form = new Form();
  let task;
  const one = (value) => form.encode(value instanceof Results ? [...value] : value === undefined ? [] : [value]);
  const did = {
    compute: (source) => {
      task = lua.start(source);
    },
    resume: (values) => task.resume(...(values === "" ? [] : form.decode(values))),
    raise: (value) => task.fail(form.decode(value)),
    compact: () => lua.compact(),
    call: (values) => one(lua.call(...form.decode(values))),
  };
  for (const { status, result, ...step } of stepsOf(file, vector)) {
    const [[kind, value]] = Object.entries(step);
    let found;
    try {
      const called = did[kind](value);
      found = { status: 0, result: kind === "call" ? called : one(task.result) };
      if (kind !== "call" && task.kind === "call") found = { status: 1, result: form.encode([task.name, ...task.arguments]) };
    } catch (error) {
      if (error.status === undefined) throw error;
      found = { status: error.status };
    }
    if (status !== undefined) same(found.status, status, `the status of ${kind}`);
    // No value and one nil are one to JavaScript.
    if (result !== undefined && result !== "91c0") same(found.result, result, `the result of ${kind}`);
  }
  lua.close();
  return true;
}

/** Runs all vectors: how many passed by the ABI and by the package, and what failed. */
export async function runVectors({ Lua, Results, module, files }) {
  const report = { raw: 0, packaged: 0, failed: [] };
  for (const [file, vectors] of Object.entries(files)) {
    for (const vector of vectors) {
      try {
        raw(await WebAssembly.instantiate(module, {}), file, vector);
        report.raw++;
        if (await packaged(Lua, Results, module, file, vector)) report.packaged++;
      } catch (error) {
        report.failed.push(`${file}: ${vector.name}: ${error.stack}`);
      }
    }
  }
  return report;
}

/** The option of the package that sets an option of the module. */
const OPTIONS = { 1: "memory", 2: "fuel", 5: "result" };

/** A text that is equal for equal values, whatever the order of keys. */
function canonical(value) {
  return JSON.stringify(value, (_, part) =>
    part?.constructor === Object ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

/** Runs a script of the vectors of errors by the package; throws unless its error is the vector's. */
async function failing(Lua, module, vector) {
  const options = Object.entries(vector.options ?? {}).map(([number, value]) => [OPTIONS[number], value]);
  const lua = await Lua.create({ module, ...Object.fromEntries(options) });
  const error = await lua.run(vector.source, { name: vector.chunk }).then(
    () => Promise.reject(new Error("no error")),
    (reason) => reason,
  );
  const { status, message, chunk, line, value, traceback } = error;
  const fields = Object.entries({ message, chunk, line, value }).filter(([, field]) => field !== undefined);
  same(canonical({ status, ...Object.fromEntries(fields) }), canonical({ status: vector.status, ...vector.error }), "the error");
  if (vector.traceback) {
    const lines = traceback.split("\n").map((level) => level.trim());
    same(canonical(lines.filter((level) => vector.traceback.includes(level))), canonical(vector.traceback), "the traceback");
  }
  lua.close();
}

/** Runs the vectors of errors: how many passed, and what failed. */
export async function runErrors({ Lua, module, vectors }) {
  const report = { passed: 0, failed: [] };
  for (const vector of vectors) {
    try {
      await failing(Lua, module, vector);
      report.passed++;
    } catch (error) {
      report.failed.push(`errors: ${vector.name}: ${error.stack}`);
    }
  }
  return report;
}
