import { h } from "./dom.js";
import type { Limits } from "./protocol.js";

/** What the user has chosen, kept in the browser. */
export interface Settings extends Limits {
  /** Whether a run goes on in the state that is there. */
  keep: boolean;
  theme: "system" | "light" | "dark";
}

const KEY = "moonlet-settings";
const DEFAULTS: Settings = { memory: 64 << 20, fuel: 0, deterministic: false, keep: false, theme: "system" };

/** What was chosen before. */
export function loadSettings(): Settings {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Settings>;
    const known = Object.entries(found).filter(([name, value]) => typeof value === typeof DEFAULTS[name as keyof Settings]);
    return { ...DEFAULTS, ...Object.fromEntries(known) };
  } catch {
    // A browser that stores nothing, or what another page has put there.
    return { ...DEFAULTS };
  }
}

/** Keeps what is chosen now. */
export function saveSettings(settings: Settings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // It holds for this visit, then.
  }
}

/** Makes the page light or dark. */
export function applyTheme({ theme }: Settings): void {
  document.documentElement.dataset.theme = theme;
}

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
