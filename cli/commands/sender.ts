/**
 * `sender`: TWAMP Light and STAMP Session-Sender.
 *
 * @module
 */
import { OptionError } from "../../core/errors.ts";
import type { JitterAlgorithm } from "../../core/snapshot.ts";
import { DEFAULT_STRIDE } from "../../core/batch.ts";
import { STAMP_FORMAT, STAMP_SEALED_FORMAT, testFormat } from "../../core/wire/format.ts";
import { TlvType } from "../../core/wire/tlv_layouts.ts";
import { tlvSize } from "../../core/session/tlv_writer.ts";
import type { SocketOptions, StampSource, Transport } from "../../core/transport.ts";
import { createTraceTransport } from "../../plugins/transport/trace.ts";
import { resolveEnds } from "../ends.ts";
import { Exit } from "../exit.ts";
import type { Log } from "../log.ts";
import type { Threshold } from "../../core/threshold.ts";
import { measure } from "../measure.ts";
import { measuring } from "../measuring.ts";
import type { OutputSet } from "../outputs.ts";
import { faults } from "../plugins/faults.ts";
import { onInterrupt } from "../signals.ts";
import { withStampInterface } from "../stamp_interface.ts";
import { checkKeyFlags, readSenderKey } from "../stamp_keys.ts";
import { chooseTransport, degraded, withDefaults } from "../transports.ts";
import { asksForHmac, createTlvs } from "../tlvs.ts";
import { createSchedule, createTraffic, refuseTooManyInFlight } from "../traffic.ts";
import { judged, thresholdVerdict } from "../thresholds.ts";
import { verdict } from "../verdict.ts";
import { warmUp } from "../warm_up.ts";

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
  readonly requireSsid: boolean;
  readonly timestampFormat: "ntp" | "ptp";
  readonly mode: "open" | "authenticated";
  readonly keyFile: string | undefined;
  readonly keyId: string | undefined;
  /** STAMP extensions, as they were given. */
  readonly tlv: readonly string[];
  readonly packetTimeout: number;
  readonly seed: Uint8Array;
  readonly transport: string;
  readonly stamps: StampSource | undefined;
  readonly interface: string | undefined;
  readonly precise: boolean;
  readonly jitter: JitterAlgorithm;
  readonly output: readonly string[];
  readonly failIf: readonly Threshold[];
  readonly telegraf: boolean;
  readonly printResponses: boolean;
  readonly statsInterval: number;
  readonly logfile: string | undefined;
  readonly level: Log["level"];
}

/** What is set where the user says nothing, as twampy has it. */
export const SENDER_DEFAULTS = { tos: 0x88, ttl: 64 } as const;

/** Runs `sender`; resolves to the exit status. */
export async function runSender(remoteText: string, localText: string, flags: SenderFlags): Promise<number> {
  return await measuring(flags, (outputs, log) => measureTo(remoteText, localText, flags, outputs, log));
}

async function measureTo(
  remoteText: string,
  localText: string,
  flags: SenderFlags,
  outputs: OutputSet,
  log: Log,
): Promise<number> {
  if (flags.ssid !== 0 && flags.protocol !== "stamp") {
    throw new OptionError(`--ssid ${flags.ssid} does nothing with TWAMP: add --protocol stamp`);
  }
  if (flags.requireSsid && flags.ssid === 0) {
    throw new OptionError("--require-ssid does nothing without a session identifier: add --ssid 1");
  }
  checkKeyFlags(flags, flags.protocol);
  const { seal, tlvMac } = readSenderKey(flags, flags.ssid, asksForHmac(flags));
  const { remote, local } = await resolveEnds(remoteText, localText, flags.family);
  const { protocol, seed } = flags;
  const tlvs = createTlvs(flags, tlvMac ?? seal);
  const stamp = seal === undefined ? STAMP_FORMAT : STAMP_SEALED_FORMAT;
  const { senderSize, onesize } = protocol === "stamp" ? stamp : testFormat({ mode: "open" });
  const base = senderSize + tlvSize(tlvs, tlvMac ?? seal);
  const traffic = createTraffic(flags, { family: remote.address.family, protocol, base, onesize, seed });
  const schedule = createSchedule(flags.schedule, flags.interval, seed);
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
    // What replies arrive with is the other half of what a Class of Service TLV tells (RFC 8972 section 4.4).
    readTos: tlvs.some(({ type }) => type === TlvType.COS),
    precise: flags.precise,
  };
  const chosen = chooseTransport(flags.transport, explicit);
  const asked = await withStampInterface(explicit, local, remote);
  const { options, notes } = withDefaults(asked, SENDER_DEFAULTS, chosen);
  const transport: Transport = flags.level === "debug"
    ? createTraceTransport(chosen, (line) => log.debug(line))
    : chosen;
  await warmUp(chosen, options, flags.mode);
  const socket = await transport.openDatagram(options);
  const stop = new AbortController();
  const undo = onInterrupt(() => stop.abort());
  outputs.onClosed = () => stop.abort();
  try {
    outputs.open();
    const measured = await measure(
      {
        transport,
        socket,
        remote,
        protocol: flags.protocol,
        ssid: flags.ssid,
        needsSsid: flags.requireSsid,
        ptp: flags.timestampFormat === "ptp",
        seal,
        tlvMac,
        tlvs,
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
        notes: () => [...degraded(flags.transport, chosen), ...notes],
      },
      outputs.session(1),
      stop.signal,
    );
    const summary = judged(measured, flags.failIf);
    await outputs.end(summary);
    for (const note of summary.notes) log.note(`note: ${note}`);
    const status = outputs.failed || faults.any
      ? Exit.NOT_MADE
      : verdict(summary, stop.signal.aborted, remote, log, seal !== undefined);
    return thresholdVerdict(status, [summary], log);
  } finally {
    socket.close();
    await log.close();
    undo();
  }
}
