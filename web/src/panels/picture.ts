import { h } from "../dom.js";
import { withLoaded } from "../loaded.js";
import type { Session, SessionEvents } from "../session.js";
import type { Canvas } from "./canvas.js";

const HEARD = ["picture", "call", "uncall", "cleared", "phase"] as const;

/** What a canvas hears of its session. */
export type CanvasEvent = { [Name in (typeof HEARD)[number]]: { name: Name; value: SessionEvents[Name] } }[(typeof HEARD)[number]];

/** The place of a session's picture. What draws there is loaded when a script first draws or waits for a key; `onUse` is called once for each run that does. */
export function pictureOf(session: Session, onUse: (canvas: HTMLCanvasElement) => void): HTMLElement {
  const canvas = h("canvas", { width: 480, height: 320, tabIndex: 0, role: "img", "aria-label": `Picture of the script of Lua ${session.version}` });
  let drawer: Canvas | undefined;
  let early: CanvasEvent[] | undefined;
  const hear = (event: CanvasEvent): void => {
    if (drawer) return drawer.hear(event);
    if (early) return void early.push(event);
    if (event.name !== "picture" && !(event.name === "call" && ["frame", "key"].includes(event.value.name))) return;
    early = [event];
    void withLoaded(import("./canvas.js"), ({ Canvas }) => {
      drawer = new Canvas(session, canvas, () => onUse(canvas));
      for (const each of early ?? []) drawer.hear(each);
    }).then(() => (early = undefined));
  };
  for (const name of HEARD) session.on(name, (value) => hear({ name, value } as CanvasEvent));
  return h("div", { class: "canvas" }, canvas, h("p", { class: "faint" }, "Scripts draw here by canvas.rect, canvas.circle, canvas.line, canvas.text, and show it by canvas.frame(). Click the picture for keys."));
}
