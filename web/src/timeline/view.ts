import { h } from "../dom.js";
import type { Session } from "../session.js";
import { withLoaded } from "../loaded.js";
import { bytesText } from "../meters.js";
import { snapshotOf, type Moment } from "./moments.js";
import type { Timeline } from "./timeline.js";

const STEP = 34;
const LANE = 30;
const SVG = "http://www.w3.org/2000/svg";

/** How each reason is shown, and said. */
const SIGNS: Record<Moment["reason"], [sign: string, name: string]> = {
  start: ["▸", "Start"],
  pause: ["‖", "Pause"],
  step: ["↓", "Line"],
  call: ["◇", "Host call"],
  statement: ["›", "Statement"],
  end: ["■", "End"],
  stop: ["✕", "Stop"],
  fork: ["Y", "Fork"],
};

/** The moments of a session as a line with branches: look at one, go back to it, fork from it, compare it. */
export class TimelineView {
  readonly #timeline: Timeline;
  /** Whose moments were drawn last. */
  #session: Session | undefined;
  #other: Moment | undefined;
  #isDrawn = true;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
    timeline.track.addEventListener("keydown", (event) => this.#move(event));
  }

  /** Draws once per frame at most. */
  draw(): void {
    if (!this.#isDrawn) return;
    this.#isDrawn = false;
    requestAnimationFrame(() => {
      this.#isDrawn = true;
      this.#drawNow();
    });
  }

  #drawNow(): void {
    const { moments, chosen, track, scroller, session } = this.#timeline;
    if (session !== this.#session) {
      this.#session = session;
      this.#other = undefined;
      track.replaceChildren();
    }
    const { list, current, dropped } = moments;
    const lanes = lanesOf(list);
    const columns = new Map(list.map((moment, i) => [moment, i]));
    const height = (Math.max(0, ...lanes.values()) + 1) * LANE;
    const lines = document.createElementNS(SVG, "svg");
    lines.setAttribute("aria-hidden", "true");
    lines.setAttribute("width", String(list.length * STEP));
    lines.setAttribute("height", String(height));
    const way = new Set<Moment>();
    for (let at: Moment | undefined = current; at; at = at.parent) way.add(at);
    const known = new Map([...track.querySelectorAll("button")].map((button) => [Number(button.dataset.number), button]));
    const buttons = list.map((moment) => {
      const [x, y] = [columns.get(moment)! * STEP + STEP / 2, (lanes.get(moment.branch) ?? 0) * LANE + LANE / 2];
      const from = moment.parent;
      if (from && columns.has(from)) {
        const [a, b] = [columns.get(from)! * STEP + STEP / 2, (lanes.get(from.branch) ?? 0) * LANE + LANE / 2];
        const path = document.createElementNS(SVG, "path");
        const turn = Math.min(a + STEP / 2, x);
        path.setAttribute("d", b === y ? `M${a} ${b}H${x}` : `M${a} ${b}C${turn} ${b} ${a + 6} ${y} ${turn + 8} ${y}H${x}`);
        path.setAttribute("class", way.has(moment) ? "way" : "");
        lines.append(path);
      }
      const button = known.get(moment.number) ?? this.#button(moment);
      button.style.left = `${x}px`;
      button.style.top = `${y}px`;
      button.classList.toggle("here", moment === current);
      button.setAttribute("aria-pressed", String(moment === chosen));
      if (moment === current) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
      button.tabIndex = moment === (chosen ?? current) ? 0 : -1;
      return button;
    });
    track.style.width = `${Math.max(list.length * STEP, 1)}px`;
    track.style.height = `${height}px`;
    const focused = buttons.find((button) => button === document.activeElement);
    track.replaceChildren(lines, ...buttons);
    focused?.focus({ preventScroll: true });
    const branches = new Set(list.map(({ branch }) => branch)).size;
    const parts = [`${list.length} moments`, branches > 1 && `${branches} branches`, bytesText(moments.bytes), dropped > 0 && `${dropped} older ones given up`];
    this.#timeline.figures.textContent = list.length === 0 ? "" : parts.filter(Boolean).join(" · ");
    if (chosen === current) scroller.scrollLeft = scroller.scrollWidth;
    this.#showDetail();
  }

  #button(moment: Moment): HTMLButtonElement {
    const [sign, name] = SIGNS[moment.reason];
    const words = `${moment.number}: ${name}, ${moment.info.label}`;
    return h(
      "button",
      { type: "button", class: `moment ${moment.reason}`, "data-number": moment.number, "aria-label": words, title: words, onclick: () => this.choose(moment) },
      sign,
    );
  }

  /** Left and right go along the moments. */
  #move(event: KeyboardEvent): void {
    const { moments, chosen, track } = this.#timeline;
    const { list } = moments;
    const at = list.indexOf(chosen ?? moments.current!);
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: list.length - 1 }[event.key];
    const moment = next === undefined ? undefined : list[next];
    if (!moment) return;
    event.preventDefault();
    this.choose(moment);
    this.#drawNow();
    track.querySelector<HTMLElement>(`[data-number="${moment.number}"]`)?.focus();
  }

  /** Shows what a moment is. */
  choose(moment: Moment): void {
    this.#timeline.chosen = moment;
    const { file, line } = moment.info;
    if (file && line) this.#timeline.options.show(file, line);
    this.draw();
  }

  #showDetail(): void {
    const { chosen: moment, detail, hint, moments, options } = this.#timeline;
    if (!moment) {
      detail.replaceChildren(hint);
      return;
    }
    const { info, reason, changed, pages, parent } = moment;
    const [, name] = SIGNS[reason];
    const place = info.file ? `${info.file}:${info.line}` : "";
    const facts = [
      place,
      `${changed} of ${pages.size} pages changed`,
      `${bytesText(info.memory)} in use`,
      `${info.fuel.toLocaleString("en")} units`,
      info.skipped > 0 && `${info.skipped} host calls before it had none`,
      parent && parent.number !== moment.number - 1 && `after ${parent.number}`,
    ];
    const isHere = moment === moments.current;
    const action = (text: string, run: () => void, disabled = false): HTMLButtonElement => h("button", { type: "button", disabled, onclick: run }, text);
    const other = this.#other;
    detail.replaceChildren(
      h("p", { class: "what" }, h("strong", {}, `${moment.number} ${name}`), ` ${info.label}`),
      h("p", { class: "faint" }, facts.filter(Boolean).join(" · ")),
      h(
        "div",
        { class: "actions" },
        action(isHere ? "Back to this moment" : "Go back here", () => void this.goBack(moment)),
        action("Fork", () => void this.fork(moment)),
        other && other !== moment
          ? action(`Compare with ${other.number}`, () => void this.compare(other, moment))
          : action("Compare…", () => {
              this.#other = moment;
              options.say(`Choose the moment to compare ${moment.number} with.`);
              this.#showDetail();
            }, other === moment),
        parent && action(`What changed since ${parent.number}`, () => void this.compare(parent, moment)),
      ),
    );
  }

  /** Makes the state that of a moment. What comes next is a branch of its own, where the moment is not the last one. */
  async goBack(moment: Moment): Promise<void> {
    await this.#leave();
    const timeline = this.#timeline;
    timeline.moments.goTo(moment);
    timeline.chosen = moment;
    timeline.isNewState = false;
    void timeline.session.restore(snapshotOf(moment), moment.info.jobs);
    timeline.options.say(`The state is that of moment ${moment.number}.`);
    this.draw();
  }

  /** Stops what runs; what is held needs no stop, as it is in its moment. */
  async #leave(): Promise<void> {
    const { session } = this.#timeline;
    if (session.phase !== "paused") await session.stop();
  }

  /** Begins a branch at a moment, and goes there. */
  async fork(from: Moment): Promise<void> {
    await this.#leave();
    await this.goBack(this.#timeline.moments.fork(from));
  }

  /** Shows what two moments differ in. */
  async compare(a: Moment, b: Moment): Promise<void> {
    this.#other = undefined;
    const [before, after] = a.number < b.number ? [a, b] : [b, a];
    await withLoaded(import("./compare.js"), ({ compareView }) => compareView(this.#timeline.session, before, after));
    this.draw();
  }
}

/** The lane of each branch: the first that is free where the branch is. */
function lanesOf(list: readonly Moment[]): Map<number, number> {
  const spans = new Map<number, [from: number, to: number]>();
  const columns = new Map(list.map((moment, i) => [moment, i]));
  for (const moment of list) {
    const at = columns.get(moment)!;
    const span = spans.get(moment.branch);
    if (span) span[1] = at;
    else spans.set(moment.branch, [moment.parent ? (columns.get(moment.parent) ?? at) : at, at]);
  }
  const ends: number[] = [];
  const lanes = new Map<number, number>();
  for (const [branch, [from, to]] of spans) {
    let lane = ends.findIndex((end) => end < from);
    if (lane < 0) lane = ends.length;
    ends[lane] = to;
    lanes.set(branch, lane);
  }
  return lanes;
}
