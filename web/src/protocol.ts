// The messages between the page and a worker that runs Lua.

/** A version of Lua. */
export type Version = "5.4" | "5.5";

/** What the worker does: nothing, running, or a script that is held. */
export type Phase = "idle" | "running" | "paused" | "waiting";

/** How a script that ended ended. */
export interface Failure {
  /** The kind of a `LuaError`, or `"host"`. */
  kind: string;
  message: string;
  chunk?: string | undefined;
  line?: number | undefined;
  traceback?: string | undefined;
}

/** What a run starts with. */
export interface Project {
  /** Names and texts of all files. */
  files: [string, string][];
  /** The file that is run. */
  main: string;
}

/** What is asked of the worker. */
export type Request =
  | { type: "open"; version: Version; module: WebAssembly.Module }
  | { type: "run"; project: Project }
  | { type: "stop" };

/** What the worker tells. */
export type Report =
  | { type: "ready" }
  | { type: "phase"; phase: Phase }
  | { type: "output"; text: string; isError: boolean }
  | { type: "meters"; fuel: number; memory: number; peak: number }
  | { type: "ended"; failure?: Failure; result?: string };
