// Parts of the page that come when they are first asked for.
import type { App } from "./app.js";
import { h } from "./dom.js";
import { notify } from "./project/notice.js";

/** Runs what is loaded for it; says so where it cannot be loaded. */
export async function withLoaded<T>(loaded: Promise<T>, use: (part: T) => unknown): Promise<void> {
  let part: T;
  try {
    part = await loaded;
  } catch {
    notify("This part of the playground could not be loaded. Look whether the network is there, and try again.", "bad");
    return;
  }
  await use(part);
}

/** A panel whose content is made when it is first seen. */
export function addPanel<T>(app: App, id: string, title: string, load: () => Promise<T>, make: (part: T, place: HTMLElement) => { shown(): void }): void {
  const place = h("div", {});
  let made: { shown(): void } | undefined;
  app.addPanel({
    id,
    title,
    element: place,
    shown: () => void (made ? made.shown() : withLoaded(load(), (part) => (made ??= make(part, place)).shown())),
  });
}
