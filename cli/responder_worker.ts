/**
 * The entry of a responder's worker thread. Beside `main.ts`, because executables keep the entries' places but not those
 * of other files: `./responder_worker.ts` is where `workers.ts` finds it from source and from an executable.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import type { Transport } from "../core/transport.ts";
import { TRANSPORTS } from "../plugins/transport/mod.ts";
import { createTraceTransport } from "../plugins/transport/trace.ts";
import { explain } from "./exit.ts";
import { faults } from "./plugins/faults.ts";
import { openReflecting, type Plan } from "./reflecting.ts";
import { chooseTransport } from "./transports.ts";
import { Asked, type FromWorker, type WorkerData } from "./workers.ts";

/** What is asked is looked for this often; a wait without signals ends as often anyway. */
const LOOK_MS = 10;

const port = parentPort!;
const tell = (message: FromWorker) => port.postMessage(message);

/** The one that was chosen; what a plugin is cannot be sent from thread to thread, so that its file is loaded again. */
async function openTransport({ transport, plugins, socket }: Plan): Promise<Transport> {
  if (plugins.length > 0) {
    faults.tell = (line) => tell({ kind: "fault", line });
    const { loadPlugins } = await import("./plugins/load.ts");
    await loadPlugins(plugins);
  }
  return TRANSPORTS.find(({ name }) => name === transport)?.create({}) ?? chooseTransport(transport, socket);
}

async function work({ plan, asked }: WorkerData): Promise<void> {
  const opened = await openTransport(plan);
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
