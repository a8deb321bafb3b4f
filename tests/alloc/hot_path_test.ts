/**
 * The hot path makes no garbage: under half an octet a packet.
 *
 * Times are small whole numbers here: V8 boxes the reading of a clock (16 octets a call, so a batch), which is the
 * caller's and would hide what the machines do.
 */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createBatch, createTxStamps, LOCAL_SIZE, PEER_SIZE, SlotFlag } from "../../core/batch.ts";
import type { PluginOptions } from "../../core/plugin.ts";
import { createRecord, ProbeFlag } from "../../core/record.ts";
import { HeldRecords } from "../../core/session/held_records.ts";
import { createSender } from "../../core/session/sender.ts";
import { TlvWriter } from "../../core/session/tlv_writer.ts";
import { TLV_ANSWERS, TLVS } from "../../plugins/tlv/mod.ts";
import { make, named, OPEN_HOST } from "../plugins/tlv/support.ts";
import { createStats } from "../../core/stats/stats.ts";
import { growthPerRound } from "../support/heap.ts";
import { RESPONDER, SENDER, senderOptions, TestClock } from "../support/sim.ts";
import { counters, reflector } from "../support/run.ts";
import { oneKey, seal as stampSeal } from "../support/stamp_keys.ts";
import { sealOf, spec, testSessions } from "../support/test_sessions.ts";

const SLOTS = 64;
/** V8 boxes a number or two a batch, in some runs and not in others; an object a packet would be 16 at the least. */
const LIMIT = 0.5;
/** A round that takes no more needs no further look. */
const ENOUGH = LIMIT * SLOTS / 2;
const ROUNDS = 4000;
const GAP = 10;

for (const mode of ["stateless", "stateful"] as const) {
  for (const [what, octets] of [["TWAMP", 0x5a], ["STAMP", 0]] as const) {
    test(`reflecting ${what} ${mode} allocates nothing`, () => {
      const batch = createBatch(SLOTS, 2048);
      const session = reflector({ mode });
      const clock = new TestClock();
      const growth = growthPerRound(
        (round) => {
          batch.count = SLOTS;
          for (let slot = 0; slot < SLOTS; slot++) {
            const at = slot * batch.stride;
            batch.bytes.fill(octets, at + 14, at + 44);
            batch.view.setUint32(at, round * SLOTS + slot);
            batch.view.setUint32(at + 4, 3_900_000_000);
            batch.length[slot] = 44;
            batch.flags[slot] = SlotFlag.IP_HEADER;
            batch.peer.set(SENDER, slot * PEER_SIZE);
            batch.peer[slot * PEER_SIZE + 17] = slot & 7;
          }
          assert.equal(session.reflect(round, batch), SLOTS);
          session.stampTransmit(batch, clock);
        },
        ROUNDS,
        ENOUGH,
      );
      assert.ok(growth / SLOTS < LIMIT, `${growth / SLOTS} octets a packet`);
    });
  }
}

/** What a probe carries, and with what a reflector that understands all of it is made. */
const TLV_PROBES: readonly (readonly [string, readonly string[]])[] = [
  ["no TLVs, though it knows them", []],
  ["all TLVs", TLVS.map(({ name }) => name).filter((name) => name !== "control")],
  ["TLVs that have replies cut short", ["padding", "control"]],
];
const TLV_OPTIONS: Readonly<Record<string, PluginOptions>> = {
  padding: { length: 40 },
  destination: { address: "192.0.2.2" },
  "return-path": { address: "192.0.2.1" },
  "micro-session": { id: 5 },
};

for (const [what, names] of TLV_PROBES) {
  test(`reflecting STAMP with ${what} allocates nothing`, () => {
    const writer = new TlvWriter(names.map((name) => make(named(name), TLV_OPTIONS[name])), undefined);
    const batch = createBatch(SLOTS, 2048);
    const session = reflector({ tlvs: TLV_ANSWERS, host: OPEN_HOST });
    const clock = new TestClock();
    const probe = new Uint8Array(44 + writer.size);
    const here = RESPONDER.slice(0, 16);
    const stamps = createTxStamps(SLOTS);
    writer.write(new DataView(probe.buffer), probe, 0, 44, 0);
    const growth = growthPerRound(
      (round) => {
        batch.count = SLOTS;
        for (let slot = 0; slot < SLOTS; slot++) {
          const at = slot * batch.stride;
          batch.bytes.set(probe, at);
          batch.view.setUint32(at, round * SLOTS + slot);
          batch.view.setUint32(at + 4, 3_900_000_000);
          batch.length[slot] = probe.length;
          batch.flags[slot] = SlotFlag.IP_HEADER | SlotFlag.TOS;
          batch.peer.set(SENDER, slot * PEER_SIZE);
          batch.local.set(here, slot * LOCAL_SIZE);
          batch.peer[slot * PEER_SIZE + 17] = slot & 7;
        }
        assert.equal(session.reflect(round, batch), SLOTS);
        session.stampTransmit(batch, clock);
        // As a socket tells them, for Follow-Up Telemetry; in a time of small numbers.
        stamps.count = session.awaitsTxStamps ? SLOTS : 0;
        stamps.token.set(batch.token);
        stamps.flags.fill(SlotFlag.KERNEL_STAMP);
        for (let slot = 0; slot < SLOTS; slot++) clock.wall(stamps.stamp, 2 * slot);
        if (stamps.count > 0) session.handleTxStamps(stamps);
      },
      ROUNDS,
      ENOUGH,
    );
    assert.equal(session.tlvCounters.malformed, 0);
    assert.ok(growth / SLOTS < LIMIT, `${growth / SLOTS} octets a packet`);
  });
}

/** What the package of SHA-256 leaves a packet whose MAC is checked and whose reply's is made: some 690 octets with V8. */
const MACS = 1500;
const MAC_ROUNDS = 8;

test("reflecting authenticated STAMP allocates nothing but what MACs do", (t) => {
  const batch = createBatch(SLOTS, 2048);
  const session = reflector({ authenticated: oneKey() });
  const clock = new TestClock();
  const probe = new Uint8Array(112);
  new DataView(probe.buffer).setUint32(16, 3_900_000_000);
  stampSeal().seal(probe, 0);
  const work = (round: number) => {
    batch.count = SLOTS;
    for (let slot = 0; slot < SLOTS; slot++) {
      batch.bytes.set(probe, slot * batch.stride);
      batch.length[slot] = 112;
      batch.flags[slot] = SlotFlag.IP_HEADER;
      batch.peer.set(SENDER, slot * PEER_SIZE);
      batch.peer[slot * PEER_SIZE + 17] = slot & 7;
    }
    assert.equal(session.reflect(round, batch), SLOTS);
    session.stampTransmit(batch, clock);
  };
  for (let round = 0; round < 200; round++) work(round);
  const growth = growthPerRound(work, MAC_ROUNDS, MACS * SLOTS / 2);
  t.diagnostic(`${(growth / SLOTS).toFixed(2)} octets a packet`);
  assert.ok(growth / SLOTS < MACS, `${growth / SLOTS} octets a packet`);
});

/**
 * What the packages of AES and SHA-1 leave a packet that is opened, made a reply and sealed: some 740 octets with V8,
 * 1,300 where all is encrypted. The machines add nothing to it.
 */
const SEALING = { open: LIMIT, authenticated: 1500, encrypted: 2500 } as const;
/** So few that no collection falls between them, when all is compiled. */
const SEALED_ROUNDS = 8;
const WARM_ROUNDS = 200;

for (const mode of ["open", "authenticated", "encrypted"] as const) {
  test(`reflecting for test sessions, ${mode}, allocates nothing but what ciphers do`, (t) => {
    const batch = createBatch(SLOTS, 2048);
    const sessions = testSessions();
    for (let n = 0; n < 8; n++) {
      const peer = SENDER.slice();
      peer[17] = n;
      sessions.add(spec({ peer, monitor: true, seal: mode === "open" ? undefined : sealOf(mode, n) }))!.start(0);
    }
    const probes = Array.from({ length: 8 }, (_, n) => {
      const probe = new Uint8Array(112);
      const view = new DataView(probe.buffer);
      if (mode === "open") view.setUint32(4, 3_900_000_000);
      else {
        view.setUint32(16, 3_900_000_000);
        sealOf(mode, n).sealSender(view, probe, 0);
      }
      return probe;
    });
    const clock = new TestClock();
    const work = (round: number) => {
      batch.count = SLOTS;
      for (let slot = 0; slot < SLOTS; slot++) {
        batch.bytes.set(probes[slot & 7], slot * batch.stride);
        batch.length[slot] = 112;
        batch.flags[slot] = SlotFlag.IP_HEADER;
        batch.peer.set(SENDER, slot * PEER_SIZE);
        batch.peer[slot * PEER_SIZE + 17] = slot & 7;
      }
      assert.equal(sessions.reflect(round, batch), SLOTS);
      sessions.stampTransmit(batch, clock);
    };
    for (let round = 0; round < WARM_ROUNDS; round++) work(round);
    const growth = growthPerRound(work, mode === "open" ? ROUNDS : SEALED_ROUNDS, SEALING[mode] * SLOTS / 2);
    t.diagnostic(`${(growth / SLOTS).toFixed(2)} octets a packet`);
    assert.ok(growth / SLOTS < SEALING[mode], `${growth / SLOTS} octets a packet`);
  });
}

test("a sender's bookkeeping and statistics allocate nothing", () => {
  const batch = createBatch(SLOTS, 2048);
  const session = createSender(
    senderOptions({ count: Infinity, window: 1024, schedule: { name: "t", next: () => GAP } }),
  );
  const stats = createStats({ reflectorCounts: true });
  const clock = new TestClock();
  const record = createRecord();
  session.start(0);
  const growth = growthPerRound(
    () => {
      clock.now += SLOTS * GAP;
      batch.count = 0;
      assert.equal(session.pollTransmit(clock.now, batch), SLOTS);
      session.stampTransmit(batch, clock);
      for (let slot = 0; slot < SLOTS; slot++) {
        // As a reflector would: numbers and T1 to their new places.
        const at = slot * batch.stride;
        batch.bytes.copyWithin(at + 24, at, at + 12);
        batch.bytes.copyWithin(at + 28, at + 4, at + 12);
        batch.bytes.copyWithin(at + 16, at + 4, at + 12);
        batch.length[slot] = 41;
        batch.stamp[2 * slot] = 1_790_000_000 + Math.floor(clock.now / 1e9);
        batch.stamp[2 * slot + 1] = clock.now % 1e9;
        batch.peer.set(RESPONDER, slot * PEER_SIZE);
      }
      clock.now += 1;
      session.handleTimeout(clock.now);
      session.handleDatagrams(clock.now, batch);
      let records = 0;
      while (session.pollRecord(record)) {
        stats.record(record);
        records++;
      }
      assert.equal(records, SLOTS);
    },
    ROUNDS,
    ENOUGH,
  );
  assert.ok(growth / SLOTS < LIMIT, `${growth / SLOTS} octets a probe`);
});

test("holding answered probes until their T3 is told allocates nothing", () => {
  const late = { asked: true, seq: -1, stamp: new Uint32Array(2), method: 2 };
  const told = counters();
  const held = new HeldRecords(late, 1000, told);
  const out = createRecord();
  const values = { "cos.dscp2": 46 };
  let taken = 0;
  const growth = growthPerRound(
    (round) => {
      held.now = round;
      for (let i = 0; i < SLOTS; i++) {
        const { next } = held;
        const seq = next.reflectorSeq = next.seq = round * SLOTS + i;
        next.flags = ProbeFlag.RECEIVED;
        next.tlv = values;
        next.stamps.fill(10);
        next.rtt = next.backward = 500;
        next.residence = 0;
        late.seq = seq - 1;
        late.stamp[0] = 10;
        late.stamp[1] = 110;
        held.handleLateStamp();
        held.keep();
        while (held.take(out, false)) taken++;
      }
    },
    ROUNDS,
    ENOUGH,
  );
  // Where the rounds begin anew, one is not told.
  const few = taken - told.t3Corrected;
  assert.ok(taken > ROUNDS * SLOTS && few < 100, `${taken} taken, ${few} not corrected`);
  assert.equal(out.t3Lag, 100);
  assert.ok(growth / SLOTS < LIMIT, `${growth / SLOTS} octets a probe`);
});
