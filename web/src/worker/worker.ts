import { Lua, LuaError } from "moonlet";

import type { Failure, Project, Report, Request } from "../protocol.js";

const tell = (report: Report): void => postMessage(report);

let opened: Promise<WebAssembly.Module>;
let stopping: AbortController | undefined;

function failureOf(error: unknown): Failure {
  if (!(error instanceof LuaError)) return { kind: "host", message: String(error) };
  const { kind, message, chunk, line, traceback } = error;
  return { kind, message, chunk, line, traceback };
}

async function run({ files, main }: Project): Promise<void> {
  const lua = await Lua.create({
    module: opened,
    slice: 200_000,
    onOutput: (text) => tell({ type: "output", text, isError: false }),
    onErrorOutput: (text) => tell({ type: "output", text, isError: true }),
  });
  for (const [name, text] of files) lua.files.set(name, text);
  stopping = new AbortController();
  tell({ type: "phase", phase: "running" });
  try {
    await lua.run(lua.files.text(main) ?? "", { name: `@${main}`, signal: stopping.signal });
    tell({ type: "ended" });
  } catch (error) {
    tell({ type: "ended", failure: failureOf(error) });
  }
  tell({ type: "phase", phase: "idle" });
}

addEventListener("message", ({ data }: MessageEvent<Request>) => {
  if (data.type === "open") opened = Promise.resolve(data.module);
  else if (data.type === "run") void run(data.project);
  else stopping?.abort();
});
