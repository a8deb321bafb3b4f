/**
 * The sender's bookkeeping a probe: on the way out `pollTransmit` and `stampTransmit`, on the way in `handleDatagrams`
 * and `pollRecord`, and the statistics.
 *
 * @module
 */
import { type Batch, createBatch, PEER_SIZE } from "../../core/batch.ts";
import type { Reflector } from "../../core/drive.ts";
import { createRecord } from "../../core/record.ts";
import { createReflector } from "../../core/session/reflector.ts";
import type { PacketSeal } from "../../core/session/seal.ts";
import { createSender } from "../../core/session/sender.ts";
import { createStats } from "../../core/stats/stats.ts";
import { STAMP_SEALED_FORMAT, testFormat } from "../../core/wire/format.ts";
import { fixed as fixedSchedule } from "../../plugins/schedule/fixed.ts";
import { fixed as fixedTraffic } from "../../plugins/traffic/fixed.ts";
import { RESPONDER, SENDER } from "../../tests/support/sim.ts";
import { BATCHES, type Case, PACKETS, SLOTS, SteppedClock } from "./case.ts";

const GAP_NS = 50_000;

/** Makes the case: all of it, or without the statistics. */
export function sendCase(octets: number, withStats: boolean): Case {
  const far = createReflector({
    mode: "stateful",
    protocol: "twamp",
    strictSize: false,
    sessions: 8,
    wait: 900e9,
    hashSeed: 1,
  });
  const name = withStats ? "sender and statistics" : "sender alone";
  return exchangeCase({ name, work: "send", octets, withStats, far });
}

/** A sender, and who answers it. */
export interface Exchange {
  readonly name: string;
  readonly work: string;
  readonly octets: number;
  readonly withStats: boolean;
  readonly far: Reflector;
  readonly seal?: PacketSeal | undefined;
  /** TWAMP unless said. */
  readonly protocol?: "twamp" | "stamp";
  readonly crypto?: string;
}

/** What of it is the sender's. */
export function exchangeCase({ far, withStats, seal, protocol = "twamp", ...rest }: Exchange): Case {
  const { name, octets } = rest;
  const clock = new SteppedClock();
  const { senderSize, onesize } = protocol === "stamp"
    ? STAMP_SEALED_FORMAT
    : testFormat({ mode: seal?.mode ?? "open" });
  const packet = { protocol, base: senderSize, onesize, family: 4, seed: new Uint8Array(16) } as const;
  const sender = createSender({
    protocol,
    ssid: 0,
    peer: RESPONDER,
    traffic: fixedTraffic.create({ padding: octets - senderSize }, packet),
    schedule: fixedSchedule.create({}, GAP_NS, packet.seed),
    count: Infinity,
    timeout: 1e9,
    window: 4 * PACKETS,
    seal,
  });
  const stats = createStats({ reflectorCounts: true });
  const record = createRecord();
  const batches = Array.from({ length: BATCHES }, () => createBatch(SLOTS));
  let turn = 0;
  let due = clock.now;
  sender.start(clock.now);
  return {
    ...rest,
    pass(watch) {
      // As planned, however long the replies took: a sender that is far behind catches up in gaps.
      clock.now = due += PACKETS * GAP_NS;
      for (const batch of batches) batch.count = 0;
      watch.start();
      for (let b = 0; b < BATCHES; b++) {
        sender.pollTransmit(clock.now, batches[b]);
        sender.stampTransmit(batches[b], clock);
      }
      watch.stop();
      for (const batch of batches) {
        // Delays vary, so that the histograms' bins are met as in a real run.
        turn = (turn + 7919) & 0xffff;
        answer(batch, far, clock, 20_000 + turn);
      }
      let records = 0;
      watch.start();
      for (let b = 0; b < BATCHES; b++) {
        sender.handleDatagrams(clock.now, batches[b]);
        if (withStats) { for (; sender.pollRecord(record); records++) stats.record(record); }
        else while (sender.pollRecord(record)) records++;
      }
      watch.stop();
      if (records !== PACKETS) throw new Error(`${name}: ${records} records of ${PACKETS} probes`);
    },
  };
}

/** Turns the probes of `batch` into their replies, there and back in `delay` nanoseconds each. */
function answer(batch: Batch, far: Reflector, clock: SteppedClock, delay: number): void {
  clock.now += delay;
  for (let slot = 0; slot < batch.count; slot++) clock.wall(batch.stamp, 2 * slot);
  for (let slot = 0; slot < batch.count; slot++) batch.peer.set(SENDER, slot * PEER_SIZE);
  far.reflect(clock.now, batch);
  clock.now += 5000;
  far.stampTransmit(batch, clock, 0, batch.count);
  for (let slot = 0; slot < batch.count; slot++) batch.peer.set(RESPONDER, slot * PEER_SIZE);
  clock.now += delay;
  for (let slot = 0; slot < batch.count; slot++) clock.wall(batch.stamp, 2 * slot);
}
