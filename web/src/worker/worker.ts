import type { Report, Request } from "../protocol.js";
import { Machine } from "./machine.js";

const tell = (report: Report): void => {
  const transfer = report.type === "moment" ? [report.moment.header.buffer, ...report.moment.changed.map(([, page]) => page.buffer)] : [];
  postMessage(report, transfer);
};

let machine: Promise<Machine>;
// Requests are answered one after another: a run in a new state waits for that.
let queue: Promise<unknown> = Promise.resolve();

async function handle(request: Request): Promise<void> {
  if (request.type === "open") {
    machine = Machine.open(request.module, request.base, request.limits, tell);
    await machine;
    tell({ type: "ready" });
    return;
  }
  const open = await machine;
  switch (request.type) {
    case "run":
      return open.run(request.project, request.keep, request.mode, request.marks);
    case "evaluate":
      return open.evaluate(request.source, request.files);
    case "pause":
      return open.pause();
    case "go":
      return open.go(request.mode, request.marks);
    case "marks":
      return open.setMarks(request.marks);
    case "stop":
      return open.stop();
    case "reset":
      open.limits = request.limits;
      return open.renew();
    case "restore":
      return open.restore(request.snapshot, request.jobs);
    case "feed":
      return open.feed(request.job, request.text);
    case "answer":
      return open.calls.answer(request.call, request.value, request.error);
    case "taken":
      return open.output.taken();
    case "ask":
      try {
        // Not before it is needed: the first load is to be small.
        const { answer } = await import("./questions.js");
        tell({ type: "reply", id: request.id, answer: await answer(open, request.question, request.argument) });
      } catch (error) {
        tell({ type: "reply", id: request.id, error: error instanceof Error ? error.message : String(error) });
      }
  }
}

addEventListener("message", ({ data }: MessageEvent<Request>) => {
  queue = queue.then(() => handle(data)).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    tell({ type: "ended", job: { kind: "program", label: "" }, failure: { kind: "page", message }, results: [] });
  });
});
