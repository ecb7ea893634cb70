// Engines that run a file: Node, Deno, Bun.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { run } from "../children.mjs";

const MAIN = `
const began = performance.now();
const moonlet = await import("moonlet");
const { readFile } = await import("node:fs/promises");
const first = (await moonlet.Lua.create()).eval("return 6 * 7");
const took = performance.now() - began;
const { check } = await import("./check.mjs");
const data = await import("./data.mjs");
const module = await WebAssembly.compile(await readFile(new URL("node_modules/moonlet/dist/lua54.wasm", import.meta.url)));
const inline = await import("moonlet/inline");
if ((await inline.Lua.create()).eval("return 1") !== 1) throw new Error("inline");
const lua55 = await import("moonlet/lua55");
if ((await lua55.Lua.create()).eval("return _VERSION") !== "Lua 5.5") throw new Error("lua55");
console.log(JSON.stringify({ ...(await check({ moonlet, module, ...data })), first: took }));
`;

const COMMANDS = { deno: ["deno", ["run", "--allow-all", "--node-modules-dir=manual"]], bun: ["bun", ["run"]] };

export async function commandLine({ name, project, engine }) {
  const [program, flags] = COMMANDS[name] ?? ["../node/bin/node", []];
  const command = join(engine, ".bin", program);
  writeFileSync(join(project, "main.mjs"), MAIN);
  const version = await run(command, ["--version"]);
  if (version.status !== 0) return { engine: name, why: `does not start: ${version.stderr}` };
  const { status, stdout, stderr, isLate } = await run(command, [...flags, "main.mjs"], { cwd: project, timeout: 300_000 });
  const row = { engine: name.replace(/\d+$/, ""), version: version.stdout.match(/\d+\.\d+\.\d+/)?.[0], way: "file" };
  if (status !== 0) return { ...row, why: `${isLate ? "took too long" : `ended with ${status}`}: ${stderr}` };
  return { ...row, report: JSON.parse(stdout) };
}
