// workerd, which compiles no bytes: the module is imported.
import { copyFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { build } from "esbuild";

import { run, start, stop } from "../children.mjs";

const WAIT = 600_000;

const MAIN = `
import * as moonlet from "moonlet";
import module from "moonlet/lua54.wasm";
import { check } from "./check.mjs";
import * as data from "./data.mjs";
export default {
  async fetch() {
    const report = await check({ moonlet, module, ...data });
    try {
      await moonlet.Lua.create({ module: new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]) });
      report.failed.push("bytes were compiled");
    } catch {}
    return Response.json(report);
  },
};
`;

const CONFIG = (port) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker", esModule = embed "worker.js"), (name = "lua54.wasm", wasm = embed "lua54.wasm")],
    compatibilityDate = "2026-01-01"))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
`;

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function workerd({ project, engine }) {
  const command = join(engine, ".bin/workerd");
  const version = (await run(command, ["--version"])).stdout.match(/\d{4}-\d\d-\d\d/)?.[0];
  const row = { engine: "workerd", version, way: "worker" };
  writeFileSync(join(project, "worker-main.mjs"), MAIN);
  const toFile = {
    name: "modules",
    setup: (bundle) => bundle.onResolve({ filter: /\.wasm$/ }, () => ({ path: "./lua54.wasm", external: true })),
  };
  await build({ entryPoints: [join(project, "worker-main.mjs")], bundle: true, format: "esm", conditions: ["workerd"], outfile: join(project, "worker.js"), plugins: [toFile], logLevel: "error" });
  copyFileSync(join(project, "node_modules/moonlet/dist/lua54.wasm"), join(project, "lua54.wasm"));
  const port = await freePort();
  writeFileSync(join(project, "config.capnp"), CONFIG(port));
  const server = start(command, ["serve", "config.capnp"], { cwd: project, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  server.stderr.on("data", (text) => (errors += text));
  try {
    for (let i = 0; i < 100; i++) {
      try {
        const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(WAIT) });
        if (!response.ok) return { ...row, why: `answers ${response.status}: ${errors}` };
        return { ...row, report: await response.json() };
      } catch (error) {
        if (server.exitCode !== null || error.cause?.code !== "ECONNREFUSED") return { ...row, why: `${error.cause ?? error} ${errors}` };
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    return { ...row, why: `does not answer: ${errors}` };
  } finally {
    await stop(server);
  }
}
