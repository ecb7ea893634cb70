import { h, type Child } from "../dom.js";

/** A dialog with a form; `true` when it was sent, `false` when it was left. */
export function ask(title: string, act: string, ...children: Child[]): Promise<boolean> {
  return new Promise((resolve) => {
    // Browsers differ in what they leave of a return value that is set here.
    let isSent = false;
    const dialog = h("dialog", { class: "limits", "aria-label": title });
    const form = h(
      "form",
      { method: "dialog", onsubmit: () => (isSent = true) },
      h("h2", {}, title),
      ...children,
      h("div", { class: "actions" }, h("button", { type: "submit", class: "primary" }, act), h("button", { type: "button", onclick: () => dialog.close() }, "Leave")),
    );
    dialog.append(form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(isSent);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Asks for a text that `faultOf` has nothing against; `undefined` when the dialog was left. */
export async function askText(title: string, label: string, act: string, value: string, faultOf: (text: string) => string | undefined): Promise<string | undefined> {
  const input = h("input", { type: "text", value, required: true, autocomplete: "off", spellcheck: false });
  const check = (): void => input.setCustomValidity(input.value === "" ? "" : (faultOf(input.value) ?? ""));
  input.addEventListener("input", check);
  check();
  const asked = ask(title, act, h("label", {}, h("span", {}, label), input));
  // The end of the name is what is changed least.
  const dot = value.lastIndexOf(".");
  input.setSelectionRange(0, dot > 0 ? dot : value.length);
  return (await asked) ? input.value : undefined;
}
