/**
 * `controlclient`: TWAMP Control-Client alone: sets up the session that another host's sender uses, and holds it until
 * interrupted.
 *
 * @module
 */
import { formatEndpoint } from "../../core/address.ts";
import { sidText } from "../../core/control/session_id.ts";
import { OptionError } from "../../core/errors.ts";
import type { Nanos } from "../../core/time/clock.ts";
import { acceptText, Mode, type SessionRequest } from "../../core/wire/control.ts";
import { testFormat } from "../../core/wire/format.ts";
import { TRANSPORTS } from "../../plugins/transport/mod.ts";
import type { ClientLink } from "../control/client_link.ts";
import { connect, type ControlFlags, credentials } from "../control/connect.ts";
import { testMode } from "../control/session_request.ts";
import { PORTS } from "../ends.ts";
import { Exit } from "../exit.ts";
import { type Log, openLog } from "../log.ts";
import { isWildcard, resolveEndpoint, wildcard } from "../resolve.ts";
import { onInterrupt } from "../signals.ts";

/** Options as the command line gives them, checked. */
export interface ControlClientFlags extends ControlFlags {
  readonly family: 4 | 6 | undefined;
  readonly tos: number | undefined;
  /** Octets of padding of the sender's probes; undefined for what makes both directions one size. */
  readonly padding: number | undefined;
  /** How long probes in transit are still answered after the end. */
  readonly packetTimeout: Nanos;
  readonly nat: boolean;
  readonly logfile: string | undefined;
  readonly level: Log["level"];
}

const NO_ADDRESS = new Uint8Array(16);

/** Runs `controlclient`; resolves to the exit status. */
export async function runControlClient(
  senderText: string,
  serverText: string,
  flags: ControlClientFlags,
): Promise<number> {
  const log = openLog(flags.level, flags.logfile);
  const keys = credentials(flags);
  const loopback = flags.family === 6 ? "::1" : "127.0.0.1";
  const server = await resolveEndpoint("server", serverText, { host: loopback, port: PORTS.local }, flags.family);
  if (isWildcard(server.host)) throw new OptionError(`server '${serverText}' means any address: give the server's`);
  const { family } = server.address;
  const sender = await resolveEndpoint("sender", senderText, { host: loopback, port: PORTS.remote }, undefined);
  if (isWildcard(sender.host)) throw new OptionError(`sender '${senderText}' means any address: give the sender's`);
  if (sender.address.family !== family) {
    throw new OptionError(`sender '${senderText}' and server '${serverText}' are of two IP versions: give both of one`);
  }
  const local = await resolveEndpoint("local", ":0", { host: wildcard(family), port: 0 }, undefined);
  const transport = TRANSPORTS.map((plugin) => plugin.create({})).find((one) => one.probe() !== undefined)!;
  const clock = transport.clock();
  const stop = new AbortController();
  const undo = onInterrupt(() => stop.abort());
  const needs = { required: 0, several: false };
  let open: ClientLink | undefined;
  try {
    // Replies of another form are for a sender that expects them, and that one hears nothing of what is agreed here.
    const agreed = { ...flags, extensions: flags.extensions ?? "plain" };
    const connected = await connect(agreed, keys, server, local, clock, needs, stop.signal, log);
    const link = open = connected.link;
    const { onesize } = testFormat({ mode: testMode(link.mode), monitor: (link.mode & Mode.MONITOR) !== 0 });
    const request: SessionRequest = {
      ipVersion: family,
      confSender: 0,
      confReceiver: 0,
      slots: 0,
      packets: 0,
      senderPort: sender.port,
      receiverPort: server.port,
      senderAddress: flags.nat ? NO_ADDRESS : sender.address.octets,
      receiverAddress: flags.nat ? NO_ADDRESS : server.address.octets,
      sid: NO_ADDRESS,
      padding: flags.padding ?? onesize,
      startTime: new Uint32Array(2),
      timeoutNs: flags.packetTimeout,
      typeP: (((flags.tos ?? 0) >> 2) << 24) >>> 0,
      octetsToReflect: 0,
      paddingToReflect: 0,
    };
    const answer = await link.request(request);
    if (typeof answer === "number") {
      log.note(`server ${connected.server} refused the session (Accept ${answer}: ${acceptText(answer)})`);
      return Exit.NOT_MADE;
    }
    const started = await link.start();
    connected.keep();
    if (started.length === 0) {
      const [accept] = link.notStarted.values();
      log.note(`server ${connected.server} did not start the session (Accept ${accept}: ${acceptText(accept)})`);
      return Exit.NOT_MADE;
    }
    const from = formatEndpoint(sender.host, sender.port);
    log.note(
      `session ${sidText(answer.sid)}: ${from} may send to ${formatEndpoint(server.host, answer.port)} (${
        answer.port === server.port ? "as wished" : "the server's choice"
      }); Ctrl-C ends it`,
    );
    await held(link, stop.signal);
    if (link.failure !== undefined) throw link.failure;
    await link.stop();
    return Exit.DONE;
  } catch (error) {
    if (stop.signal.aborted) return Exit.INTERRUPTED;
    throw error;
  } finally {
    open?.close();
    await log.close();
    undo();
  }
}

/** Until it is interrupted, or the server ends it. */
function held(link: ClientLink, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || link.failure !== undefined) return resolve();
    link.onBroken = resolve;
    signal.addEventListener("abort", () => resolve());
  });
}
