import url54 from "moonlet/lua54.wasm?url";
import url55 from "moonlet/lua55.wasm?url";

import { Events } from "./events.js";
import type {
  Failure,
  Frame,
  JobInfo,
  Limits,
  Marks,
  Mode,
  MomentInfo,
  Phase,
  Project,
  Question,
  Questions,
  Report,
  Request,
  Shown,
  Version,
} from "./protocol.js";

/** Milliseconds that the worker has to stop by itself; then it is ended. */
const PATIENCE = 25;

const compiled = new Map<Version, Promise<WebAssembly.Module>>();

/** The module of a version, which is fetched and compiled once. */
export function moduleOf(version: Version): Promise<WebAssembly.Module> {
  const known = compiled.get(version);
  if (known) return known;
  const lost = (): never => {
    throw new Error(`Lua ${version} could not be loaded; run again once the site can be reached`);
  };
  const made = fetch(version === "5.4" ? url54 : url55).catch(lost).then(async (response) => {
    if (!response.ok) throw new Error(`Lua ${version} could not be loaded: the site answers ${response.status}`);
    // Servers that do not know the type of .wasm files are common, and streaming refuses what they send.
    const streams = response.headers.get("content-type") === "application/wasm";
    return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
  });
  made.catch(() => compiled.delete(version));
  compiled.set(version, made);
  return made;
}

let prepared: Worker | undefined;

function newWorker(): Worker {
  return new Worker(new URL("./worker/worker.ts", import.meta.url), { type: "module", name: "Lua" });
}

/** Starts a worker for the next session that opens. */
export function prepareWorker(): void {
  prepared ??= newWorker();
}

/** What a session tells. */
export interface SessionEvents {
  phase: Phase;
  output: { pieces: [text: string, isError: boolean][]; dropped: number };
  meters: { fuel: number; memory: number; peak: number };
  held: Frame[];
  moment: MomentInfo;
  /** A host call that the page answers, by `answer`. */
  call: { call: number; name: string; values: unknown[] };
  /** A host call that nobody waits for any longer. */
  uncall: number;
  picture: (string | number)[];
  /** A script reads standard input; `feed` brings it. */
  input: { job: number };
  ended: { job: JobInfo; failure?: Failure; results: Shown[] };
  /** The state is another: what was known of values is void. */
  restored: undefined;
  /** What waited for the page does so no longer. */
  cleared: undefined;
}

/** A state to go back to. */
export interface Rescue {
  snapshot: Uint8Array;
  jobs: JobInfo[];
  /** What the page calls it. */
  name: string;
}

/** One Lua in a worker of its own, as the page sees it. */
export class Session extends Events<SessionEvents> {
  phase: Phase = "idle";
  /** The calls of a program that is held. */
  frames: Frame[] = [];
  #ready!: () => void;
  /** Resolves when the worker has its first state. */
  readonly ready = new Promise<void>((resolve) => (this.#ready = resolve));
  /** The state to go back to where the worker has to be ended; set by who keeps snapshots. */
  rescue: () => Rescue | undefined = () => undefined;
  #worker!: Worker;
  #opened!: Promise<void>;
  #isLost = false;
  #asked = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #last = 0;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #running = "";
  #isSaving = false;

  constructor(
    readonly version: Version,
    public limits: Limits,
  ) {
    super();
    this.#open();
  }

  #open(): void {
    const worker = prepared ?? newWorker();
    prepared = undefined;
    worker.onmessage = ({ data }: MessageEvent<Report>) => this.#hear(data);
    this.#worker = worker;
    this.#opened = moduleOf(this.version).then(
      (module) => {
        const request: Request = { type: "open", module, limits: this.limits, base: document.baseURI };
        worker.postMessage(request);
      },
      (error: Error) => {
        this.#isLost = true;
        worker.terminate();
        throw error;
      },
    );
    this.#opened.catch(() => undefined);
  }

  async #send(request: Request, transfer: Transferable[] = []): Promise<void> {
    await this.#opened;
    this.#worker.postMessage(request, transfer);
  }

  #hear(report: Report): void {
    switch (report.type) {
      case "ready":
        this.#ready();
        return;
      case "phase":
        this.#setPhase(report.phase);
        return;
      case "reply": {
        const asked = this.#asked.get(report.id);
        this.#asked.delete(report.id);
        if (report.error === undefined) asked?.resolve(report.answer);
        else asked?.reject(new Error(report.error));
        return;
      }
      case "held":
        this.frames = report.frames;
        this.emit("held", report.frames);
        return;
      case "saving":
        this.#isSaving = report.isSaving;
        return;
      case "moment":
        this.emit("moment", report.moment);
        return;
      case "picture":
        this.emit("picture", report.picture);
        return;
      case "uncall":
        this.emit("uncall", report.call);
        return;
      case "restored":
        this.emit("restored", undefined);
        return;
      case "ended":
        this.emit("ended", report);
        // The engine tore the instance down; the state before is as good as that can be.
        if (report.failure?.kind === "poisoned") this.#goToRescue();
        return;
      default:
        this.emit(report.type, report as never);
    }
  }

  #setPhase(phase: Phase): void {
    this.phase = phase;
    if (phase !== "paused") this.frames = [];
    if (phase === "idle") clearTimeout(this.#patience);
    this.emit("phase", phase);
  }

  /** Runs a file of the project from its start: in a new state, or in the one that is there. */
  async run(project: Project, how: { keep: boolean; mode: Mode; marks: Marks }): Promise<void> {
    await this.stop();
    this.#running = project.main;
    return this.#begin({ type: "run", project, ...how });
  }

  /** Sends what makes the worker run something. It runs from here on, so that Stop finds it. */
  async #begin(request: Request): Promise<void> {
    // A module that could not be loaded is asked for again.
    if (this.#isLost) {
      this.#isLost = false;
      this.#open();
    }
    if (this.phase === "idle") this.#setPhase("running");
    try {
      await this.#send(request);
    } catch (error) {
      this.#setPhase("idle");
      throw error;
    }
  }

  /** Runs a statement or an expression in the state as it is. */
  evaluate(source: string, files: [string, string][]): Promise<void> {
    return this.#begin({ type: "evaluate", source, files });
  }

  /** Holds the program. */
  pause(): Promise<void> {
    return this.#send({ type: "pause" });
  }

  /** Goes on with what is held. */
  go(mode: Mode, marks: Marks): Promise<void> {
    return this.#send({ type: "go", mode, marks });
  }

  /** Changes the lines to stop at while a program runs. */
  async setMarks(marks: Marks): Promise<void> {
    if (this.phase === "running" || this.phase === "waiting") await this.#send({ type: "marks", marks });
  }

  /** Ends what runs; the state stays. Where the worker does not hear, it is ended, and the state is the last one that was kept. */
  async stop(): Promise<void> {
    if (this.phase === "idle") return;
    // While the module loads nobody can hear, and nothing runs.
    await this.#opened.catch(() => undefined);
    if (this.#isLost) return;
    clearTimeout(this.#patience);
    this.#wait();
    const stopped = new Promise<void>((resolve) => {
      const leave = this.on("phase", (phase) => {
        if (phase !== "idle") return;
        leave();
        resolve();
      });
    });
    await this.#send({ type: "stop" });
    await stopped;
  }

  /** Ends the worker unless it stops in time. */
  #wait(): void {
    this.#patience = setTimeout(() => {
      // What it has said already may stand in the queue behind this; and a snapshot comes to its end.
      setTimeout(() => {
        if (this.phase === "idle") return;
        if (this.#isSaving) this.#wait();
        else this.#replace();
      });
    }, PATIENCE);
  }

  /** Ends the worker and opens another. */
  #replace(): void {
    this.#worker.terminate();
    this.#isSaving = false;
    for (const { reject } of this.#asked.values()) reject(new Error("the worker was ended"));
    this.#asked.clear();
    this.emit("cleared", undefined);
    this.#setPhase("idle");
    this.#open();
    const name = this.#goToRescue();
    const message = `stopped within a call that lets nobody in; the state is ${name ? `that of ${name}` : "a new one"}`;
    this.emit("ended", { job: { kind: "program", label: this.#running }, failure: { kind: "stopped", message }, results: [] });
  }

  /** Goes back to the last state that was kept; its name. */
  #goToRescue(): string | undefined {
    const rescue = this.rescue();
    if (rescue) void this.restore(rescue.snapshot, rescue.jobs);
    return rescue?.name;
  }

  /** Puts a new state into the place of the one that is there. */
  async reset(): Promise<void> {
    await this.stop();
    await this.#send({ type: "reset", limits: this.limits });
    this.emit("restored", undefined);
  }

  /** Makes the state that of a snapshot, whose bytes go to the worker. */
  async restore(snapshot: Uint8Array, jobs: JobInfo[]): Promise<void> {
    this.emit("cleared", undefined);
    return this.#send({ type: "restore", snapshot, jobs }, [snapshot.buffer]);
  }

  /** Brings standard input; null is its end. */
  feed(job: number, text: string | null): Promise<void> {
    return this.#send({ type: "feed", job, text });
  }

  /** Answers a host call. */
  answer(call: number, answer: { value?: unknown; error?: string }): Promise<void> {
    return this.#send({ type: "answer", call, ...answer });
  }

  /** Says that output was shown, so that more may come. */
  taken(): Promise<void> {
    return this.#send({ type: "taken" });
  }

  /** Asks the worker something. */
  async ask<Q extends Question>(question: Q, argument: Questions[Q]["argument"]): Promise<Questions[Q]["answer"]> {
    const id = ++this.#last;
    const answer = new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
    await this.#send({ type: "ask", id, question, argument });
    return answer as Promise<Questions[Q]["answer"]>;
  }

  /** Gives the worker up. */
  close(): void {
    clearTimeout(this.#patience);
    this.#worker.terminate();
  }
}
