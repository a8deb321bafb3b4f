/** How long replies wait for the transmit times of their probes, in virtual time. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { type Batch, createBatch, PEER_SIZE, SlotFlag, type TxStamps } from "../../core/batch.ts";
import { driveSender } from "../../core/drive.ts";
import { ProbeFlag } from "../../core/record.ts";
import { createSender } from "../../core/session/sender.ts";
import type { DatagramSocket, StampSource } from "../../core/transport.ts";
import { REFLECTOR, SENDER } from "../../core/wire/test_packet.ts";
import { sealOf, SessionsBench } from "../support/test_sessions.ts";
import { everyMs, RESPONDER, senderOptions, TestClock, writeWall } from "../support/sim.ts";

const STRIDE = 256;
/** The reply comes after this; the kernel's transmit time is there by then. */
const RTT = 100_000;
const { T1_KERNEL, T1_HARDWARE } = ProbeFlag;

const ONESIZE = { name: "test", maxSize: 112, size: () => 112, fill: () => {} };

/** A far end that answers each probe, and stamps of what left: the kernel's at once, the card's `late`; never if NaN. */
async function drive(source: StampSource, late: number, gapMs: number, count = 40, sealed = false) {
  const clock = new TestClock();
  const bench = new SessionsBench();
  bench.start({ seal: sealOf("encrypted") });
  const far = (probe: Uint8Array) => bench.reflect(probe)!;
  const replies: { at: number; bytes: Uint8Array }[] = [];
  const told: { at: number; seq: number; ns: number; flag: number }[] = [];
  let waited = 0;

  const socket = {
    capabilities: { txStamp: source },
    createBatch: () => createBatch(4, STRIDE),
    send(tx: Batch, stamp: (tx: Batch, from: number, to: number) => void): number {
      stamp(tx, 0, tx.count);
      for (let slot = 0; slot < tx.count; slot++) {
        const seq = tx.token[slot];
        const probe = tx.bytes.subarray(slot * STRIDE, slot * STRIDE + tx.length[slot]);
        const bytes = sealed ? far(probe) : new Uint8Array(41);
        if (!sealed) bytes.set(probe.subarray(0, 12), REFLECTOR.SENDER_SEQ - SENDER.SEQ);
        replies.push({ at: clock.now + RTT, bytes });
        const { now } = clock;
        told.push({ at: now, seq, ns: now + 1000, flag: SlotFlag.KERNEL_STAMP });
        if (late >= 0) told.push({ at: now + late, seq, ns: now + 2000, flag: SlotFlag.HARDWARE_STAMP });
      }
      return tx.count;
    },
    txStamps(out: TxStamps, until?: number): number {
      told.sort((a, b) => a.at - b.at);
      if (until !== undefined && (told[0]?.at ?? Infinity) > clock.now) {
        const before = clock.now;
        clock.now = Math.max(before, Math.min(until, told[0]?.at ?? Infinity));
        waited += clock.now - before;
      }
      out.count = 0;
      while (told.length > 0 && told[0].at <= clock.now && out.count < out.capacity) {
        const { seq, ns, flag } = told.shift()!;
        out.token[out.count] = seq;
        out.flags[out.count] = flag;
        writeWall(out.stamp, 2 * out.count++, ns);
      }
      return out.count;
    },
    receive(rx: Batch, until: number): number {
      rx.count = 0;
      clock.now = Math.max(clock.now, Math.min(until, replies[0]?.at ?? Infinity));
      while (rx.count < rx.capacity && replies.length > 0 && replies[0].at <= clock.now) {
        const { at, bytes } = replies.shift()!;
        rx.bytes.set(bytes, rx.count * STRIDE);
        rx.length[rx.count] = bytes.length;
        writeWall(rx.stamp, 2 * rx.count, at);
        rx.peer.set(RESPONDER, rx.count++ * PEER_SIZE);
      }
      return rx.count;
    },
    wake() {},
  } as unknown as DatagramSocket;

  const seal = sealed ? sealOf("encrypted") : undefined;
  const session = createSender(
    senderOptions({ count, window: 1024, schedule: everyMs(gapMs), seal, traffic: ONESIZE }),
  );
  const sources: number[] = [];
  await driveSender(session, socket, clock, new AbortController().signal, ({ flags }) => {
    sources.push(flags & (T1_KERNEL | T1_HARDWARE));
  });
  const by = (flag: number) => sources.filter((source) => source === flag).length;
  return { kernel: by(T1_KERNEL), hardware: by(T1_HARDWARE), waited, latest: session.counters.latestDeparture };
}

test("the card's transmit time is waited for, for 10 ms", async () => {
  const { kernel, hardware, latest } = await drive("hardware", 9e6, 20);
  assert.deepEqual([kernel, hardware, latest], [0, 40, 0]);
});

test("and not while a probe is to leave: no departure is late for it, but by what the kernel's is waited for", async () => {
  const { latest, waited } = await drive("hardware", 9e6, 5);
  assert.ok(latest <= 1e6 && waited > 0, `${latest}`);
});

test("a card that never tells is given up, and the kernel's is there", async () => {
  const { kernel, hardware, waited } = await drive("hardware", NaN, 20);
  assert.deepEqual([kernel, hardware], [40, 0]);
  assert.equal(waited, 16 * 10e6);
});

test("where the kernel's is asked for, it is enough", async () => {
  const { kernel, waited } = await drive("kernel", NaN, 20);
  assert.deepEqual([kernel, waited], [40, 0]);
});

test("replies are opened before anybody asks which transmit times they lack", async () => {
  const { kernel, hardware, latest } = await drive("hardware", 9e6, 20, 40, true);
  assert.deepEqual([kernel, hardware, latest], [0, 40, 0]);
});
