import { h } from "./dom.js";
import type { Settings } from "./settings.js";
import "./limits.css";

/** Asks for the bounds of scripts; `changed` is told of others. */
export function limitsDialog(settings: Settings, changed: () => void): void {
  const memory = h("input", { type: "number", min: "1", max: "1024", step: "1", value: String(settings.memory / (1 << 20)), required: true });
  const fuel = h("input", { type: "number", min: "0", step: "any", value: String(settings.fuel / 1e6), required: true });
  const deterministic = h("input", { type: "checkbox", checked: settings.deterministic });
  const dialog = h(
    "dialog",
    { class: "limits", "aria-label": "Limits" },
    h(
      "form",
      {
        method: "dialog",
        onsubmit: () => {
          settings.memory = Math.round(memory.valueAsNumber) * (1 << 20);
          settings.fuel = Math.round(fuel.valueAsNumber * 1e6);
          settings.deterministic = deterministic.checked;
          changed();
        },
      },
      h("h2", {}, "Limits"),
      h("label", {}, h("span", {}, "Memory, in MiB"), memory),
      h("label", {}, h("span", {}, "Fuel of a run, in millions of units; 0 is no limit"), fuel),
      h("label", { class: "check" }, deterministic, h("span", {}, "Seed and clock fixed, so that equal runs are equal")),
      h("p", { class: "faint" }, "They hold from the next new state on, which this makes."),
      h("div", { class: "actions" }, h("button", { type: "submit" }, "Set"), h("button", { type: "button", onclick: () => dialog.close() }, "Leave")),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
