/**
 * Rules about stamps, buffers and ports.
 *
 * @module
 */
import type { SeenStamps } from "../../plugins/transport/ffi/machine.ts";
import { dropShare } from "./buffers.ts";
import type { Facts, InterfaceFacts } from "./facts.ts";
import { octets } from "./layout.ts";
import type { Rule } from "./rule.ts";

/** What a measurement asks for; the kernel doubles it. */
const BUFFER = 4 * 2 ** 20;
/** Percent of datagrams that found a buffer full. */
const DROPPED = 0.01;
const TWAMP_PORT = 862;

/** Interfaces whose stamps are worth a look: those that carry traffic. */
function inUse({ interfaces }: Facts): readonly InterfaceFacts[] {
  return interfaces?.filter((one) => one.state === "up") ?? [];
}

const withHardware = (facts: Facts) =>
  inUse(facts).filter(({ stamps }) => stamps !== null && stamps.rxHardwareAll && stamps.txHardware);

const withoutTransmit = (facts: Facts) => inUse(facts).filter(({ stamps }) => stamps !== null && !stamps.txSoftware);

const names = (interfaces: readonly InterfaceFacts[]) => interfaces.map((one) => one.name).join(", ");

function missing({ receive, transmit }: SeenStamps): string {
  return receive ? "transmit" : transmit ? "receive" : "receive and no transmit";
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w./+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

export const NETWORK_RULES: readonly Rule[] = [
  {
    id: "loopback-down",
    applies: (f) => f.interfaces?.some(({ name, state }) => name === "lo" && state === "down") ?? false,
    text: () => "Loopback is down, and with it most of what is tried here: nothing above that needs it is known.",
    command: () => "sudo ip link set lo up",
  },
  {
    id: "no-kernel-stamps",
    applies: (f) => f.stampsSeen !== null && !(f.stampsSeen.receive && f.stampsSeen.transmit),
    text: (f) =>
      `The kernel gave no ${missing(f.stampsSeen!)} stamps on loopback: this program's own, ` +
      "which hold its delays too, take their place.",
  },
  {
    id: "no-transmit-stamps",
    applies: (f) => withoutTransmit(f).length > 0,
    text: (f) =>
      `The driver of ${names(withoutTransmit(f))} gives no transmit stamps: T1 is this program's own there, a few ` +
      "microseconds early. Another network card, or another model of a virtual one, has them.",
  },
  {
    id: "hardware-stamps",
    applies: (f) => withHardware(f).length > 0,
    text: (f) =>
      `The card behind ${names(withHardware(f))} stamps every packet by itself: with its clock kept to the system's ` +
      "(phc2sys), that is the closest to the wire there is.",
    command: () => "twampede sender HOST --timestamp hardware",
  },
  {
    id: "receive-buffer",
    applies: (f) => (f.buffers.socket?.receiveOctets ?? Infinity) < 2 * BUFFER,
    text: (f) =>
      `A measurement gets a receive buffer of ${octets(f.buffers.socket!.receiveOctets)}${
        f.buffers.burst === null ? "" : `, ${f.buffers.burst} datagrams`
      }: what comes while this program is held up for longer is lost. It asks for ${octets(2 * BUFFER)}.`,
    command: () => `sudo sysctl -w net.core.rmem_max=${BUFFER}`,
  },
  {
    id: "send-buffer",
    applies: (f) => (f.buffers.socket?.sendOctets ?? Infinity) < 2 * BUFFER,
    text: (f) =>
      `A measurement gets a send buffer of ${octets(f.buffers.socket!.sendOctets)}: at high rates probes are refused ` +
      "by this host and count as not sent.",
    command: () => `sudo sysctl -w net.core.wmem_max=${BUFFER}`,
  },
  {
    id: "dropped",
    applies: (f) => f.buffers.udp !== null && (dropShare(f.buffers.udp) ?? 0) > DROPPED,
    text: (f) =>
      `Since it started, this host dropped ${dropShare(f.buffers.udp!)!.toFixed(2)}% of the datagrams that came, ` +
      "because a program did not read them in time. Look whether that goes on: it would be told as loss.",
    command: () => "nstat -az UdpRcvbufErrors Udp6RcvbufErrors",
  },
  {
    id: "port-862",
    applies: (f) => f.privileges.canBind862 === false,
    text: () => "This user cannot bind port 862, where TWAMP and STAMP senders look for a responder unless told.",
    command: (f) =>
      f.host.program === null
        ? `sudo sysctl -w net.ipv4.ip_unprivileged_port_start=${TWAMP_PORT}`
        : `sudo setcap cap_net_bind_service=+ep ${quoted(f.host.program)}`,
  },
];
