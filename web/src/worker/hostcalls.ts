import type { Report } from "../protocol.js";

/** A host call under way: its answer, and how to give it up. */
export interface Pending {
  answer: Promise<unknown>;
  abandon(): void;
}

/** Answers the host calls of scripts: some here, some by the page. */
export class HostCalls {
  readonly #asked = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #last = 0;

  /** @param base the address of the page, which `fetch` goes out from */
  constructor(
    readonly base: string,
    readonly tell: (report: Report) => void,
  ) {}

  /** Begins what a script asks for; throws where there is nothing of that name. */
  begin(name: string, values: readonly unknown[]): Pending {
    switch (name) {
      case "sleep":
        return this.#sleep(values[0]);
      case "fetch":
        return this.#fetch(values[0]);
      case "prompt":
      case "key":
      case "frame":
        return this.#ask(name, values);
    }
    throw new Error(`there is no host function ${name}; the playground has sleep, prompt, fetch, key and canvas`);
  }

  #sleep(seconds: unknown): Pending {
    if (typeof seconds !== "number" || Number.isNaN(seconds)) throw new Error("sleep takes a number of seconds");
    let timer: ReturnType<typeof setTimeout>;
    // Timers go up to some 24 days.
    const time = Math.min(Math.max(seconds * 1000, 0), 2 ** 31 - 1);
    const answer = new Promise<void>((resolve) => (timer = setTimeout(resolve, time)));
    return { answer, abandon: () => clearTimeout(timer) };
  }

  #fetch(path: unknown): Pending {
    if (typeof path !== "string") throw new Error("fetch takes the path of a file of this site");
    const address = new URL(path, this.base);
    if (address.origin !== new URL(this.base).origin) throw new Error(`fetch reads files of this site only, and ${path} is elsewhere`);
    const controller = new AbortController();
    const answer = fetch(address, { signal: controller.signal }).then(
      async (response) => {
        if (!response.ok) throw new Error(`${path}: the site answers ${response.status}`);
        return new Uint8Array(await response.arrayBuffer());
      },
      () => {
        throw new Error(`${path} could not be fetched`);
      },
    );
    return { answer, abandon: () => controller.abort() };
  }

  #ask(name: string, values: readonly unknown[]): Pending {
    const call = ++this.#last;
    const answer = new Promise((resolve, reject) => this.#asked.set(call, { resolve, reject }));
    this.tell({ type: "call", call, name, values: [...values] });
    const abandon = (): void => {
      if (this.#asked.delete(call)) this.tell({ type: "uncall", call });
    };
    return { answer, abandon };
  }

  /** What the page answers to a call. */
  answer(call: number, value: unknown, error: string | undefined): void {
    const asked = this.#asked.get(call);
    this.#asked.delete(call);
    if (error === undefined) asked?.resolve(value);
    else asked?.reject(new Error(error));
  }
}

/** A host call in a few words. */
export function describeCall(name: string, values: readonly unknown[]): string {
  if (name === "frame") return "canvas.frame()";
  const texts = values.map((value) => (typeof value === "string" ? JSON.stringify(value.slice(0, 60)) : typeof value === "object" && value ? "…" : String(value)));
  const text = `${name}(${texts.join(", ")})`;
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
