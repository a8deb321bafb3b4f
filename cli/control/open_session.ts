/**
 * The test sessions of a controller: sockets bound, and sessions asked for.
 *
 * @module
 */
import { parseAddress } from "../../core/address.ts";
import { DEFAULT_STRIDE } from "../../core/batch.ts";
import { octetsOfSid, sidText } from "../../core/control/session_id.ts";
import { OptionError } from "../../core/errors.ts";
import type { TrafficProfile } from "../../core/plugin.ts";
import { deriveTestKeys, Seal } from "../../core/session/seal.ts";
import type { DatagramSocket, SocketOptions, Transport } from "../../core/transport.ts";
import { type Accept, Mode, type SessionRequest } from "../../core/wire/control.ts";
import { fitsReflected, testFormat } from "../../core/wire/format.ts";
import { createTraceTransport } from "../../plugins/transport/trace.ts";
import type { ControllerFlags } from "./controller_flags.ts";
import { SENDER_DEFAULTS } from "../commands/sender.ts";
import type { Log } from "../log.ts";
import type { Controlled } from "../measure.ts";
import { plural } from "../plural.ts";
import { isWildcard, type Target } from "../resolve.ts";
import { withStampInterface } from "../stamp_interface.ts";
import { createTraffic } from "../traffic.ts";
import { chooseTransport, degraded, withDefaults } from "../transports.ts";
import { warmUp } from "../warm_up.ts";
import type { Accepted, ClientLink } from "./client_link.ts";
import type { Connected } from "./connect.ts";
import { longExtensionNames, securityName } from "./modes.ts";
import { testMode } from "./session_request.ts";

/** What is to be reflected for the server's sake: a mark of ours in the request, which comes back in its answer. */
const OCTETS_TO_REFLECT = 0x7477;
const NO_ADDRESS = new Uint8Array(16);

/** A session that is set up. */
export interface Ready {
  /** Which of those that were asked for, from 0: it keeps its number where others are refused. */
  readonly index: number;
  readonly socket: DatagramSocket;
  readonly options: SocketOptions;
  readonly notes: readonly string[];
  readonly traffic: TrafficProfile;
  readonly sid: string;
  readonly port: number;
  readonly control: Controlled;
}

/** What sessions have in common. */
export interface House {
  readonly transport: Transport;
  readonly local: Target;
  readonly remote: Target;
  socketOptions(index: number, host: string, stride: number): Promise<{ options: SocketOptions; notes: string[] }>;
  readonly notes: readonly string[];
}

/** Chooses the transport and warms it up. */
export async function prepare(flags: ControllerFlags, remote: Target, local: Target, log: Log): Promise<House> {
  const explicit: SocketOptions = {
    hostname: local.host,
    port: local.port,
    tos: flags.tos[0],
    ttl: flags.ttl,
    dontFragment: flags.doNotFragment,
    stamps: flags.stamps,
    txStamps: flags.stamps !== "user",
    readTos: true,
    interface: flags.interface,
    precise: flags.precise,
  };
  const chosen = chooseTransport(flags.transport, explicit);
  await warmUp(chosen, explicit);
  return {
    transport: flags.level === "debug" ? createTraceTransport(chosen, (line) => log.debug(line)) : chosen,
    local,
    remote,
    notes: degraded(flags.transport, chosen),
    async socketOptions(index, host, stride) {
      const own: SocketOptions = {
        ...explicit,
        hostname: host,
        port: local.port === 0 ? 0 : local.port + index,
        tos: inTurn(flags.tos, index),
        stride: Math.max(DEFAULT_STRIDE, Math.ceil(stride / 64) * 64),
      };
      if (own.port > 65_535) {
        throw new OptionError(
          `local port ${local.port} and ${plural(flags.sessions, "session")} go beyond 65535: give a lower one`,
        );
      }
      return withDefaults(await withStampInterface(own, local, remote), SENDER_DEFAULTS, chosen);
    },
  };
}

/** The value of session `index`; undefined without any. */
function inTurn<T>(values: readonly T[], index: number): T | undefined {
  return values.length === 0 ? undefined : values[index % values.length];
}

/** Binds a socket and asks the server for a session with it; the server's word if it refuses. */
export async function openSession(
  house: House,
  { link, near, server }: Connected,
  flags: ControllerFlags,
  keyId: string | null,
  index: number,
  sockets: DatagramSocket[],
): Promise<Ready | Accept> {
  const { remote, local } = house;
  const { mode } = link;
  const sealing = testMode(mode);
  const [symmetrical, monitor] = [(mode & Mode.SYMMETRICAL) !== 0, (mode & Mode.MONITOR) !== 0];
  const format = { mode: sealing, symmetrical, monitor };
  const octets = flags.reflectOctets;
  const { senderSize: base, onesize } = testFormat(format);
  const traffic = createTraffic(
    { padding: inTurn(flags.padding, index), profile: inTurn(flags.profile, index) },
    { family: remote.address.family, protocol: "twamp", base, onesize: onesize + (octets ?? 0), seed: flags.seed },
  );
  const padding = traffic.maxSize - base;
  if (octets !== undefined && !fitsReflected(padding, octets, sealing, monitor, symmetrical)) {
    throw new OptionError(
      `--reflect-octets ${octets} does not fit into ${padding} octets of padding, beside what replies need (RFC 6038 ` +
        `section 4.2): give --padding ${onesize + octets} or more`,
    );
  }
  // Probes leave from the address that the server sees: any other it would not know.
  const host = isWildcard(local.host) ? near : local.host;
  const { options, notes } = await house.socketOptions(index, host, traffic.maxSize);
  const socket = await house.transport.openDatagram(options);
  sockets.push(socket);
  const tos = options.tos ?? 0;
  const request: SessionRequest = {
    ipVersion: remote.address.family,
    confSender: 0,
    confReceiver: 0,
    slots: 0,
    packets: 0,
    senderPort: socket.address.port,
    receiverPort: remote.port === 0 ? 0 : Math.min(remote.port + index, 65_535),
    senderAddress: flags.nat ? NO_ADDRESS : parseAddress(host)!.octets,
    receiverAddress: flags.nat ? NO_ADDRESS : remote.address.octets,
    sid: NO_ADDRESS,
    padding,
    startTime: new Uint32Array(2),
    timeoutNs: flags.packetTimeout,
    typeP: ((tos >> 2) << 24) >>> 0,
    octetsToReflect: octets === undefined ? 0 : OCTETS_TO_REFLECT,
    paddingToReflect: octets ?? 0,
  };
  const answer = await link.request(request);
  if (typeof answer === "number") return answer;
  return {
    index,
    socket,
    options,
    notes,
    traffic,
    sid: sidText(answer.sid),
    port: answer.port,
    control: controlled(link, answer, server, octets, tos, keyId),
  };
}

function controlled(
  { mode, keys }: ClientLink,
  answer: Accepted,
  server: string,
  octets: number | undefined,
  tos: number,
  keyId: string | null,
): Controlled {
  const sealing = testMode(mode);
  const sid = sidText(answer.sid);
  const security = securityName(mode);
  return {
    mode: security,
    info: {
      server,
      sid,
      keyId: security === "open" ? null : keyId,
      modes: longExtensionNames(mode) as Controlled["info"]["modes"],
    },
    packets: {
      seal: keys === undefined || sealing === "open"
        ? undefined
        : new Seal(sealing, deriveTestKeys(keys.aes, keys.hmac, octetsOfSid(sid))),
      symmetrical: (mode & Mode.SYMMETRICAL) !== 0,
      monitor: (mode & Mode.MONITOR) !== 0,
      reflect: octets === undefined ? undefined : { octets, serverOctets: answer.serverOctets },
    },
    replyTos: tos & 0xfc,
  };
}
