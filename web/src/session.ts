import url54 from "moonlet/lua54.wasm?url";
import url55 from "moonlet/lua55.wasm?url";

import { Events } from "./events.js";
import type { Failure, Phase, Project, Report, Request, Version } from "./protocol.js";

const compiled = new Map<Version, Promise<WebAssembly.Module>>();

/** The module of a version, which is fetched and compiled once. */
function moduleOf(version: Version): Promise<WebAssembly.Module> {
  const known = compiled.get(version);
  if (known) return known;
  const response = fetch(version === "5.4" ? url54 : url55);
  // Servers that do not know the type of .wasm files are common, and streaming refuses what they send.
  const made = response.then(async (answer) => WebAssembly.compile(await answer.arrayBuffer()));
  made.catch(() => compiled.delete(version));
  compiled.set(version, made);
  return made;
}

/** What a session tells. */
interface SessionEvents {
  phase: Phase;
  output: { text: string; isError: boolean };
  meters: { fuel: number; memory: number; peak: number };
  ended: { failure?: Failure; result?: string };
}

/** One Lua in a worker of its own, as the page sees it. */
export class Session extends Events<SessionEvents> {
  phase: Phase = "idle";
  #worker: Worker;
  readonly #opened: Promise<void>;

  constructor(readonly version: Version) {
    super();
    this.#worker = new Worker(new URL("./worker/worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<Report>) => this.#hear(data);
    this.#opened = moduleOf(version).then((module) => this.#worker.postMessage({ type: "open", version, module }));
  }

  async #ask(request: Request): Promise<void> {
    await this.#opened;
    this.#worker.postMessage(request);
  }

  #hear(report: Report): void {
    switch (report.type) {
      case "phase":
        this.phase = report.phase;
        this.emit("phase", report.phase);
        break;
      case "output":
      case "meters":
      case "ended":
        this.emit(report.type, report as never);
    }
  }

  /** Runs a file of the project from its start. */
  run(project: Project): Promise<void> {
    return this.#ask({ type: "run", project });
  }

  /** Ends what runs. */
  stop(): Promise<void> {
    return this.#ask({ type: "stop" });
  }

  /** Gives the worker up. */
  close(): void {
    this.#worker.terminate();
  }
}
