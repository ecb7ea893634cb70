import type { App } from "./app.js";
import { byId, h } from "./dom.js";
import type { Editor } from "./editor/editor.js";
import type { LineMark } from "./editor/marks.js";
import { addExtras } from "./extras.js";
import { Files } from "./files.js";
import { Menu, Panels, showPart, splitter, type Part } from "./layout.js";
import { addPanel, withLoaded } from "./loaded.js";
import { Meters } from "./meters.js";
import { keepOffline } from "./offline.js";
import { Console } from "./panels/console.js";
import { pictureOf } from "./panels/picture.js";
import type { OpenPlace } from "./panels/places.js";
import { repl } from "./panels/repl.js";
import type { Values } from "./panels/values.js";
import { FIRST, Keeper } from "./project/keeper.js";
import { FileTabs } from "./project/tabs.js";
import type { Marks, Mode, Version } from "./protocol.js";
import { moduleOf, prepareWorker, Session } from "./session.js";
import { applyTheme, loadSettings, saveSettings } from "./settings.js";
import { Timeline } from "./timeline/timeline.js";
import { Toolbar } from "./toolbar.js";

const settings = loadSettings();
applyTheme(settings);
// What takes longest begins first; a failure is told by the session.
moduleOf("5.4").catch(() => undefined);
prepareWorker();

const files = new Files();
files.replace(FIRST.files);
let file = FIRST.main;

const menu = new Menu();
const panels = new Panels();
const place: OpenPlace = Object.assign((name: string, line: number) => app.open(name, line), { has: (name: string) => files.get(name) !== undefined });
const timeline = new Timeline({ show: (name, line) => place.has(name) && showLine(name, line), say: (text) => app.say(text) });
let values: Values | undefined;
const canvases = h("div", { class: "canvases" });
const meters = new Meters();
const consoles = h("div", { class: "consoles" });

/** The Lua that the page shows, and the other version where both run. */
let sessions: { session: Session; console: Console; picture: HTMLElement }[] = [];

// --- The editor comes after the first paint, after Lua, which it would keep waiting, and after the project, which would be put over what was typed;
// until then its text stands there.

/** Milliseconds that the editor waits for Lua. */
const LUA_FIRST = 200;

/** Resolves after the first paint; in a page that is not seen, after a while. */
const painted = new Promise<void>((resolve) => {
  requestAnimationFrame(() => setTimeout(resolve));
  setTimeout(resolve, 200);
});

/** Resolves when Lua is there and has done what it was asked for so far. */
async function luaIsIdle(): Promise<void> {
  const { session } = app;
  await session.ready;
  if (session.phase !== "idle") await new Promise<void>((resolve) => session.on("phase", (phase) => phase === "idle" && resolve()));
}

async function openEditor(): Promise<Editor> {
  await painted;
  await Promise.all([project, Promise.race([luaIsIdle(), new Promise((resolve) => setTimeout(resolve, LUA_FIRST))])]);
  const { Editor } = await import("./editor/editor.js");
  const made = new Editor(byId("editor"), {
    version: app.version,
    onChange: (text) => files.set(file, text, "editor"),
    onStops: () => sessions.forEach(({ session }) => void session.setMarks(made.stops)),
  });
  made.open(file, files.get(file) ?? "");
  return made;
}

const editor = openEditor();

/** Lines that are marked, in whichever file. */
let marked: (LineMark & { file: string })[] = [];

function markLines(lines: typeof marked): void {
  marked = lines;
  void editor.then((made) => made.mark(marked.filter((one) => one.file === file)));
}

/** Shows a line as the one where the program stands. */
function showLine(name: string, line: number): void {
  if (file !== name) app.open(name);
  markLines([{ kind: "current", file: name, line }]);
  void editor.then((made) => made.scrollTo(line));
}

const openListeners: (() => void)[] = [];

const app: App = {
  files,
  get session() {
    return sessions[0]!.session;
  },
  get version() {
    return sessions[0]!.session.version;
  },
  get file() {
    return file;
  },
  editor,
  open(name, line) {
    file = name;
    byId("early").textContent = files.get(name) ?? "";
    fileTabs.show(name);
    showPart("code");
    void editor.then((made) => {
      made.open(name, files.get(name) ?? "");
      made.mark(marked.filter((one) => one.file === name));
      if (line) made.reveal(line);
      if (line) made.view.focus();
    });
    openListeners.forEach((listener) => listener());
  },
  onOpen: (listener) => void openListeners.push(listener),
  run: () => start("run"),
  setVersion: (version) => openSessions([version]),
  addPanel: (panel) => panels.add(panel),
  showPanel(id) {
    panels.show(id);
    showPart("side");
  },
  addAction: (action) => menu.add(action),
  say(text) {
    byId("status").textContent = text;
  },
};

const fileTabs = new FileTabs(app);

/** Lines with marks; none before the editor is there. */
async function stopMarks(): Promise<Marks> {
  return Promise.race([editor.then((made) => made.stops), new Promise<Marks>((resolve) => setTimeout(() => resolve({}), 0))]);
}

async function start(mode: Mode): Promise<void> {
  markLines([]);
  app.say("");
  const marks = await stopMarks();
  if (panels.seen !== "console" && panels.seen !== "canvas" && panels.seen !== "values") panels.show("console");
  if (document.body.dataset.part === "code") showPart("side");
  if (!settings.keep) timeline.isNewState = true;
  for (const { session, console } of sessions) {
    console.clear();
    void session.run({ files: files.entries(), main: file }, { keep: settings.keep, mode, marks }).catch((error: Error) => console.failure({ kind: "page", message: error.message }));
  }
}

const toolbar = new Toolbar({
  run: () => void app.run(),
  stop: () => sessions.forEach(({ session }) => void session.stop()),
  pause() {
    for (const { session } of sessions) void (session.phase === "paused" ? go("run") : session.pause());
  },
  step: () => (app.session.phase === "paused" ? void go("step") : void start("step")),
  over: () => void go("over"),
});

async function go(mode: Mode): Promise<void> {
  const marks = await stopMarks();
  for (const { session } of sessions) if (session.phase === "paused") void session.go(mode, marks);
}

/** Opens a worker for each version, in the place of those that are there. */
function openSessions(versions: Version[]): void {
  for (const { session } of sessions) session.close();
  sessions = versions.map((version) => {
    const session = new Session(version, settings);
    const console = new Console(session, place);
    session.on("ended", ({ job, failure, results }) => {
      if (failure) console.failure(failure);
      console.results(results);
      if (job.kind === "program" && failure?.file && failure.line && session === app.session) {
        markLines([{ kind: "error", file: failure.file, line: failure.line, text: failure.message }]);
      }
    });
    session.on("phase", () => toolbar.show(phaseOfAll()));
    const picture = pictureOf(session, (canvas) => {
      panels.show("canvas");
      if (session === app.session) canvas.focus();
    });
    return { session, console, picture };
  });
  canvases.replaceChildren(...sessions.map(({ picture }) => picture));
  consoles.replaceChildren(
    ...sessions.map(({ session, console }) => h("section", { class: "column", "aria-label": `Lua ${session.version}` }, sessions.length > 1 && h("h2", {}, `Lua ${session.version}`), console.element)),
  );
  const { session } = sessions[0]!;
  timeline.attach(session);
  values?.attach(session);
  meters.attach(session);
  session.on("held", (frames) => {
    const at = frames.find((frame) => frame.file && place.has(frame.file));
    if (at?.file) showLine(at.file, at.line);
    if (frames.length > 0) app.say(at ? `Held at ${at.file}:${at.line}` : "Held");
  });
  session.on("phase", (phase) => {
    if (phase !== "paused") {
      markLines(marked.filter(({ kind }) => kind === "error"));
      app.say("");
    }
  });
  markLines([]);
  toolbar.show("idle");
  void editor.then((made) => made.setVersion(session.version));
  openListeners.forEach((listener) => listener());
}

/** Of several sessions the one that is least done counts. */
function phaseOfAll() {
  const order = ["idle", "paused", "waiting", "running"] as const;
  return order[Math.max(...sessions.map(({ session }) => order.indexOf(session.phase)))]!;
}

// --- The console takes statements for the state as it is.

const line = repl({
  check: (source) => app.session.ask("check", source),
  complete: (typed) => app.session.ask("complete", typed),
  run(source) {
    for (const { session, console } of sessions) {
      console.echo(source);
      session.evaluate(source, files.entries()).catch((error: Error) => console.failure({ kind: "page", message: error.message }));
    }
  },
});
app.addPanel({ id: "console", title: "Console", element: h("div", { class: "console-panel" }, consoles, line) });
addPanel(app, "values", "Values", () => import("./panels/values.js"), ({ Values }, element) => {
  values = new Values(place, element);
  values.attach(app.session);
  return values;
});
app.addPanel({ id: "canvas", title: "Canvas", element: canvases });
byId("below").append(timeline.element);

// --- The bar and the menu.

byId<HTMLSelectElement>("version").addEventListener("change", (event) => {
  const { value } = event.target as HTMLSelectElement;
  openSessions(value === "both" ? ["5.4", "5.5"] : [value as Version]);
});
const keep = byId<HTMLInputElement>("keep");
keep.checked = settings.keep;
keep.addEventListener("change", () => {
  settings.keep = keep.checked;
  saveSettings(settings);
});
for (const button of document.querySelectorAll<HTMLElement>("#parts button")) {
  button.addEventListener("click", () => showPart(button.dataset.part as Part));
}

function reset(): void {
  timeline.isNewState = true;
  for (const { session, console } of sessions) {
    console.clear();
    void session.reset();
  }
}

app.addAction({ id: "reset", title: "New state", run: reset });
app.addAction({
  id: "limits",
  title: "Limits…",
  run: () =>
    withLoaded(import("./limits.js"), ({ limitsDialog }) =>
      limitsDialog(settings, () => {
        saveSettings(settings);
        reset();
      }),
    ),
});
app.addAction({
  id: "theme",
  title: "Light or dark",
  run() {
    const isDark = settings.theme === "dark" || (settings.theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
    settings.theme = isDark ? "light" : "dark";
    saveSettings(settings);
    applyTheme(settings);
  },
});

splitter();
openSessions(["5.4"]);
const keeper = new Keeper(app);
const project = keeper.load();
keepOffline(app);
addExtras(app, keeper);
