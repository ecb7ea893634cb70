import { RangeSet, RangeSetBuilder, StateEffect, StateField, type EditorState, type Extension, type Text } from "@codemirror/state";
import { Decoration, EditorView, gutter, GutterMarker, keymap, WidgetType } from "@codemirror/view";

/** A line that the editor shows, and what it says below. */
export interface LineMark {
  kind: "error" | "current";
  line: number;
  text?: string;
}

const setLines = StateEffect.define<LineMark[]>();
const toggle = StateEffect.define<number>();

class Message extends WidgetType {
  constructor(readonly text: string) {
    super();
  }

  override eq(other: Message): boolean {
    return other.text === this.text;
  }

  toDOM(): HTMLElement {
    const element = document.createElement("div");
    element.className = "cm-failure";
    element.textContent = this.text;
    return element;
  }
}

function decorate(doc: Text, marks: readonly LineMark[]) {
  const found = marks
    .filter(({ line }) => line >= 1 && line <= doc.lines)
    .flatMap(({ kind, line, text }) => {
      const { from, to } = doc.line(line);
      const whole = Decoration.line({ class: kind === "error" ? "cm-error-line" : "cm-current-line" }).range(from);
      return text ? [whole, Decoration.widget({ widget: new Message(text), block: true, side: 1 }).range(to)] : [whole];
    });
  return Decoration.set(found, true);
}

/** The line of an error, and the one where the program is held. */
const lines = StateField.define({
  create: () => Decoration.none,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(setLines)) return decorate(transaction.state.doc, effect.value);
    // Who edits has seen it.
    return transaction.docChanged ? Decoration.none : value;
  },
  provide: (field) => EditorView.decorations.from(field),
});

class Stop extends GutterMarker {
  override toDOM(): HTMLElement {
    const element = document.createElement("span");
    element.className = "cm-stop";
    element.textContent = "●";
    return element;
  }
}
const STOP = new Stop();

/** Lines at which the program is to stop. */
const stops = StateField.define<RangeSet<GutterMarker>>({
  create: () => RangeSet.empty,
  update(value, transaction) {
    let set = value.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(toggle)) continue;
      const { from } = transaction.state.doc.lineAt(effect.value);
      let isThere = false;
      set.between(from, from, () => {
        isThere = true;
      });
      set = isThere ? set.update({ filter: (at) => at !== from }) : set.update({ add: [STOP.range(from)] });
    }
    return set;
  },
});

/** What shows the marks; `onStops` is told when lines to stop at change. */
export function markExtensions(onStops: () => void): Extension {
  return [
    lines,
    stops,
    gutter({
      class: "cm-stops",
      markers: (view) => view.state.field(stops),
      initialSpacer: () => STOP,
      domEventHandlers: {
        mousedown(view, block) {
          view.dispatch({ effects: toggle.of(block.from) });
          return true;
        },
      },
    }),
    keymap.of([
      {
        key: "F9",
        run(view) {
          view.dispatch({ effects: toggle.of(view.state.selection.main.head) });
          return true;
        },
      },
    ]),
    EditorView.updateListener.of((update) => {
      if (update.state.field(stops) !== update.startState.field(stops)) onStops();
    }),
  ];
}

/** Shows lines, and none but these. */
export function showLines(view: EditorView, marks: LineMark[]): void {
  view.dispatch({ effects: setLines.of(marks) });
}

/** The lines at which the program is to stop. */
export function stopLines(state: EditorState): number[] {
  const found: number[] = [];
  const set = state.field(stops, false);
  for (const cursor = (set ?? new RangeSetBuilder<GutterMarker>().finish()).iter(); cursor.value; cursor.next()) {
    found.push(state.doc.lineAt(cursor.from).number);
  }
  return found;
}
