import { h } from "../dom.js";
import { withLoaded } from "../loaded.js";
import type { Session } from "../session.js";
import { Moments, snapshotOf, type Moment } from "./moments.js";
import type { TimelineView } from "./view.js";

/** What the timeline needs of the page. */
export interface TimelineOptions {
  /** Shows where a moment stands. */
  show(file: string, line: number): void;
  say(text: string): void;
}

/** The moments of a session. What shows them is loaded once there is one. */
export class Timeline {
  readonly element = h("section", { id: "timeline", "aria-label": "Timeline" });
  readonly options: TimelineOptions;
  readonly track = h("div", { class: "track", role: "group", "aria-label": "Moments" });
  readonly scroller = h("div", { class: "scroller", tabIndex: -1 }, this.track);
  /** In the place of a moment, where there is none. */
  readonly hint = h("p", { class: "faint" }, "Each pause, line, host call and statement is kept: go back, fork, compare.");
  readonly detail = h("div", { class: "detail" }, this.hint);
  readonly figures = h("span", { class: "faint figures" });
  moments = new Moments();
  session!: Session;
  /** The moment that is looked at, or the newest. */
  chosen: Moment | undefined;
  /** The next moment is one of a new state. */
  isNewState = true;
  #view: TimelineView | undefined;
  #loading: Promise<void> | undefined;

  constructor(options: TimelineOptions) {
    this.options = options;
    this.element.append(h("div", { class: "head" }, h("h2", {}, "Timeline"), this.figures), h("div", { class: "body" }, this.scroller, this.detail));
  }

  /** Shows another session, from its start. */
  attach(session: Session): void {
    this.session = session;
    this.moments = new Moments();
    this.chosen = undefined;
    this.isNewState = true;
    session.on("moment", (info) => {
      if (session !== this.session) return;
      const wasAtEnd = this.chosen === undefined || this.chosen === this.moments.current;
      const moment = this.moments.add(info, this.isNewState);
      this.isNewState = false;
      if (wasAtEnd) this.chosen = moment;
      this.draw();
    });
    session.rescue = () => {
      const moment = this.moments.quiet;
      if (!moment) {
        this.isNewState = true;
        return undefined;
      }
      this.moments.goTo(moment);
      this.chosen = moment;
      this.draw();
      return { snapshot: snapshotOf(moment), jobs: [], name: `moment ${moment.number}` };
    };
    this.draw();
  }

  /** Shows what there is, soon. */
  draw(): void {
    if (this.#view) this.#view.draw();
    else if (this.chosen) this.#loading ??= this.#load();
  }

  async #load(): Promise<void> {
    await withLoaded(import("./view.js"), ({ TimelineView }) => {
      this.#view = new TimelineView(this);
      this.draw();
    });
    this.#loading = undefined;
  }
}
