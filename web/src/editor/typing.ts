import { EditorView } from "@codemirror/view";

/**
 * Typing over a selection, done here: the browser would keep the look of what it replaces by writing styles into the text,
 * which the page's policy refuses.
 */
export const typeOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { main } = view.state.selection;
    const text = event.data;
    if (event.inputType !== "insertText" || text === null || event.isComposing || view.composing || main.empty) return false;
    event.preventDefault();
    const insert = () => view.state.update(view.state.replaceSelection(text), { userEvent: "input.type", scrollIntoView: true });
    // What closes brackets hears of it as of other input.
    const isDone = view.state.facet(EditorView.inputHandler).some((handle) => handle(view, main.from, main.to, text, insert));
    if (!isDone) view.dispatch(insert());
    return true;
  },
});
