/**
 * `sender`: TWAMP Light and STAMP Session-Sender.
 *
 * @module
 */
import { OptionError } from "../../core/errors.ts";
import { parsePluginOptions } from "../../core/plugin_options.ts";
import { MOST_IN_FLIGHT } from "../../core/session/window.ts";
import type { JitterAlgorithm, Snapshot } from "../../core/snapshot.ts";
import { DEFAULT_STRIDE } from "../../core/batch.ts";
import { STAMP_FORMAT, testFormat } from "../../core/wire/format.ts";
import { formatDuration } from "../../core/time/duration.ts";
import type { SocketOptions, StampSource, Transport } from "../../core/transport.ts";
import { SCHEDULES } from "../../plugins/schedule/mod.ts";
import { TRAFFIC } from "../../plugins/traffic/mod.ts";
import { createTraceTransport } from "../../plugins/transport/trace.ts";
import { Exit } from "../exit.ts";
import { type Log, openLog } from "../log.ts";
import { measure } from "../measure.ts";
import { OutputSet } from "../outputs.ts";
import { plural } from "../plural.ts";
import { isWildcard, resolveEndpoint, type Target, wildcard } from "../resolve.ts";
import { onInterrupt } from "../signals.ts";
import { withStampInterface } from "../stamp_interface.ts";
import { chooseTransport, degraded, withDefaults } from "../transports.ts";
import { warmUp } from "../warm_up.ts";
import { createVerboseOutput } from "../verbose.ts";

/** Options as the command line gives them; values are checked and in nanoseconds. */
export interface SenderFlags {
  readonly family: 4 | 6 | undefined;
  readonly interval: number;
  readonly count: number;
  /** Undefined where the user gave none. */
  readonly tos: number | undefined;
  readonly ttl: number | undefined;
  readonly doNotFragment: boolean;
  readonly padding: number | undefined;
  readonly profile: string | undefined;
  readonly schedule: string;
  readonly protocol: "twamp" | "stamp";
  readonly ssid: number;
  readonly packetTimeout: number;
  readonly seed: Uint8Array;
  readonly transport: string;
  readonly stamps: StampSource | undefined;
  readonly interface: string | undefined;
  readonly precise: boolean;
  readonly jitter: JitterAlgorithm;
  readonly output: readonly string[];
  readonly telegraf: boolean;
  readonly printResponses: boolean;
  readonly statsInterval: number;
  readonly logfile: string | undefined;
  readonly level: Log["level"];
}

/** What is set where the user says nothing, as twampy has it. */
export const SENDER_DEFAULTS = { tos: 0x88, ttl: 64, remotePort: 20_001, localPort: 20_000 } as const;

/** Runs `sender`; resolves to the exit status. */
export async function runSender(remoteText: string, localText: string, flags: SenderFlags): Promise<number> {
  const log = openLog(flags.level, flags.logfile);
  const outputs = new OutputSet({
    output: flags.output,
    telegraf: flags.telegraf,
    responses: flags.printResponses,
    intervals: flags.statsInterval > 0,
  }, log);
  if (flags.level === "verbose" || flags.level === "debug") outputs.add("verbose", () => createVerboseOutput(log));
  if (flags.ssid !== 0 && flags.protocol !== "stamp") {
    throw new OptionError(`--ssid ${flags.ssid} does nothing with TWAMP: add --protocol stamp`);
  }
  const { remote, local } = await resolveEnds(remoteText, localText, flags.family);
  const { traffic, schedule } = shape(flags, remote);
  const count = flags.count === 0 ? Infinity : flags.count;
  refuseTooManyInFlight(flags, count);
  const explicit: SocketOptions = {
    hostname: local.host,
    port: local.port,
    stride: Math.max(DEFAULT_STRIDE, Math.ceil(traffic.maxSize / 64) * 64),
    tos: flags.tos,
    ttl: flags.ttl,
    dontFragment: flags.doNotFragment,
    stamps: flags.stamps,
    txStamps: flags.stamps !== "user",
    interface: flags.interface,
    precise: flags.precise,
  };
  const chosen = chooseTransport(flags.transport, explicit);
  const asked = await withStampInterface(explicit, local, remote);
  const { options, notes } = withDefaults(asked, SENDER_DEFAULTS, chosen);
  const transport: Transport = flags.level === "debug"
    ? createTraceTransport(chosen, (line) => log.debug(line))
    : chosen;
  await warmUp(chosen, options);
  const socket = await transport.openDatagram(options);
  const stop = new AbortController();
  const undo = onInterrupt(() => stop.abort());
  outputs.onClosed = () => stop.abort();
  try {
    outputs.open();
    const summary = await measure(
      {
        transport,
        socket,
        remote,
        protocol: flags.protocol,
        ssid: flags.ssid,
        tos: options.tos,
        ttl: options.ttl,
        dontFragment: flags.doNotFragment,
        traffic,
        schedule,
        count,
        intervalNs: flags.interval,
        timeoutNs: flags.packetTimeout,
        jitter: flags.jitter,
        seed: flags.seed,
        statsIntervalNs: flags.statsInterval,
        progress: flags.level === "normal" && !outputs.streams,
        notes: [...degraded(flags.transport, chosen), ...notes],
      },
      outputs.session(1),
      stop.signal,
    );
    await outputs.end(summary);
    for (const note of summary.notes) log.note(`note: ${note}`);
    return outputs.failed ? Exit.NOT_MADE : verdict(summary, stop.signal.aborted, remote, log);
  } finally {
    socket.close();
    await log.close();
    undo();
  }
}

/** Every probe in flight is remembered; without replies that is all of a timeout. */
function refuseTooManyInFlight(flags: SenderFlags, count: number): void {
  if (Math.min(count, flags.packetTimeout / flags.interval) <= MOST_IN_FLIGHT) return;
  throw new OptionError(
    `--interval ${formatDuration(flags.interval)} and --packet-timeout ${
      formatDuration(flags.packetTimeout)
    } leave more ` +
      `than ${MOST_IN_FLIGHT} probes in flight: make the interval longer or the timeout shorter`,
  );
}

async function resolveEnds(
  remoteText: string,
  localText: string,
  family: 4 | 6 | undefined,
): Promise<{ remote: Target; local: Target }> {
  const { remotePort, localPort } = SENDER_DEFAULTS;
  const loopback = family === 6 ? "::1" : "127.0.0.1";
  const remote = await resolveEndpoint("remote", remoteText, { host: loopback, port: remotePort }, family);
  if (isWildcard(remote.host)) throw new OptionError(`remote '${remoteText}' means any address: give the responder's`);
  if (remote.port === 0) throw new OptionError(`remote '${remoteText}' has port 0: give the responder's port`);
  const anywhere = wildcard(remote.address.family);
  const local = await resolveEndpoint("local", localText, { host: anywhere, port: localPort }, undefined);
  if (local.address.family !== remote.address.family) {
    throw new OptionError(
      `local '${localText}' is IPv${local.address.family}, remote '${remoteText}' is IPv${remote.address.family}: ` +
        `give both of one kind`,
    );
  }
  return { remote, local };
}

/** The traffic profile and the schedule. `--padding -1` is IMIX, as with twampy; any other is the fixed profile's. */
function shape(flags: SenderFlags, remote: Target) {
  const { padding, profile, protocol, seed } = flags;
  if (padding !== undefined && profile !== undefined) {
    throw new OptionError(`--padding '${padding}' and --profile '${profile}' both say how large probes are: give one`);
  }
  const text = profile ?? (padding === -1 ? "imix" : padding === undefined ? "fixed" : `fixed:padding=${padding}`);
  const { plugin, options } = parsePluginOptions("--profile", text, TRAFFIC);
  const { senderSize, onesize } = protocol === "stamp" ? STAMP_FORMAT : testFormat({ mode: "open" });
  const traffic = plugin.create(options, {
    family: remote.address.family,
    protocol,
    base: senderSize,
    onesize,
    seed,
  });
  const when = parsePluginOptions("--schedule", flags.schedule, SCHEDULES);
  return { traffic, schedule: when.plugin.create(when.options, flags.interval, seed) };
}

/** The exit status of a run, and a line where it is not 0. */
function verdict(summary: Snapshot, interrupted: boolean, remote: Target, log: Log): number {
  if (summary.received > 0) return Exit.DONE;
  const where = `${remote.host} port ${remote.port}`;
  if (interrupted && summary.lost === 0) return Exit.INTERRUPTED;
  if (summary.sendErrors > 0 && summary.sendErrors >= summary.sent) {
    log.note(`nothing could be sent to ${where}: see the note above; check the route and the address`);
    return Exit.NOT_MADE;
  }
  if (summary.malformed > 0) {
    log.note(
      `${where} sent ${
        plural(summary.malformed, "datagram")
      } too short to be a reply: is it a TWAMP or STAMP reflector?`,
    );
    return Exit.PROTOCOL;
  }
  const check = summary.unexpected > 0
    ? "see the note on what came instead"
    : "check that a responder runs there and that UDP gets through";
  log.note(`no reply from ${where} to ${plural(summary.sent, "probe")}: ${check}`);
  return Exit.NOT_MADE;
}
