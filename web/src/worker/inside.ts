import type { Lua, LuaFunction, Task } from "moonlet";

import type { Frame, Marks, Mode, Part, Shown } from "../protocol.js";
import control from "./control.lua?raw";
import host from "./host.lua?raw";
import inspect from "./inspect.lua?raw";

/** The name of the host call by whose arguments the page has the functions of control.lua. */
const CALL = "playground";

/** Functions of control.lua. */
type Functions = Record<
  | "check"
  | "check_statement"
  | "run"
  | "statement"
  | "arm"
  | "has_stopped"
  | "where"
  | "over"
  | "children"
  | "globals"
  | "flatten"
  | "complete"
  | "picture",
  LuaFunction
>;

/** What the page knows of a state from inside of it: by functions of Lua, which scripts cannot reach. */
export class Inside {
  readonly #task: Task;
  readonly #functions: Functions;

  constructor(readonly lua: Lua) {
    // The task is in each snapshot, so that the functions are found again after a restore.
    this.#task = lua.tasks.find(isOwn) ?? start(lua);
    this.#functions = this.#task.arguments[0] as Functions;
  }

  /** The tasks of scripts. */
  get tasks(): Task[] {
    return this.lua.tasks.filter((task) => task !== this.#task);
  }

  /** Why source is no Lua; `undefined` when it is. */
  check(source: string, name: string): string | undefined {
    return this.#functions.check(source, name) as string | undefined;
  }

  /** Why a statement is none; `undefined` when it is. */
  checkStatement(source: string): string | undefined {
    return this.#functions.check_statement(source) as string | undefined;
  }

  /** Starts a file as the program. */
  run(source: string, name: string, watch: boolean): Task {
    return this.lua.start("local run, source, name, watch = ... return run(source, name, watch)", {
      name: "=playground",
      args: [this.#functions.run, source, name, watch],
    });
  }

  /** Starts a statement. */
  statement(source: string): Task {
    return this.lua.start("local statement, source = ... return statement(source)", {
      name: "=playground",
      args: [this.#functions.statement, source],
    });
  }

  /** Says how the program goes on. */
  arm(mode: Mode, marks: Marks): void {
    // A set of lines for each file.
    const lines = Object.entries(marks).map(([file, numbers]) => [file, new Map(numbers.map((line) => [line, true]))] as const);
    this.#functions.arm(mode, Object.fromEntries(lines));
  }

  /** Whether the program has come to where it is to stop. */
  get hasStopped(): boolean {
    return this.#functions.has_stopped() as boolean;
  }

  /** Where the program stands. */
  where(): Frame[] {
    return this.#functions.where() as Frame[];
  }

  /** Tells that the program has ended. */
  over(): void {
    this.#functions.over();
  }

  children(id: number, from: number): { parts: Part[]; more: boolean } | undefined {
    return this.#functions.children(id, from, 100) as { parts: Part[]; more: boolean } | undefined;
  }

  globals(all: boolean): Part[] {
    return this.#functions.globals(all) as Part[];
  }

  /** Paths of what the globals reach, with their texts. */
  flatten(limit: number): [string, string][] {
    return this.#functions.flatten(limit) as [string, string][];
  }

  complete(typed: string): { stem: string; names: string[] } {
    const [stem, names] = this.#functions.complete(typed) as [string, string[]];
    return { stem, names };
  }

  /** What was drawn and not shown. */
  picture(): (string | number)[] {
    return this.#functions.picture() as (string | number)[];
  }
}

function isOwn(task: Task): boolean {
  return task.kind === "call" && task.name === CALL;
}

function start(lua: Lua): Task {
  const picture = lua.eval<LuaFunction>(host, { name: "=playground" });
  return lua.start(`${inspect}\n${control}`, { name: "=playground", args: [picture] });
}

/** The results of a task of `run` or `statement`. */
export function resultsOf(task: Task): Shown[] {
  return (task.result as Shown[] | undefined) ?? [];
}
