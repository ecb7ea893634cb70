import { byId, h } from "../dom.js";

/** Something that a notice offers. */
export interface Offer {
  title: string;
  run(): void;
}

/** Says something above the editor, until it is closed or another takes its place. Screen readers say it at once. */
export function notify(text: string, kind: "plain" | "bad", offers: Offer[] = []): void {
  const buttons = [...offers, { title: "Close", run: () => undefined }].map(({ title, run }) =>
    h(
      "button",
      {
        type: "button",
        onclick: () => {
          clearNotice();
          run();
        },
      },
      title,
    ),
  );
  const place = byId("notice");
  place.className = kind;
  place.replaceChildren(h("p", {}, text), h("div", { class: "actions" }, ...buttons));
  place.hidden = false;
}

/** Takes the notice away. */
export function clearNotice(): void {
  const place = byId("notice");
  place.hidden = true;
  place.replaceChildren();
}
