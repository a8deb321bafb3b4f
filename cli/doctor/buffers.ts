/**
 * Buffers: how many datagrams wait for a program that is held up, and how often that was not enough.
 *
 * @module
 */
import type { Machine, SocketBuffers } from "../../plugins/transport/ffi/machine.ts";
import { percentOf } from "../../outputs/units.ts";
import type { BufferFacts, UdpFacts } from "./facts.ts";
import { notKnown, number, octets, row, section, UNREADABLE } from "./layout.ts";
import { parseSnmp, parseSnmp6 } from "./proc.ts";
import { readNumber, readText } from "./read.ts";

const CORE = "/proc/sys/net/core";

/** Reads them. */
export async function readBuffers(machine: Machine | undefined): Promise<BufferFacts> {
  const socket = await machine?.buffers().catch(() => null) ?? null;
  return {
    rmemMax: readNumber(`${CORE}/rmem_max`),
    rmemDefault: readNumber(`${CORE}/rmem_default`),
    wmemMax: readNumber(`${CORE}/wmem_max`),
    wmemDefault: readNumber(`${CORE}/wmem_default`),
    socket,
    burst: burstOf(socket),
    udp: readUdp(),
  };
}

function burstOf(socket: SocketBuffers | null): number | null {
  if (socket === null || socket.receiveOctets === null || socket.memoryPerDatagram === null) return null;
  return Math.floor(socket.receiveOctets / socket.memoryPerDatagram);
}

/** IPv4 and IPv6 together. */
function readUdp(): UdpFacts | null {
  const snmp = readText("/proc/net/snmp");
  const udp = snmp === null ? null : parseSnmp(snmp, "Udp");
  if (udp === null) return null;
  const udp6 = parseSnmp6(readText("/proc/net/snmp6") ?? "", "Udp6") ?? {};
  const sum = (name: string) => udp[name] === undefined ? null : udp[name] + (udp6[name] ?? 0);
  return {
    received: sum("InDatagrams"),
    receiveBufferErrors: sum("RcvbufErrors"),
    sendBufferErrors: sum("SndbufErrors"),
  };
}

/** Of what reached a socket's buffer, the percentage that found it full. */
export function dropShare(udp: UdpFacts): number | null {
  const { received, receiveBufferErrors: dropped } = udp;
  return received === null || dropped === null ? null : percentOf(dropped, received + dropped);
}

/** As text. */
export function bufferLines(buffers: BufferFacts, unknown: string | null): string[] {
  const { socket, udp } = buffers;
  return section("Buffers", [
    ...row("receive", limits(buffers.rmemMax, buffers.rmemDefault)),
    ...row("send", limits(buffers.wmemMax, buffers.wmemDefault)),
    ...row("a measurement gets", socket === null ? notKnown(unknown) : socketText(socket, buffers.burst)),
    ...row("UDP since the start", udp === null ? notKnown(UNREADABLE) : udpText(udp)),
  ]);
}

function limits(most: number | null, usual: number | null): string {
  return most === null && usual === null
    ? notKnown(UNREADABLE)
    : `${octets(most)} at most, ${octets(usual)} unless asked for`;
}

function socketText(
  { receiveOctets, sendOctets, memoryPerDatagram, datagramOctets }: SocketBuffers,
  burst: number | null,
) {
  const room = burst === null
    ? ""
    : `: room for a burst of ${burst} datagrams of ${datagramOctets} octets, each of which takes ${
      number(memoryPerDatagram)
    } octets there`;
  return `${octets(receiveOctets)} to receive (the system doubles what is asked), ${octets(sendOctets)} to send${room}`;
}

function udpText(udp: UdpFacts): string {
  const share = dropShare(udp);
  return `${number(udp.received)} received, ${number(udp.receiveBufferErrors)} dropped because a buffer was full${
    share === null ? "" : ` (${share.toFixed(3)}%)`
  }, ${number(udp.sendBufferErrors)} not sent because one was full`;
}
