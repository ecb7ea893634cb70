import type { Action, App, Panel } from "./app.js";
import { byId, h } from "./dom.js";
import type { Editor } from "./editor/editor.js";
import { Files } from "./files.js";
import { keepOffline } from "./offline.js";
import type { Version } from "./protocol.js";
import { Session } from "./session.js";

const files = new Files();
files.replace([["main.lua", 'print("Hello from " .. _VERSION)\n']]);

let session = new Session("5.4");
let file = "main.lua";
const output = h("pre", { class: "console", role: "log", "aria-label": "Output" });
const panels = new Map<string, Panel>();

const editor: Promise<Editor> = import("./editor/editor.js").then(({ Editor }) => {
  const made = new Editor(byId("editor"), { version: session.version, onChange: (text) => files.set(file, text, "editor") });
  made.open(file, files.get(file) ?? "");
  return made;
});

function listen(): void {
  session.on("output", ({ text }) => output.append(text));
  session.on("phase", (phase) => {
    byId<HTMLButtonElement>("stop").disabled = phase === "idle";
  });
  session.on("ended", ({ failure }) => failure && output.append(failure.traceback ? `${failure.message}\n${failure.traceback}` : failure.message));
}

const app: App = {
  files,
  get session() {
    return session;
  },
  get version() {
    return session.version;
  },
  get file() {
    return file;
  },
  editor,
  open(name, line) {
    file = name;
    void editor.then((made) => {
      made.open(name, files.get(name) ?? "");
      if (line) made.reveal(line);
    });
  },
  async run() {
    output.textContent = "";
    await session.run({ files: files.entries(), main: file });
  },
  setVersion(version: Version) {
    session.close();
    session = new Session(version);
    listen();
    void editor.then((made) => made.setVersion(version));
  },
  addPanel(panel) {
    panels.set(panel.id, panel);
    byId("tabs").append(h("button", { type: "button", role: "tab", onclick: () => app.showPanel(panel.id) }, panel.title));
    if (panels.size === 1) app.showPanel(panel.id);
  },
  showPanel(id) {
    const panel = panels.get(id);
    if (!panel) return;
    byId("panels").replaceChildren(panel.element);
    panel.shown?.();
  },
  addAction(action: Action) {
    byId("bar").append(h("button", { type: "button", onclick: () => void action.run() }, action.title));
  },
  say(text) {
    byId("status").textContent = text;
  },
};

listen();
app.addPanel({ id: "console", title: "Console", element: output });
byId("run").addEventListener("click", () => void app.run());
byId("stop").addEventListener("click", () => void session.stop());
byId<HTMLSelectElement>("version").addEventListener("change", (event) => app.setVersion((event.target as HTMLSelectElement).value as Version));
keepOffline(app);
