// What every engine is asked: all vectors, the six programs, Lua's official suite, how deep calls go, and how long things take.
import { runErrors, runVectors } from "./vectors.mjs";

/** A report on the package `moonlet` with `module`, its compiled Lua 5.4; programs are functions of what they use of a platform. */
export async function check({ moonlet, module, vectors, programs, texts, outputs, suite }) {
  const { Lua } = moonlet;
  const began = performance.now();
  const first = await Lua.create();
  const answer = first.eval("return 6 * 7");
  const report = { answer, first: performance.now() - began, programs: 0, failed: [] };
  const { errors, ...files } = vectors;
  const { raw, packaged, failed } = await runVectors({ ...moonlet, module, files });
  const errorsFound = await runErrors({ Lua, module, vectors: errors });
  Object.assign(report, { passed: raw + errorsFound.passed, packaged, vectors: Object.values(vectors).flat().length });
  report.failed.push(...failed, ...errorsFound.failed);
  for (const [name, program] of Object.entries(programs)) {
    let printed = "";
    const write = (text) => (printed += text);
    try {
      await program({
        Lua,
        readFile: async (url) => new TextEncoder().encode(texts[url.pathname.split("/").at(-1)]),
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        console: { log: (...values) => write(`${values.join(" ")}\n`) },
        process: { stdout: { write } },
      });
      if (printed === outputs[name]) report.programs++;
      else report.failed.push(`${name}: printed ${JSON.stringify(printed)}`);
    } catch (error) {
      report.failed.push(`${name}: ${error.stack}`);
    }
  }
  const long = await Lua.create();
  try {
    await long.run("while true do end", { signal: AbortSignal.timeout(30) });
  } catch (error) {
    if (error.kind !== "cancelled") report.failed.push(`a signal: ${error.stack}`);
  }
  if (Object.keys(suite).length > 0) {
    const wrong = await conformance(Lua, suite, texts["conformance.lua"]);
    report.conformance = [Number(wrong === undefined), 1];
    if (wrong !== undefined) report.failed.push(wrong);
  }
  Object.assign(report, await figures(Lua, texts));
  return report;
}

/** What is wrong with how Lua's official suite runs; nothing where it ends well. */
async function conformance(Lua, suite, script) {
  let printed = "";
  const write = (text) => (printed += text);
  const libraries = "base package coroutine debug io math os string table utf8 msgpack host debug_full".split(" ");
  const lua = await Lua.create({ memory: 0, libraries, binaryChunks: true, seed: 0, clock: 1_767_225_600, onOutput: write, onErrorOutput: write });
  lua.files.set("a", "");
  for (const [name, contents] of Object.entries(suite)) lua.files.set(name, Uint8Array.from(atob(contents), (letter) => letter.charCodeAt(0)));
  try {
    await lua.run(script, { name: "=suite" });
    return printed.includes("final OK") ? undefined : `the official suite prints ${printed.slice(-500)}`;
  } catch (error) {
    return `the official suite: ${error.stack} after ${printed.slice(-500)}`;
  } finally {
    lua.close();
  }
}

/** Levels of C calls, and milliseconds at best of a new state with its first result, of fib(24), and of 10,000 texts formatted and joined. */
async function figures(Lua, texts) {
  const shortest = async (times, work) => {
    let best = Infinity;
    for (let i = 0; i < times; i++) {
      const began = performance.now();
      await work();
      best = Math.min(best, performance.now() - began);
    }
    return best;
  };
  const start_ms = await shortest(9, async () => {
    const lua = await Lua.create();
    lua.eval("return 1");
    lua.close();
  });
  const lua = await Lua.create();
  const timed = (name) => shortest(9, () => lua.eval(texts[`${name}.lua`]));
  const found = { start_ms, fib_ms: await timed("fib"), strings_ms: await timed("strings"), depth: lua.eval(texts["depth.lua"]) };
  lua.close();
  return found;
}
