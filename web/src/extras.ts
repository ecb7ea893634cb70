// What the page can do beyond running Lua, loaded after the editor.
import type { App } from "./app.js";
import { addBytecode } from "./bytecode/panel.js";
import { addFormatter } from "./format/format.js";
import { addExchange } from "./project/exchange.js";
import type { Keeper } from "./project/keeper.js";
import { addTour } from "./tour/panel.js";

/** Adds the actions and panels of this file's folder neighbours to the page. */
export function addExtras(app: App, keeper: Keeper): void {
  addExchange(app, keeper);
  addFormatter(app);
  addBytecode(app);
  addTour(app, keeper);
}
