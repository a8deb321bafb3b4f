/**
 * Socket options, tried on loopback: a table of what is set and of how it is seen to work.
 *
 * @module
 */
import { type Batch, SlotFlag } from "../../../../core/batch.ts";
import { TransportError } from "../../../../core/errors.ts";
import type { SocketOptions } from "../../../../core/transport.ts";
import type { OptionTrial } from "../machine.ts";
import {
  Errno,
  errnoText,
  IP_MTU_DISCOVER,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_DONTFRAG,
  PMTUDISC_DO,
  SO_BUSY_POLL,
  SO_PRIORITY,
  SO_RXQ_OVFL,
  SOL_SOCKET,
} from "./abi.ts";
import type { Libc } from "./libc.ts";
import { openSocket } from "./mod.ts";
import { type Scratch, withScratch } from "./scratch.ts";

const V4 = "127.0.0.1";
const V6 = "::1";
/** Values that no system has by itself. */
const TOS = 0xb8;
const TTL = 77;

interface Named {
  readonly option: string;
  readonly what: string;
}

/** Set as a measurement sets it, and seen in a datagram that arrived. */
interface Seen extends Named {
  readonly to: string;
  readonly near?: Partial<SocketOptions>;
  readonly far?: Partial<SocketOptions>;
  seen(rx: Batch): boolean;
}

/** Where the datagram came to, as an IPv4-mapped or IPv6 address whose last octets are these. */
const cameTo = (rx: Batch, ...last: readonly number[]) =>
  last.every((octet, i) => rx.local[16 - last.length + i] === octet);

const SEEN: readonly Seen[] = [
  { option: "IP_TOS", what: "TOS, IPv4", to: V4, near: { tos: TOS }, seen: (rx) => rx.tos[0] === TOS },
  { option: "IPV6_TCLASS", what: "traffic class, IPv6", to: V6, near: { tos: TOS }, seen: (rx) => rx.tos[0] === TOS },
  { option: "IP_TTL", what: "TTL, IPv4", to: V4, near: { ttl: TTL }, seen: (rx) => rx.ttl[0] === TTL },
  { option: "IPV6_UNICAST_HOPS", what: "hop limit, IPv6", to: V6, near: { ttl: TTL }, seen: (rx) => rx.ttl[0] === TTL },
  {
    option: "IP_TOS, IP_TTL",
    what: "TOS and TTL, both families",
    to: V4,
    near: { hostname: "::", dualStack: true, tos: TOS, ttl: TTL },
    seen: (rx) => rx.tos[0] === TOS && rx.ttl[0] === TTL,
  },
  {
    option: "IP_RECVTTL, IP_RECVTOS",
    what: "arriving TTL and TOS, IPv4",
    to: V4,
    seen: (rx) => (rx.flags[0] & SlotFlag.IP_HEADER) !== 0,
  },
  {
    option: "IPV6_RECVHOPLIMIT",
    what: "arriving TTL and TOS, IPv6",
    to: V6,
    seen: (rx) => (rx.flags[0] & SlotFlag.IP_HEADER) !== 0,
  },
  {
    option: "IP_PKTINFO",
    what: "address it arrived at, IPv4",
    to: V4,
    far: { hostname: "0.0.0.0" },
    seen: (rx) => cameTo(rx, 127, 0, 0, 1),
  },
  {
    option: "IPV6_RECVPKTINFO",
    what: "address it arrived at, IPv6",
    to: V6,
    far: { hostname: "::" },
    seen: (rx) => cameTo(rx, 0, 0, 0, 1),
  },
  { option: "SO_BINDTODEVICE", what: "one interface only", to: V4, near: { interface: "lo" }, seen: () => true },
];

/** Set, and read back from the socket: what it does cannot be seen on loopback. */
interface Taken extends Named {
  readonly to: string;
  readonly setting: readonly [level: number, name: number, value: number];
  /** The privilege without which it may be refused. */
  readonly needs?: string;
}

const TAKEN: readonly Taken[] = [
  {
    option: "IP_MTU_DISCOVER",
    what: "Don't Fragment, IPv4",
    to: V4,
    setting: [IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_DO],
  },
  { option: "IPV6_DONTFRAG", what: "no fragments, IPv6", to: V6, setting: [IPPROTO_IPV6, IPV6_DONTFRAG, 1] },
  { option: "SO_RXQ_OVFL", what: "count of datagrams dropped", to: V4, setting: [SOL_SOCKET, SO_RXQ_OVFL, 1] },
  { option: "SO_PRIORITY", what: "queue of the interface", to: V4, setting: [SOL_SOCKET, SO_PRIORITY, 6] },
  {
    option: "SO_BUSY_POLL",
    what: "polling of the network card",
    to: V4,
    setting: [SOL_SOCKET, SO_BUSY_POLL, 50],
    needs: "CAP_NET_ADMIN",
  },
];

/** Tries all of them; throws nothing. */
export async function tryOptions(libc: Libc): Promise<OptionTrial[]> {
  const trials: OptionTrial[] = [];
  for (const trial of SEEN) trials.push(await verdict(trial, () => trySeen(libc, trial)));
  trials.push(
    await verdict({ option: "SO_REUSEPORT", what: "several sockets, one port" }, () => trySharing(libc)),
    await verdict({ option: "IP_RECVERR", what: "errors that the network reports" }, () => tryErrors(libc)),
  );
  for (const trial of TAKEN) trials.push(await verdict(trial, () => tryTaken(libc, trial)));
  return trials;
}

type Outcome = "datagram" | "socket" | { readonly error: string };

async function verdict({ option, what }: Named, attempt: () => Promise<Outcome>): Promise<OptionTrial> {
  let outcome: Outcome;
  try {
    outcome = await attempt();
  } catch (error) {
    outcome = { error: whyNot(error) };
  }
  return typeof outcome === "string"
    ? { option, what, works: true, seen: outcome, error: null }
    : { option, what, works: false, seen: null, error: outcome.error };
}

/** The sockets' own messages are for people who gave an option; here a few words are enough. */
function whyNot(error: unknown): string {
  if (!(error instanceof TransportError)) return (error as Error).message;
  if (error.code === "not-local") return "loopback has no such address";
  return error.code === "permission" ? "not permitted" : error.message;
}

function trySeen(libc: Libc, { near = {}, far = {}, to, seen }: Seen): Promise<Outcome> {
  return withScratch(libc, near, far, to, async (scratch): Promise<Outcome> => {
    if (await scratch.send() === 0) return { error: scratch.near.lastSendError ?? "could not be sent" };
    const rx = await scratch.receive();
    if (rx.count === 0) return { error: "nothing arrived" };
    return seen(rx) ? "datagram" : { error: "taken, but not seen in the datagram" };
  });
}

function tryTaken(libc: Libc, { to, setting: [level, name, value], needs }: Taken): Promise<Outcome> {
  return withScratch(libc, {}, {}, to, ({ near }): Outcome => {
    const errno = libc.setInt(near.descriptor, level, name, value);
    if (errno === Errno.EPERM && needs !== undefined) return { error: `refused: it needs ${needs}` };
    if (errno !== 0) return { error: errnoText(errno) };
    return libc.getInt(near.descriptor, level, name) === value ? "socket" : { error: "taken, but not kept" };
  });
}

function trySharing(libc: Libc): Promise<Outcome> {
  return withScratch(libc, {}, { sharePort: "first" }, V4, ({ far }): Outcome => {
    openSocket(libc, { hostname: V4, port: far.address.port, sharePort: "another" }).close();
    return "socket";
  });
}

/** A datagram to a port that nobody has any more comes back as an error. */
function tryErrors(libc: Libc): Promise<Outcome> {
  return withScratch(libc, { txStamps: true }, {}, V4, async ({ near, far, send }: Scratch): Promise<Outcome> => {
    far.close();
    await send();
    return (near.networkErrors?.count ?? 0) > 0 ? "datagram" : { error: "no error came" };
  });
}
