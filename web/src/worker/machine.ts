import { Lua, LuaMemoryError, LuaPoisonedError, type LuaOptions, type Task } from "moonlet";

import type { JobInfo, Limits, Marks, Mode, Phase, Project, Reason, Report } from "../protocol.js";
import { failureOf, syntaxFailure } from "./failure.js";
import { describeCall, HostCalls } from "./hostcalls.js";
import { Inside, resultsOf } from "./inside.js";
import { Job } from "./jobs.js";
import { Output } from "./output.js";
import { Recorder } from "./recorder.js";
import { nextTurn } from "./turn.js";

/** Units of one slice: under a millisecond, so that messages of the page are heard. */
const SLICE = 100_000;
/** Milliseconds that scripts run for before messages are heard. */
const TURN = 8;
/** Milliseconds between two reports of the meters. */
const METERS = 50;
/** A host call that waits so long has its snapshot in any case, after so many milliseconds. */
const LATE = 120;

/** One Lua with all that runs in it. */
export class Machine {
  readonly output: Output;
  readonly calls: HostCalls;
  lua!: Lua;
  inside!: Inside;
  #jobs: Job[] = [];
  #last = 0;
  #isHeld = false;
  #isWatching = false;
  #isLooping = false;
  #isFresh = true;
  #phase: Phase = "idle";
  #files = new Map<string, string>();
  readonly #recorder: Recorder;
  #late: ReturnType<typeof setTimeout> | undefined;
  #metered = 0;
  /** Units that what ran last has used; what the page looks into the state by does not count. */
  #fuel = 0;

  private constructor(
    readonly module: WebAssembly.Module,
    base: string,
    public limits: Limits,
    readonly tell: (report: Report) => void,
  ) {
    this.output = new Output(tell);
    this.calls = new HostCalls(base, tell);
    this.#recorder = new Recorder(tell);
  }

  static async open(module: WebAssembly.Module, base: string, limits: Limits, tell: (report: Report) => void): Promise<Machine> {
    const machine = new Machine(module, base, limits, tell);
    await machine.renew();
    return machine;
  }

  /** Options of a state that is the script's. */
  get options(): LuaOptions {
    const { memory, fuel, deterministic } = this.limits;
    return { module: this.module, memory, fuel, deterministic, slice: SLICE, input: true };
  }

  /** Puts a new state into the place of the one that is there. */
  async renew(): Promise<void> {
    this.#giveUp();
    this.#fuel = 0;
    this.lua?.close();
    this.lua = await Lua.create({
      ...this.options,
      onOutput: (text) => this.output.write(text, false),
      onErrorOutput: (text) => this.output.write(text, true),
    });
    this.inside = new Inside(this.lua);
    this.#recorder.follow();
    this.#files.clear();
    this.#isFresh = true;
    this.#tellPhase();
  }

  /** Forgets all jobs without running any of them. */
  #giveUp(): void {
    for (const job of this.#jobs) job.abandon();
    this.#jobs = [];
    this.#isHeld = this.#isWatching = false;
  }

  get #program(): Job | undefined {
    return this.#jobs.find(({ info }) => info.kind === "program");
  }

  #tellPhase(isAsked = false): void {
    const phase = this.#phaseNow();
    if (phase === this.#phase && !isAsked) return;
    this.#phase = phase;
    this.output.flush();
    this.#tellMeters();
    this.tell({ type: "phase", phase });
  }

  #phaseNow(): Phase {
    if (this.#jobs.length === 0) return "idle";
    if (this.#isHeld && !this.#jobs.some((job) => job.isFree)) return "paused";
    return this.#jobs.every((job) => job.needsPerson || (this.#isHeld && !job.isFree)) ? "waiting" : "running";
  }

  #tellMeters(): void {
    this.#metered = performance.now();
    const { memoryUsed, memoryPeak } = this.lua.stats;
    this.tell({ type: "meters", fuel: this.#fuel, memory: memoryUsed, peak: memoryPeak });
  }

  /** Brings the file system up to the page's files. */
  putFiles(files: [string, string][]): void {
    for (const [name, text] of files) {
      if (this.#files.get(name) !== text) this.lua.files.set(name, text);
    }
    for (const name of this.#files.keys()) if (!files.some(([known]) => known === name)) this.lua.files.delete(name);
    this.#files = new Map(files);
  }

  /** Runs a file of a project: in a new state, or in the one that is there. */
  async run(project: Project, keep: boolean, mode: Mode, marks: Marks): Promise<void> {
    await this.#run(project, keep, mode, marks);
    this.#tellPhase(true);
  }

  async #run({ files, main }: Project, keep: boolean, mode: Mode, marks: Marks): Promise<void> {
    const info: JobInfo = { kind: "program", label: main };
    if (!keep && !this.#isFresh) await this.renew();
    this.#end(this.#program);
    try {
      this.putFiles(files);
      if (keep) this.#forgetModules(files);
      const source = this.#files.get(main) ?? "";
      const message = this.inside.check(source, `@${main}`);
      this.#isFresh = false;
      if (message !== undefined) {
        this.tell({ type: "ended", job: info, failure: syntaxFailure(message), results: [] });
        return;
      }
      this.moment("start", main);
      this.#isHeld = false;
      this.#arm(mode, marks);
      this.#begin(info, () => this.inside.run(source, `@${main}`, this.#isWatching));
    } catch (error) {
      this.tell({ type: "ended", job: info, failure: failureOf(error), results: [] });
    }
  }

  /** Lets `require` load files anew, which may have changed. */
  #forgetModules(files: [string, string][]): void {
    const names = files.map(([name]) => name.replace(/(\/init)?\.lua$/, "").replaceAll("/", "."));
    this.lua.eval("for _, name in ipairs(...) do package.loaded[name] = nil end", { name: "=playground", args: [names] });
  }

  /** Runs a statement of the console in the state as it is. */
  evaluate(source: string, files: [string, string][]): void {
    this.#evaluate(source, files);
    this.#tellPhase(true);
  }

  #evaluate(source: string, files: [string, string][]): void {
    const info: JobInfo = { kind: "statement", label: source };
    this.#isFresh = false;
    try {
      this.putFiles(files);
      const message = this.inside.checkStatement(source);
      if (message !== undefined) {
        this.tell({ type: "ended", job: info, failure: syntaxFailure(message), results: [] });
        return;
      }
      this.#begin(info, () => this.inside.statement(source));
    } catch (error) {
      this.tell({ type: "ended", job: info, failure: failureOf(error), results: [] });
    }
  }

  #begin(info: JobInfo, start: () => Task): void {
    let task: Task;
    try {
      task = start();
    } catch (error) {
      this.#fuel = this.lua.stats.fuelUsed;
      this.#ended(info, error);
      return;
    }
    this.#fuel = this.lua.stats.fuelUsed;
    const job = new Job(++this.#last, info, task);
    job.isFree = info.kind === "statement";
    this.#jobs.push(job);
    this.#look(job);
    void this.#loop();
  }

  /** Goes on with all that can, and hears messages meanwhile. */
  async #loop(): Promise<void> {
    if (this.#isLooping) return;
    this.#isLooping = true;
    try {
      let since = performance.now();
      this.#tellPhase();
      for (let turn = 0; ; turn++) {
        const ready = this.#jobs.filter((job) => job.isReady && (!this.#isHeld || job.isFree));
        if (ready.length === 0) break;
        const job = ready[turn % ready.length]!;
        let failure: { error: unknown } | undefined;
        try {
          job.step();
        } catch (error) {
          failure = { error };
        }
        this.#fuel = this.lua.stats.fuelUsed;
        if (failure) this.#finish(job, failure.error);
        else this.#look(job);
        const now = performance.now();
        if (now - since < TURN) continue;
        if (now - this.#metered > METERS) this.#tellMeters();
        this.output.flush();
        this.#tellPhase();
        await nextTurn();
        since = performance.now();
      }
    } finally {
      this.#isLooping = false;
    }
    this.#tellPhase();
    this.output.flush();
  }

  /** Does what the outcome of a step asks for. */
  #look(job: Job): void {
    const { task } = job;
    if (task.kind === "done") {
      this.#finish(job);
    } else if (task.kind === "paused" && this.#isWatching && job.info.kind === "program" && this.inside.hasStopped) {
      this.#hold("step", this.#lineText());
    } else if ((task.kind === "call" || task.kind === "input") && !this.#isHeld) {
      this.#ask(job);
    } else if (job.isFree) {
      this.#ask(job);
    }
  }

  /** Asks for what a task waits for. */
  #ask(job: Job): void {
    const { task } = job;
    if (job.isAsked || (task.kind !== "call" && task.kind !== "input")) return;
    job.isAsked = true;
    this.output.flush();
    if (task.kind === "input") {
      this.moment("call", "io.read()");
      this.tell({ type: "input", job: job.number });
      return;
    }
    const { name = "", arguments: values } = task;
    // A person takes longer to answer than a snapshot takes.
    if (name === "prompt" || name === "key") this.moment("call", describeCall(name, values));
    else this.#momentOfCall(name, values);
    const settle = (answer: NonNullable<Job["answer"]>): void => {
      if (!this.#jobs.includes(job) || job.pending !== pending) return;
      job.pending = undefined;
      job.answer = answer;
      void this.#loop();
    };
    let pending: Job["pending"];
    try {
      pending = this.calls.begin(name, values);
    } catch (error) {
      job.answer = { error };
      return;
    }
    job.pending = pending;
    pending.answer.then(
      (value) => settle({ values: name === "frame" ? (value as unknown[]) : [value] }),
      (error: unknown) => settle({ error }),
    );
  }

  /** More standard input of the page; null is its end. */
  feed(number: number, text: string | null): void {
    const job = this.#jobs.find((known) => known.number === number);
    if (job?.task.kind !== "input") return;
    job.answer = { values: [text] };
    void this.#loop();
  }

  #finish(job: Job, error?: unknown): void {
    this.#jobs = this.#jobs.filter((known) => known !== job);
    job.abandon();
    this.#ended(job.info, error, error === undefined ? job.task : undefined);
  }

  #ended(info: JobInfo, error: unknown, task?: Task): void {
    const failure = error === undefined ? undefined : failureOf(error);
    const isProgram = info.kind === "program";
    if (isProgram) this.#isHeld = this.#isWatching = false;
    const isHere = !(error instanceof LuaPoisonedError);
    if (isHere) this.#whereItCan(() => isProgram && this.inside.over());
    if (isHere) this.#whereItCan(() => this.#showRest());
    this.output.flush();
    this.tell({ type: "ended", job: info, ...(failure && { failure }), results: task ? resultsOf(task) : [] });
    this.#tellPhase();
    // Last, as it takes a while where the state is large.
    if (isHere) this.moment(isProgram ? "end" : "statement", isProgram ? (failure?.message ?? `${info.label} has ended`) : info.label);
  }

  /** Shows what was drawn and not shown. */
  #showRest(): void {
    const picture = this.inside.picture();
    if (picture.length > 0) this.tell({ type: "picture", picture });
  }

  /** Does what needs memory of the state, of which there may be none left. */
  #whereItCan(act: () => unknown): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof LuaMemoryError)) throw error;
    }
  }

  /** The line where the program stands, as the file has it. */
  #lineText(): string {
    const place = this.#place();
    const line = place?.file ? this.lua.files.text(place.file)?.split("\n", place.line)[place.line - 1] : undefined;
    return line?.trim().slice(0, 80) || "a line";
  }

  /** Holds the program where it is. */
  #hold(reason: Reason, label: string): void {
    this.#isHeld = true;
    this.output.flush();
    if (reason === "pause" || this.#recorder.isTimeForLine) this.moment(reason, label);
    this.#tellHeld();
    this.#tellPhase();
  }

  #tellHeld(): void {
    this.tell({ type: "held", frames: this.#program ? this.inside.where() : [] });
  }

  /** Holds the program at the end of its slice. */
  pause(): void {
    if (!this.#program || this.#isHeld) return;
    // What it waits for is asked anew when it goes on.
    for (const job of this.#jobs) job.abandon();
    this.#hold("pause", "paused");
  }

  /** Says how the program goes on. */
  #arm(mode: Mode, marks: Marks): void {
    this.#isWatching = mode !== "run" || Object.values(marks).some((lines) => lines.length > 0);
    this.inside.arm(mode, marks);
  }

  /** Changes the lines to stop at while the program runs. */
  setMarks(marks: Marks): void {
    if (this.#program && !this.#isHeld) this.#arm("run", marks);
  }

  /** Goes on with what is held. */
  go(mode: Mode, marks: Marks): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#arm(mode, marks);
    for (const job of this.#jobs) this.#ask(job);
    void this.#loop();
  }

  /** Ends all that runs; the state stays. */
  stop(): void {
    if (this.#jobs.length === 0) return;
    if (this.#recorder.isQuick(this.lua)) this.moment("stop", "stopped here");
    const jobs = this.#jobs;
    this.#giveUp();
    for (const job of jobs) this.#end(job);
    for (const { info } of jobs) this.tell({ type: "ended", job: info, failure: { kind: "stopped", message: "stopped" }, results: [] });
    this.#tellPhase();
    void this.#loop();
  }

  /** Ends one job, whose `<close>` handlers run. */
  #end(job: Job | undefined): void {
    if (!job) return;
    job.abandon();
    this.#jobs = this.#jobs.filter((known) => known !== job);
    try {
      job.task.cancel();
    } catch {
      // What a handler ends with is of no use to anyone.
    }
    if (job.info.kind === "program") this.inside.over();
  }

  /** Tells of a host call by a snapshot, unless they come too fast; then one of them has it for all. */
  #momentOfCall(name: string, values: readonly unknown[]): void {
    if (this.#recorder.isTimeForCall(this.lua, name)) {
      this.moment("call", describeCall(name, values));
      return;
    }
    // The one that something waits at, after a while, has one all the same.
    this.#late ??= setTimeout(() => {
      this.#late = undefined;
      const waiting = this.#jobs.find((known) => known.pending);
      if (!waiting || this.#recorder.skipped === 0 || this.#isHeld || !this.#recorder.isQuick(this.lua, 2)) return;
      this.#recorder.unskip();
      this.moment("call", describeCall(waiting.task.name ?? "", waiting.task.arguments));
    }, LATE);
  }

  /** Where the program stands, as far as that can be told: there may be no memory to look with. */
  #place(): { file?: string | undefined; line: number } | undefined {
    try {
      return this.#program && this.inside.where().find(({ file }) => file);
    } catch {
      return undefined;
    }
  }

  /** Takes a snapshot and tells of it. */
  moment(reason: Reason, label: string): void {
    const jobs = this.#jobs.map(({ info }) => info);
    this.#recorder.record(this.lua, { reason, label, place: this.#place(), fuel: this.#fuel, jobs });
  }

  /** Makes the state that of a snapshot, whose jobs are held. */
  restore(snapshot: Uint8Array, jobs: JobInfo[]): void {
    this.#giveUp();
    this.lua.restore(snapshot);
    this.inside = new Inside(this.lua);
    this.#recorder.follow(snapshot);
    this.#files.clear();
    this.#isFresh = false;
    this.#jobs = this.inside.tasks.map((task, i) => new Job(++this.#last, jobs[i] ?? { kind: "statement", label: "?" }, task));
    this.#isHeld = this.#jobs.length > 0;
    this.tell({ type: "restored" });
    this.#tellPhase();
    if (this.#isHeld) this.#tellHeld();
    this.#tellMeters();
  }
}
