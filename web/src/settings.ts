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
