// Runs the tests of a folder, `unit`, `page`, `webkit` or `figures`: `node tests/run.mjs unit|page|webkit|figures [WORD OF A TEST FILE'S NAME]`.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const web = fileURLToPath(new URL("..", import.meta.url));
const [kind, word = "", ...more] = process.argv.slice(2);
const isKind = ["unit", "page", "webkit", "figures"].includes(kind);
const names = isKind ? readdirSync(join(web, "tests", kind)).filter((name) => name.endsWith(".test.ts") && name.includes(word)) : [];
if (more.length > 0 || names.length === 0) {
  console.error("usage: npm run test:unit [WORD], npm run test:page [WORD], npm run test:webkit [WORD], npm run figures [WORD], where WORD is part of a test file's name");
  process.exit(2);
}

// Within node_modules, from where packages are found.
const folder = mkdtempSync(join(web, "node_modules/.tests-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

// As Vite has it: a text by its file's name with `?raw`.
const raw = {
  name: "raw",
  setup(bundle) {
    bundle.onResolve({ filter: /\?raw$/ }, ({ path, resolveDir }) => ({ path: join(resolveDir, path.replace(/\?raw$/, "")) }));
  },
};

await build({
  entryPoints: names.map((name) => join(web, "tests", kind, name)),
  outdir: folder,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  packages: "external",
  format: "esm",
  platform: "node",
  target: "node20",
  loader: { ".lua": "text" },
  plugins: [raw],
  logLevel: "error",
});

// Browsers one after another: two at once would wait for each other's cores.
const flags = kind !== "unit" ? ["--test-concurrency=1"] : [];
const files = names.map((name) => join(folder, name.replace(/\.ts$/, ".mjs")));
// A process group of its own, which is asked to end when this run is interrupted: browsers are in groups of theirs, and only who started them ends them.
const child = spawn(process.execPath, ["--test", ...flags, ...files], { cwd: web, stdio: "inherit", detached: true });
const kill = (signal) => {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended.
  }
};
process.on("exit", () => kill("SIGKILL"));
let ended = 1;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    ended = 128 + constants.signals[signal];
    kill("SIGTERM");
    setTimeout(() => process.exit(ended), 5000).unref();
  });
}
child.on("exit", (code) => process.exit(code ?? ended));
