/**
 * The entry of a responder's worker thread. Beside `main.ts`, because executables keep the entries' places but not those
 * of other files: `./responder_worker.ts` is where `workers.ts` finds it from source and from an executable.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { TRANSPORTS } from "../plugins/transport/mod.ts";
import { createTraceTransport } from "../plugins/transport/trace.ts";
import { explain } from "./exit.ts";
import { openReflecting } from "./reflecting.ts";
import { Asked, type FromWorker, type WorkerData } from "./workers.ts";

/** What is asked is looked for this often; a wait without signals ends as often anyway. */
const LOOK_MS = 10;

const port = parentPort!;
const tell = (message: FromWorker) => port.postMessage(message);

async function work({ plan, asked }: WorkerData): Promise<void> {
  const opened = TRANSPORTS.find(({ name }) => name === plan.transport)!.create({});
  const transport = plan.debug ? createTraceTransport(opened, (line) => tell({ kind: "log", line })) : opened;
  const reflecting = await openReflecting(plan, transport);
  tell({ kind: "bound" });
  const stop = new AbortController();
  await new Promise<void>((begin) => {
    setInterval(() => {
      const what = Atomics.load(asked, 0);
      if (what !== Asked.BIND) begin();
      if (what === Asked.STOP) stop.abort();
    }, LOOK_MS);
  });
  await reflecting.discard();
  tell({ kind: "running" });
  await reflecting.run(stop.signal);
  // The socket stays open until the process ends: without it its flows would go to other workers, and be numbered anew.
  tell({ kind: "tally", tally: reflecting.tally() });
}

try {
  await work(workerData as WorkerData);
} catch (error) {
  // Not thrown: the runtimes would print a stack trace.
  tell({ kind: "failed", ...explain(error) });
}
