/**
 * A table of sessions of a given size, filled: prints what it holds, what it takes and what a packet costs, as JSON.
 *
 * @module
 */
import process from "node:process";
import { type Batch, createBatch, PEER_PORT, PEER_SIZE, SlotFlag } from "../../core/batch.ts";
import { createReflector } from "../../core/session/reflector.ts";
import { SENDER as PROBE } from "../../core/wire/test_packet.ts";
import { EPOCH, SENDER } from "../../tests/support/sim.ts";
import { SteppedClock } from "../packets/case.ts";
import { median } from "../support/numbers.ts";
import { memory } from "../support/proc.ts";

/** What one process found. */
export interface Outcome {
  /** Octets that the process grew by while the table filled. */
  readonly resident: number;
  /** Sessions that went although they spoke, of so many at once. */
  readonly evicted: number;
  /** Nanoseconds a packet: of all sessions in random order, of one alone, and of nobody known (stateless). */
  readonly all: number;
  readonly one: number;
  readonly none: number;
}

const SLOTS = 64;
const OCTETS = 41;
const WARM = 3000;

/** Probe `seq` of session `n` in each slot. */
function fill(batch: Batch, seq: number, sessionOf: (slot: number) => number): void {
  batch.count = SLOTS;
  for (let slot = 0; slot < SLOTS; slot++) {
    const n = sessionOf(slot);
    const at = slot * batch.stride;
    batch.bytes.fill(0, at, at + OCTETS);
    batch.view.setUint32(at + PROBE.SEQ, seq);
    batch.view.setUint32(at + PROBE.TIME, 3_900_000_000 + seq);
    batch.length[slot] = OCTETS;
    batch.flags[slot] = SlotFlag.IP_HEADER;
    batch.stamp[2 * slot] = EPOCH;
    batch.peer.set(SENDER, slot * PEER_SIZE);
    batch.peer[slot * PEER_SIZE + 13] = n >>> 15;
    batch.peer[slot * PEER_SIZE + PEER_PORT] = 128 + ((n >> 8) & 127);
    batch.peer[slot * PEER_SIZE + PEER_PORT + 1] = n & 255;
  }
}

function run(sessions: number, ms: number): Outcome {
  const options = { protocol: "twamp", strictSize: false, wait: 900e9, hashSeed: 4711 } as const;
  const batch = createBatch(SLOTS, 64);
  const clock = new SteppedClock();
  let state = 1;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % sessions;
  const cost = (reflector: ReturnType<typeof createReflector>, sessionOf: (slot: number) => number) => {
    const times: number[] = [];
    let seq = 1;
    let end = Infinity; // the time is of what is measured: a busy machine may need all of it to warm up
    for (let pass = 0; performance.now() < end; pass++) {
      if (pass === WARM) end = performance.now() + ms;
      fill(batch, seq++, sessionOf);
      clock.now += 1000;
      const from = performance.now();
      reflector.reflect(clock.now, batch);
      reflector.stampTransmit(batch, clock);
      if (pass >= WARM) times.push((performance.now() - from) * 1e6 / SLOTS);
    }
    return median(times);
  };
  const none = cost(createReflector({ ...options, mode: "stateless", sessions: 1 }), random);
  const one = cost(createReflector({ ...options, mode: "stateful", sessions }), () => 0);
  const before = memory(process.pid).rss;
  const table = createReflector({ ...options, mode: "stateful", sessions });
  for (let n = 0; n < sessions; n += SLOTS) {
    fill(batch, 0, (slot) => Math.min(n + slot, sessions - 1));
    clock.now += 1000;
    table.reflect(clock.now, batch);
  }
  const resident = (memory(process.pid).rss - before) * 1e6;
  const all = cost(table, random);
  return { resident, evicted: table.sessions(clock.now)!.evicted, all, one, none };
}

if (import.meta.main) console.log(JSON.stringify(run(Number(process.argv[2]), Number(process.argv[3]))));
