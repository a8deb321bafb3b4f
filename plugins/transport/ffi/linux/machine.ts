/**
 * What Linux can be asked about itself.
 *
 * @module
 */
import { createTxStamps, SlotFlag } from "../../../../core/batch.ts";
import type { Nanos } from "../../../../core/time/clock.ts";
import type { Machine, SeenStamps, SocketBuffers, Synchronisation, SystemClock } from "../machine.ts";
import { fixedMemory } from "../native.ts";
import {
  CLOCK_MONOTONIC,
  CLOCK_REALTIME,
  MEMINFO_SIZE,
  PR_GET_TIMERSLACK,
  PR_SET_TIMERSLACK,
  SO_MEMINFO,
  SO_RCVBUF,
  SO_SNDBUF,
  SOL_SOCKET,
} from "./abi.ts";
import { askSynchronisation } from "./clock.ts";
import { interfaceStamps } from "./ethtool.ts";
import { type Libc, openLibc } from "./libc.ts";
import { threadOf } from "./mod.ts";
import { DATAGRAM, withScratch } from "./scratch.ts";
import { tryOptions } from "./trials.ts";

const V4 = "127.0.0.1";
/** The kernel switches stamping on some time after it was asked to: datagrams before that have none. */
const STAMP_PATIENCE_NS = 100e6;
const STAMP_PAUSE_NS = 1e6;
/** Datagrams left unread to see what they take. */
const WEIGHED = 32;

/** The machine, or why it cannot be asked. */
export function openLinuxMachine(): Machine | string {
  const libc = openLibc();
  if (typeof libc === "string") return libc;
  return {
    clocks: [
      systemClock(libc, "CLOCK_REALTIME", CLOCK_REALTIME),
      systemClock(libc, "CLOCK_MONOTONIC", CLOCK_MONOTONIC),
    ],
    synchronisation: () => synchronisation(libc),
    block: createBlock(libc),
    setTimerSlack: (ns) => setTimerSlack(libc, ns),
    interfaceStamps: (name) => interfaceStamps(libc, name),
    tryOptions: () => tryOptions(libc),
    seeStamps: () => seeStamps(libc),
    buffers: () => buffers(libc),
  };
}

function systemClock(libc: Libc, name: string, id: number): SystemClock {
  const timespec = fixedMemory(16);
  const words = new Uint32Array(timespec.buffer);
  const known = libc.clock_getres(id, timespec) === 0;
  const resolutionNs = known ? words[0] * 1e9 + words[2] : null;
  libc.clock_gettime(id, timespec);
  const base = words[0];
  return {
    name,
    resolutionNs,
    read() {
      libc.clock_gettime(id, timespec);
      return (words[0] - base) * 1e9 + words[2];
    },
  };
}

/** Of a clock that nothing steers the kernel tells the largest error it can, 16 s, which is no bound. */
function synchronisation(libc: Libc): Synchronisation | null {
  const told = askSynchronisation(libc);
  if (told === undefined) return null;
  return told.synchronized ? told : { synchronized: false, maxErrorNs: null, estErrorNs: null };
}

/** ppoll of no descriptors. */
function createBlock(libc: Libc): (ns: Nanos) => void {
  const timeout = fixedMemory(16);
  const words = new Uint32Array(timeout.buffer);
  return (ns) => {
    words[0] = Math.floor(ns / 1e9);
    words[2] = ns % 1e9;
    libc.ppoll(null, 0n, timeout, null);
  };
}

/** 0 is "as at the start of the process" to prctl. */
function setTimerSlack(libc: Libc, ns: Nanos | null): Nanos | null {
  const was = libc.prctl(PR_GET_TIMERSLACK, 0n, 0n, 0n, 0n);
  libc.prctl(PR_SET_TIMERSLACK, BigInt(ns ?? 0), 0n, 0n, 0n);
  return was < 0 ? null : was;
}

async function seeStamps(libc: Libc): Promise<SeenStamps | null> {
  const { clock } = threadOf(libc);
  const stamps = createTxStamps(1);
  let [arrived, receive, transmit] = [false, false, false];
  await withScratch(libc, { txStamps: true }, {}, V4, async ({ near, send, receive: come }) => {
    const until = clock.mono() + STAMP_PATIENCE_NS;
    while (!(receive && transmit) && clock.mono() < until) {
      await send();
      const rx = await come();
      arrived ||= rx.count > 0;
      receive ||= rx.count > 0 && (rx.flags[0] & SlotFlag.KERNEL_STAMP) !== 0;
      const came = near.txStamps?.(stamps, clock.mono() + STAMP_PAUSE_NS) ?? 0;
      transmit ||= came > 0 && (stamps.flags[0] & SlotFlag.KERNEL_STAMP) !== 0;
      if (!receive) await new Promise((resolve) => setTimeout(resolve, STAMP_PAUSE_NS / 1e6));
    }
  });
  return arrived ? { receive, transmit } : null;
}

function buffers(libc: Libc): Promise<SocketBuffers> {
  return withScratch(libc, {}, {}, V4, async ({ far, send }) => {
    const sent = await send(WEIGHED);
    const held = memoryHeld(libc, far.descriptor);
    return {
      receiveOctets: libc.getInt(far.descriptor, SOL_SOCKET, SO_RCVBUF) ?? null,
      sendOctets: libc.getInt(far.descriptor, SOL_SOCKET, SO_SNDBUF) ?? null,
      memoryPerDatagram: sent === 0 || held === 0 ? null : held / sent,
      datagramOctets: DATAGRAM,
    };
  });
}

/** Octets of memory that wait in the receive buffer. */
function memoryHeld(libc: Libc, descriptor: number): number {
  const info = fixedMemory(MEMINFO_SIZE);
  const size = fixedMemory(4);
  size[0] = info.length;
  if (libc.getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, info, size) !== 0) return 0;
  return new DataView(info.buffer).getUint32(0, true);
}
