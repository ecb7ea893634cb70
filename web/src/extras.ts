// What the page can do beyond running Lua. Each part is loaded when it is first asked for.
import type { Action, App } from "./app.js";
import { addPanel, withLoaded } from "./loaded.js";
import type { Keeper } from "./project/keeper.js";
import { tourOf } from "./project/address.js";

function addActions(app: App, keeper: Keeper): void {
  const exchange = () => import("./project/exchange.js");
  const actions: Action[] = [
    { id: "share", title: "Share…", key: "Mod-Shift-s", run: () => withLoaded(exchange(), ({ share }) => share(keeper)) },
    { id: "import", title: "Import files or a zip…", run: () => withLoaded(exchange(), ({ chooseFiles }) => chooseFiles(app)) },
    { id: "export", title: "Export as a zip", run: () => withLoaded(exchange(), ({ exportFiles }) => exportFiles(app)) },
    { id: "format", title: "Format", key: "Shift-Alt-f", run: () => withLoaded(import("./format/format.js"), ({ format }) => format(app)) },
    { id: "licences", title: "Licences", run: () => void open("licences.txt", "_blank", "noopener") },
  ];
  for (const action of actions) app.addAction(action);
  document.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    void withLoaded(exchange(), ({ importFiles }) => importFiles(app, files));
  });
}

/** Adds actions and panels to the page. */
export function addExtras(app: App, keeper: Keeper): void {
  addActions(app, keeper);
  addPanel(app, "bytecode", "Bytecode", () => import("./bytecode/panel.js"), ({ Bytecode }, place) => new Bytecode(app, place));
  addPanel(app, "tour", "Tour", () => import("./tour/panel.js"), ({ Tour }, place) => new Tour(keeper, place));
  if (tourOf(location.hash) !== undefined) app.showPanel("tour");
}
