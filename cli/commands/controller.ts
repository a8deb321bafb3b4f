/**
 * `controller`: TWAMP Control-Client and Session-Sender in one: sets sessions up, measures with them, and stops them.
 *
 * @module
 */
import type { Snapshot } from "../../core/snapshot.ts";
import type { DatagramSocket } from "../../core/transport.ts";
import { type Accept, acceptText, Mode } from "../../core/wire/control.ts";
import type { ClientLink } from "../control/client_link.ts";
import { connect, credentials } from "../control/connect.ts";
import type { ControllerFlags } from "../control/controller_flags.ts";
import { gathered, measureAll } from "../control/measure_all.ts";
import { openSession, prepare, type Ready } from "../control/open_session.ts";
import { resolveEnds } from "../ends.ts";
import { Exit } from "../exit.ts";
import type { Log } from "../log.ts";
import { measuring } from "../measuring.ts";
import type { OutputSet } from "../outputs.ts";
import { faults } from "../plugins/faults.ts";
import { onInterrupt } from "../signals.ts";
import { refuseTooManyInFlight } from "../traffic.ts";
import { judged, thresholdVerdict } from "../thresholds.ts";
import { verdict, verdictOfAll } from "../verdict.ts";

/** Runs `controller`; resolves to the exit status. */
export async function runController(serverText: string, localText: string, flags: ControllerFlags): Promise<number> {
  return await measuring(flags, (outputs, log) => measureTo(serverText, localText, flags, outputs, log));
}

async function measureTo(
  serverText: string,
  localText: string,
  flags: ControllerFlags,
  outputs: OutputSet,
  log: Log,
): Promise<number> {
  const count = flags.count === 0 ? Infinity : flags.count;
  refuseTooManyInFlight(flags, count);
  const keys = credentials(flags);
  const { remote, local } = await resolveEnds(serverText, localText, flags.family);
  const stop = new AbortController();
  const undo = onInterrupt(() => stop.abort());
  outputs.onClosed = () => stop.abort();
  const sockets: DatagramSocket[] = [];
  let link: ClientLink | undefined;
  try {
    const house = await prepare(flags, remote, local, log);
    const needs = { required: required(flags), several: flags.sessions > 1 };
    const clock = house.transport.clock();
    const connected = await connect(flags, keys, remote, local, clock, needs, stop.signal, log);
    link = connected.link;
    const sessions: Ready[] = [];
    let refused = 0;
    for (let index = 0; index < flags.sessions; index++) {
      const ready = await openSession(house, connected, flags, keys.key?.id ?? null, index, sockets);
      if (typeof ready === "object") sessions.push(ready);
      else {
        refused++;
        log.note(refusal(connected.server, index, flags.sessions, ready));
      }
    }
    if (sessions.length === 0) return Exit.NOT_MADE;
    const running = new Set(await link.start());
    connected.keep();
    for (const [sid, accept] of link.notStarted) {
      log.note(`server ${connected.server} did not start session ${sid} (Accept ${accept}: ${acceptText(accept)})`);
    }
    const started = sessions.filter(({ sid }) => running.has(sid));
    refused += sessions.length - started.length;
    if (started.length === 0) return Exit.NOT_MADE;
    // Those that were asked for: a session has the same number, whichever others are refused.
    outputs.open(flags.sessions, started.map(({ index }) => index + 1));
    const measured = await measureAll(started, house, flags, count, outputs, link, stop.signal);
    const summaries = measured.map((summary) => judged(summary, flags.failIf));
    const all = new Array<Snapshot | undefined>(flags.sessions).fill(undefined);
    summaries.forEach((summary, i) => all[started[i].index] = summary);
    // The result waits for no server that does not answer any more.
    const stopping = link.stop();
    await outputs.end(...all);
    for (const note of gathered(summaries)) log.note(`note: ${note}`);
    await stopping;
    if (outputs.failed || faults.any) return thresholdVerdict(Exit.NOT_MADE, all, log);
    const verdicts = summaries.map((summary, i) =>
      verdict(summary, stop.signal.aborted, { ...remote, port: started[i].port }, log)
    );
    const broke = link.failure?.status === Exit.PROTOCOL ? Exit.PROTOCOL : Exit.DONE;
    const status = Math.max(verdictOfAll(verdicts), broke, refused > 0 ? Exit.NOT_MADE : Exit.DONE);
    return thresholdVerdict(status, all, log);
  } catch (error) {
    if (stop.signal.aborted) return Exit.INTERRUPTED;
    throw error;
  } finally {
    link?.close();
    for (const socket of sockets) socket.close();
    await log.close();
    undo();
  }
}

/** Extensions without which what the user asked for cannot be. */
function required({ reflectOctets, symmetrical }: ControllerFlags): number {
  return (reflectOctets === undefined ? 0 : Mode.REFLECT) | (symmetrical ? Mode.SYMMETRICAL : 0);
}

function refusal(server: string, index: number, of: number, accept: Accept): string {
  const which = of === 1 ? "the session" : `session ${index + 1} of ${of}`;
  return `server ${server} refused ${which} (Accept ${accept}: ${acceptText(accept)})`;
}
