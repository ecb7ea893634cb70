import type { App } from "./app.js";

/** Keeps the site in the browser, so that it opens without a network. */
export function keepOffline(app: App): void {
  // In development the files change, and browsers offer service workers to secure origins alone.
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  const wasKept = navigator.serviceWorker.controller !== null;
  const register = async (): Promise<void> => {
    const registration = await navigator.serviceWorker.register("service-worker.js");
    registration.addEventListener("updatefound", () => {
      registration.installing?.addEventListener("statechange", () => {
        if (registration.waiting && wasKept) app.say("A newer playground is here. It opens once all tabs of this one are closed.");
      });
    });
  };
  // Without one the page works as before, but for the network it needs.
  const start = (): void => void register().catch(() => undefined);
  if (document.readyState === "complete") start();
  else addEventListener("load", start, { once: true });
}
