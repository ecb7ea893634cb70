import { foldGutter, indentUnit } from "@codemirror/language";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightSpecialChars,
  lineNumbers,
} from "@codemirror/view";

import { luaLanguage } from "../language/index.js";
import type { Marks, Version } from "../protocol.js";
import { markExtensions, showLines, stopLines, type LineMark } from "./marks.js";

/** What an editor is made with. */
export interface EditorOptions {
  version: Version;
  /** Called with the text of the file that is seen, after each change of the user. */
  onChange(text: string): void;
  /** Called when lines to stop at change. */
  onStops(): void;
  /** Extensions of other parts: keys, gutters, marks. */
  extensions?: Extension[];
}

/** The editor of the page: one view, with a state (history, place) for each file. */
export class Editor {
  readonly view: EditorView;
  readonly #states = new Map<string, EditorState>();
  readonly #language = new Compartment();
  readonly #extras = new Compartment();
  readonly #options: EditorOptions;
  #loaded: Extension = [];
  #loading: Promise<void> | undefined;
  #file = "";

  /** `parent` becomes the host of a shadow root. */
  constructor(parent: HTMLElement, options: EditorOptions) {
    this.#options = options;
    const root = parent.attachShadow({ mode: "open" });
    this.view = new EditorView({ parent: root, root, state: this.#state("") });
    // The pointer comes first, and gains the time that loading takes.
    for (const sign of ["pointerenter", "focus"]) this.view.contentDOM.addEventListener(sign, () => void this.load(), { once: true });
  }

  /** Loads what only who edits needs, undoing among it, once. */
  load(): Promise<void> {
    return (this.#loading ??= import("./extras.js").then(({ extras }) => {
      this.#loaded = extras;
      this.#configure();
    }));
  }

  /** Brings the state that is seen up to the version and to what is loaded. */
  #configure(): void {
    this.view.dispatch({ effects: [this.#language.reconfigure(luaLanguage(this.#options.version)), this.#extras.reconfigure(this.#loaded)] });
  }

  #state(text: string): EditorState {
    const { version, onChange, onStops, extensions = [] } = this.#options;
    return EditorState.create({
      doc: text,
      extensions: [
        extensions,
        markExtensions(onStops),
        lineNumbers(),
        foldGutter(),
        highlightSpecialChars(),
        highlightActiveLine(),
        drawSelection(),
        indentUnit.of("  "),
        this.#extras.of(this.#loaded),
        EditorView.contentAttributes.of({ tabindex: "0", "aria-label": "Lua source; Escape, then Tab leaves it" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString());
        }),
        THEME,
        this.#language.of(luaLanguage(version)),
      ],
    });
  }

  /** Shows a file. */
  open(file: string, text: string): void {
    if (this.#file) this.#states.set(this.#file, this.view.state);
    const known = this.#states.get(file);
    this.#file = file;
    this.view.setState(known && known.doc.toString() === text ? known : this.#state(text));
    this.#configure();
  }

  /** Forgets a file that is no more. */
  forget(file: string): void {
    this.#states.delete(file);
    if (this.#file === file) this.#file = "";
  }

  /** Puts the cursor on a line and shows it. */
  reveal(line: number): void {
    const { doc } = this.view.state;
    const { from } = doc.line(Math.min(Math.max(line, 1), doc.lines));
    this.view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
  }

  /** Shows a line without moving the cursor. */
  scrollTo(line: number): void {
    const { doc } = this.view.state;
    const { from } = doc.line(Math.min(Math.max(line, 1), doc.lines));
    this.view.dispatch({ effects: EditorView.scrollIntoView(from, { y: "nearest", yMargin: 60 }) });
  }

  /** Shows the line of an error, or of where the program is held, and no others. */
  mark(marks: LineMark[]): void {
    showLines(this.view, marks);
  }

  /** Lines at which the program is to stop, by file. */
  get stops(): Marks {
    const marks: Marks = {};
    for (const [file, state] of [...this.#states, [this.#file, this.view.state] as const]) {
      const lines = stopLines(state);
      if (lines.length > 0) marks[file] = lines;
      else delete marks[file];
    }
    return marks;
  }

  /** Tells the editor of another version of Lua. */
  setVersion(version: Version): void {
    this.#options.version = version;
    this.#configure();
  }
}

// Colours are custom properties of the page, which go into the shadow root; light and dark are one theme.
const THEME = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--surface)", fontSize: "var(--code-size)" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--faint)", border: "none" },
  ".cm-activeLine": { backgroundColor: "var(--line)" },
  "&.cm-focused": { outline: "none" },
  ".cm-cursor": { borderLeftColor: "var(--accent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--selection)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--edge)", borderRadius: "6px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 8px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-stops": { width: "1.1em", cursor: "pointer" },
  ".cm-stop": { color: "var(--bad)", paddingLeft: "2px" },
  ".cm-stops .cm-gutterElement:hover": { backgroundColor: "var(--line)" },
  ".cm-line.cm-error-line": { backgroundColor: "var(--bad-line)", boxShadow: "inset 3px 0 var(--bad)" },
  ".cm-line.cm-current-line": { backgroundColor: "var(--now-line)", boxShadow: "inset 3px 0 var(--now)" },
  ".cm-failure": {
    padding: "2px 8px 4px",
    fontFamily: "var(--sans)",
    fontSize: "13px",
    color: "var(--bad)",
    backgroundColor: "var(--bad-line)",
    boxShadow: "inset 3px 0 var(--bad)",
    whiteSpace: "pre-wrap",
  },
});
