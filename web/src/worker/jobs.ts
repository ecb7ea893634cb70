import type { Task } from "moonlet";

import type { JobInfo } from "../protocol.js";
import type { Pending } from "./hostcalls.js";

/** What a job waits for has come: how to go on. */
type Answer = { values: unknown[] } | { error: unknown };

/** One thing that the worker runs, from its start to its end. */
export class Job {
  /** A host call under way. */
  pending: Pending | undefined;
  /** What the task is to go on with. */
  answer: Answer | undefined;
  /** Whether what the task waits for was asked. */
  isAsked = false;
  /** Whether the job runs although the program is held: statements of the console do. */
  isFree = false;

  constructor(
    readonly number: number,
    readonly info: JobInfo,
    readonly task: Task,
  ) {}

  /** Whether it waits for a person. */
  get needsPerson(): boolean {
    const { kind, name } = this.task;
    return this.answer === undefined && (kind === "input" || (kind === "call" && (name === "prompt" || name === "key")));
  }

  /** Whether the task can go on without anyone. */
  get isReady(): boolean {
    const { kind } = this.task;
    return this.answer !== undefined || kind === "paused" || kind === "output";
  }

  /** Runs the task until its next outcome; throws what ends it. */
  step(): void {
    const { answer, task } = this;
    this.answer = undefined;
    this.isAsked = false;
    if (task.kind === "paused" || task.kind === "output") task.resume();
    else if (answer && "error" in answer) task.fail(answer.error);
    else if (answer) task.resume(...answer.values);
  }

  /** Gives up what it waits for; the task stays. */
  abandon(): void {
    this.pending?.abandon();
    this.pending = undefined;
    this.isAsked = false;
  }
}
