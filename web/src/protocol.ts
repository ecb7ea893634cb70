// The messages between the page and a worker that runs Lua.

/** A version of Lua. */
export type Version = "5.4" | "5.5";

/** What the worker does: nothing, running, held by its user, or waiting for the page (a host call, input). */
export type Phase = "idle" | "running" | "paused" | "waiting";

/** How a script that ended by an error ended. */
export interface Failure {
  /** The kind of a `LuaError`, `"stopped"`, or `"page"` for an error of the page itself. */
  kind: string;
  message: string;
  /** The file in which it happened, and the line. */
  file?: string | undefined;
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

/** What bounds a script; 0 is no limit. */
export interface Limits {
  memory: number;
  fuel: number;
  /** Whether seed and clock are fixed, so that equal runs are equal. */
  deterministic: boolean;
}

/** How the program goes on: to its end or a mark, to the next line, or to the next that is not deeper. */
export type Mode = "run" | "step" | "over";

/** Lines at which the program stops, by file. */
export type Marks = Record<string, number[]>;

/** A value as the page shows it; parts are asked for by `id`. */
export interface Shown {
  kind: string;
  text: string;
  id?: number;
}

/** A value with the name that it has where it is. */
export interface Part {
  name: string;
  value: Shown;
}

/** One call of the program's stack. */
export interface Frame {
  file?: string;
  line: number;
  name: string;
  locals: Part[];
}

/** Something that the worker runs: the program, or a statement of the console. */
export interface JobInfo {
  kind: "program" | "statement";
  /** The file, or the statement. */
  label: string;
}

/** Why a snapshot was taken. */
export type Reason = "start" | "pause" | "step" | "call" | "statement" | "end" | "stop";

/** One snapshot, as the worker tells of it. */
export interface MomentInfo {
  reason: Reason;
  /** What happened, in a few words: the host call, the statement, how it ended. */
  label: string;
  file?: string | undefined;
  line?: number | undefined;
  fuel: number;
  memory: number;
  /** What waits, the oldest first. */
  jobs: JobInfo[];
  /** Host calls since the last snapshot that got none of their own. */
  skipped: number;
  /** The header of the stored form. */
  header: Uint8Array;
  /** The numbers of all pages of the snapshot. */
  pages: number[];
  /** Those pages that the one before does not have, or has otherwise. */
  changed: [number, Uint8Array][];
  /** Milliseconds that taking it took. */
  took: number;
}

/** A difference of two states: paths of globals with their texts. */
export interface Comparison {
  entries: { path: string; before?: string; after?: string }[];
  /** Whether there are more globals than were looked at. */
  isCut: boolean;
}

/** What the page asks and gets an answer to. */
export interface Questions {
  children: { argument: { id: number; from: number }; answer: { parts: Part[]; more: boolean } | undefined };
  globals: { argument: { all: boolean }; answer: Part[] };
  where: { argument: undefined; answer: Frame[] };
  /** Bytes of each file in the file system. */
  files: { argument: undefined; answer: [string, number][] };
  file: { argument: string; answer: Uint8Array | undefined };
  compare: { argument: { before: Uint8Array; after: Uint8Array }; answer: Comparison };
  /** `string.dump` of a chunk. */
  dump: { argument: { source: string; name: string; strip: boolean }; answer: Uint8Array };
  /** Why source of the console is none; `undefined` when it is. */
  check: { argument: string; answer: string | undefined };
  complete: { argument: string; answer: { stem: string; names: string[] } };
}

export type Question = keyof Questions;

/** What is asked of the worker. */
export type Request =
  | { type: "open"; module: WebAssembly.Module; limits: Limits; base: string }
  | { type: "run"; project: Project; keep: boolean; mode: Mode; marks: Marks }
  | { type: "evaluate"; source: string; files: [string, string][] }
  | { type: "pause" }
  | { type: "go"; mode: Mode; marks: Marks }
  | { type: "marks"; marks: Marks }
  | { type: "stop" }
  | { type: "reset"; limits: Limits }
  | { type: "restore"; snapshot: Uint8Array; jobs: JobInfo[] }
  | { type: "feed"; job: number; text: string | null }
  | { type: "answer"; call: number; value?: unknown; error?: string }
  | { type: "taken" }
  | { type: "ask"; id: number; question: Question; argument: unknown };

/** What the worker tells. */
export type Report =
  | { type: "ready" }
  | { type: "phase"; phase: Phase }
  | { type: "output"; pieces: [text: string, isError: boolean][]; dropped: number }
  | { type: "meters"; fuel: number; memory: number; peak: number }
  | { type: "held"; frames: Frame[] }
  /** Whether a snapshot is being taken: the worker hears again after it, however large it is. */
  | { type: "saving"; isSaving: boolean }
  | { type: "moment"; moment: MomentInfo }
  | { type: "call"; call: number; name: string; values: unknown[] }
  | { type: "picture"; picture: (string | number)[] }
  | { type: "uncall"; call: number }
  | { type: "input"; job: number }
  | { type: "ended"; job: JobInfo; failure?: Failure; results: Shown[] }
  | { type: "restored" }
  | { type: "reply"; id: number; answer?: unknown; error?: string };
