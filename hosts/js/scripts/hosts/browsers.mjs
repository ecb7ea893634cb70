// Browsers: a page, a module worker, a page under a CSP, and bundles of Vite and esbuild, each in a frame that reports by POST.
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";

import { run, start, stop } from "../children.mjs";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
const CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
const WAYS = ["page", "worker", "csp", "inline", "vite", "esbuild"];
const WAIT = 600_000;

/** The script of a way: asks the package and reports. */
const main = (specifier, way) => `
import * as moonlet from "${specifier}";
import { check } from "./check.mjs";
import * as data from "./data.mjs";
const report = async () => {
  try {
    const module = await WebAssembly.compile(await (await fetch("/site/package/lua54.wasm")).arrayBuffer());
    return await check({ moonlet, module, ...data });
  } catch (error) {
    return { failed: [error.stack ?? String(error)] };
  }
};
const body = JSON.stringify(await report());
await fetch("/report/${way}", { method: "POST", body });
globalThis.parent?.postMessage?.("done", "*");
`;

const page = (script) => `<!doctype html><meta charset="utf-8"><title>moonlet</title><script type="module" src="${script}"></script>`;

/** Puts every way under `site`. */
async function prepare(project, tools, site) {
  rmSync(site, { recursive: true, force: true });
  mkdirSync(site, { recursive: true });
  cpSync(join(project, "node_modules/moonlet/dist"), join(site, "package"), { recursive: true });
  for (const name of ["check.mjs", "data.mjs", "vectors.mjs"]) copyFileSync(join(project, name), join(site, name));
  for (const way of ["page", "worker", "csp"]) writeFileSync(join(site, `${way}.js`), main("./package/index.js", way));
  writeFileSync(join(site, "inline.js"), main("./package/inline.js", "inline"));
  for (const way of ["page", "csp", "inline"]) writeFileSync(join(site, `${way}.html`), page(`${way}.js`));
  writeFileSync(join(site, "start-worker.js"), 'const worker = new Worker("worker.js", { type: "module" });\nworker.onerror = (event) => fetch("/report/worker", { method: "POST", body: JSON.stringify({ failed: [`the worker: ${event.message}`] }) });\n');
  writeFileSync(join(site, "worker.html"), page("start-worker.js"));

  writeFileSync(join(project, "vite.js"), main("moonlet", "vite"));
  writeFileSync(join(project, "index.html"), page("/vite.js"));
  const vite = await run(process.execPath, [join(tools, "vite/bin/vite.js"), "build", "--base", "/site/vite/", "--outDir", join(site, "vite"), "--target", "esnext", "--logLevel", "warn"], { cwd: project });
  if (vite.status !== 0) throw new Error(vite.stderr);

  writeFileSync(join(project, "esbuild.js"), main("moonlet", "esbuild"));
  const esbuild = createRequire(join(tools, "x.js"))("esbuild");
  await esbuild.build({ entryPoints: [join(project, "esbuild.js")], bundle: true, format: "esm", minify: true, outdir: join(site, "esbuild"), logLevel: "error" });
  // esbuild copies no file that a URL names.
  copyFileSync(join(project, "node_modules/moonlet/dist/lua54.wasm"), join(site, "esbuild/lua54.wasm"));
  writeFileSync(join(site, "esbuild/index.html"), page("esbuild.js"));

  writeFileSync(join(site, "all.html"), page("all.js"));
  writeFileSync(join(site, "all.js"), `
for (const way of ${JSON.stringify(WAYS)}) {
  const frame = document.createElement("iframe");
  frame.src = ["vite", "esbuild"].includes(way) ? \`/site/\${way}/index.html\` : \`/site/\${way}.html\`;
  document.body.append(frame);
  for (;;) {
    const { done } = await (await fetch("/reported/" + way)).json();
    if (done) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  frame.remove();
}
`);
}

/** Serves `site`, and collects what is reported. */
function serve(site) {
  const reports = new Map();
  const server = createServer(async (request, response) => {
    const [, first, ...rest] = new URL(request.url, "http://localhost").pathname.split("/");
    if (first === "report") {
      const parts = [];
      for await (const part of request) parts.push(part);
      reports.set(rest[0], JSON.parse(Buffer.concat(parts)));
      return response.end();
    }
    if (first === "reported") return response.end(JSON.stringify({ done: reports.has(rest[0]) }));
    const file = join(site, normalize(rest.join("/")));
    if (first !== "site" || !existsSync(file)) return response.writeHead(404).end();
    response.setHeader("content-type", TYPES[extname(file)] ?? "application/octet-stream");
    if (rest.join("/") === "csp.html") response.setHeader("content-security-policy", CSP);
    return response.end(readFileSync(file));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve({ server, reports, port: server.address().port })));
}

const CHROMIUM = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** How each browser is started with a profile of its own. */
const BROWSERS = {
  chromium: { commands: ["chromium", "chromium-browser"], version: ["--version"], flags: (profile, url) => [...CHROMIUM, `--user-data-dir=${profile}`, url] },
  firefox: { commands: ["firefox-esr", "firefox"], version: ["--version"], flags: (profile, url) => ["--headless", "--no-remote", "--profile", profile, url] },
  webkit: { commands: spawnSync("sh", ["-c", "ls /usr/lib/*/webkit2gtk-4.*/MiniBrowser"], { encoding: "utf8" }).stdout.trim().split("\n"), version: [], flags: (profile, url) => [url], needsDisplay: true },
};

const PACKAGES = "apt-get install chromium firefox-esr webkit2gtk-driver xvfb";

function isThere(command) {
  return command !== "" && spawnSync("sh", ["-c", `command -v "${command}"`]).status === 0;
}

async function browse(name, { commands, version, flags, needsDisplay }, site) {
  const command = commands.find(isThere);
  if (command === undefined) return [{ engine: name, why: `is not installed: ${PACKAGES}` }];
  const display = needsDisplay && !process.env.DISPLAY;
  if (display && !isThere("xvfb-run")) return [{ engine: name, why: `needs a display: ${PACKAGES}` }];
  // MiniBrowser tells no version; the package that it is of does.
  const ask = version.length > 0 ? [command, version] : ["dpkg-query", ["--show", "--showformat=${Version}", "webkit2gtk-driver"]];
  const found = spawnSync(...ask, { encoding: "utf8" }).stdout?.match(/\d+(\.\d+)+/)?.[0];
  const { server, reports, port } = await serve(site);
  const profile = mkdtempSync(join(tmpdir(), "moonlet-"));
  const remove = () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  process.once("exit", remove);
  const words = [command, ...flags(profile, `http://127.0.0.1:${port}/site/all.html`)];
  if (display) words.unshift("xvfb-run", "-a");
  const browser = start(words[0], words.slice(1), { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, HOME: profile, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" } });
  let errors = "";
  browser.stderr.on("data", (text) => (errors = (errors + text).slice(-1000)));
  const end = Date.now() + WAIT;
  while (reports.size < WAYS.length && Date.now() < end && browser.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 100));
  await stop(browser);
  server.close();
  server.closeAllConnections();
  process.off("exit", remove);
  remove();
  return WAYS.map((way) => {
    const report = reports.get(way);
    const row = { engine: name, version: found, way };
    if (report === undefined) return { ...row, why: `no report: ${errors}` };
    return report.vectors === undefined ? { ...row, why: report.failed.join(" ") } : { ...row, report };
  });
}

export async function browsers({ project, tools, isWanted, tell }) {
  const site = join(project, "site");
  await prepare(project, tools, site);
  for (const [name, browser] of Object.entries(BROWSERS)) {
    if (isWanted(name)) (await browse(name, browser, site)).forEach(tell);
  }
}
