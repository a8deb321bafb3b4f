/** T3 as a later reply tells it: right for whom it is told, and nothing else of a run is changed by it. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { type Batch, createBatch, PEER_PORT, PEER_SIZE, SlotFlag } from "../../../core/batch.ts";
import { driveReflector, type Reflector } from "../../../core/drive.ts";
import { createRecord, ProbeFlag, type ProbeRecord } from "../../../core/record.ts";
import { createSender, type SenderOptions } from "../../../core/session/sender.ts";
import { tlvSize } from "../../../core/session/tlv_writer.ts";
import { createStats } from "../../../core/stats/stats.ts";
import type { ClockStep } from "../../../core/time/clock.ts";
import type { Tlv } from "../../../core/tlv.ts";
import type { DatagramSocket, Stamp } from "../../../core/transport.ts";
import { REFLECTOR, STAMP_SIZE } from "../../../core/wire/test_packet.ts";
import { TLV_HEADER } from "../../../core/wire/tlv.ts";
import { ntpNanos, ntpSeconds, putNtp } from "../../../core/wire/timestamp.ts";
import { TLV_ANSWERS } from "../../../plugins/tlv/mod.ts";
import { make, named, OPEN_HOST } from "../../plugins/tlv/support.ts";
import { finish, reflector } from "../../support/run.ts";
import {
  everyMs,
  Link,
  RESPONDER,
  Rng,
  SENDER,
  senderOptions,
  simulate,
  TestClock,
  txStamp,
  writeWall,
} from "../../support/sim.ts";

const { T3_KERNEL, T3_HARDWARE, RECEIVED } = ProbeFlag;
const { KERNEL_STAMP, HARDWARE_STAMP } = SlotFlag;
const OFFSET = 3e9 + 250;
const RESIDENCE = 50_000;
/** Where the value of the only TLV is. */
const VALUE = STAMP_SIZE + TLV_HEADER;
/** NTP fractions have 0.23 ns. */
const ROUNDING = 2;

function options(tlvs: readonly Tlv[], more: Partial<SenderOptions> = {}): SenderOptions {
  const size = STAMP_SIZE + tlvSize(tlvs);
  const traffic = { name: "t", maxSize: size, size: () => size, fill: () => {} };
  return senderOptions({ protocol: "stamp", tlvs, traffic, schedule: everyMs(20), ...more });
}

const far = () => reflector({ protocol: "stamp", tlvs: TLV_ANSWERS, host: OPEN_HOST });

interface Path {
  readonly loss?: number;
  readonly duplicate?: number;
  /** Every so many-th is held up for 50 ms. */
  readonly reorder?: number;
}

function link(seed: number, { loss = 0, duplicate = 0, reorder = 0 }: Path, delays: number[]): Link {
  const rng = new Rng(seed);
  return new Link((n) => {
    const base = 5e6 + Math.floor(rng.next() * 1e6) + (reorder > 0 && n % reorder === 3 ? 50e6 : 0);
    delays[n] = base;
    const isLost = rng.next() < loss;
    const isTwice = rng.next() < duplicate;
    return isLost ? [] : isTwice ? [base, base + 1e6] : [base];
  });
}

interface Run {
  readonly tlv?: boolean;
  readonly path?: Path;
  readonly count?: number;
  readonly flags?: number;
  readonly there?: Reflector;
  readonly step?: ClockStep | undefined;
  readonly options?: Partial<SenderOptions>;
}

function run(
  { tlv = true, path = {}, count = 500, flags = KERNEL_STAMP, there = far(), step, options: more }: Run = {},
) {
  const tlvs = [make(named(tlv ? "follow-up" : "padding"), tlv ? {} : { length: 16 })];
  const records: ProbeRecord[] = [];
  const times: number[] = [];
  const [ways, backs]: [number[], number[]] = [[], []];
  const egress: number[] = [];
  const rng = new Rng(5);
  const stats = createStats({ lateT3: tlv });
  const { session, now } = simulate({
    sender: options(tlvs, { count, ...more }),
    reflector: there,
    out: link(1, path, ways),
    back: link(2, path, backs),
    residence: RESIDENCE,
    offset: OFFSET,
    step,
    egress: (n) => ({ ns: egress[n] = 1000 + Math.floor(rng.next() * 2e6), flags }),
    onRecord(record, now) {
      records.push({ ...record, stamps: record.stamps.slice() });
      times.push(now);
      stats.record(record);
    },
  });
  return { records, times, session, now, backs, egress, snapshot: finish(session, stats) };
}

const near = (actual: number, expected: number, what: string) =>
  assert.ok(Math.abs(actual - expected) <= ROUNDING, `${what}: ${actual} for ${expected}`);

/** What a record must say if its T3 is when the reply was on the wire. */
function isTrue(r: ProbeRecord, { backs, egress }: { readonly backs: number[]; readonly egress: number[] }): void {
  const back = backs[r.reflectorSeq];
  near(r.backward, back - OFFSET, `backward of ${r.seq}`);
  near(r.rtt, r.forward - OFFSET + back, `round trip of ${r.seq}`);
  near(r.residence, RESIDENCE + egress[r.reflectorSeq], `residence of ${r.seq}`);
  near(r.t3Lag, egress[r.reflectorSeq], `lag of ${r.seq}`);
}

test("every T3 but the last is when the reply was on the wire; without, all are too early", () => {
  for (
    const [flags, flag, source] of [
      [KERNEL_STAMP, T3_KERNEL, "kernel"],
      [HARDWARE_STAMP, T3_HARDWARE, "hardware"],
    ] as const
  ) {
    const told = run({ flags });
    assert.deepEqual(told.records.map(({ seq }) => seq), Array.from({ length: 500 }, (_, n) => n), "in order");
    for (const record of told.records.slice(0, -1)) {
      assert.equal(record.flags & (T3_KERNEL | T3_HARDWARE), flag);
      isTrue(record, told);
    }
    assert.deepEqual([told.records.at(-1)!.flags & flag, told.records.at(-1)!.t3Lag], [0, 0]);
    const { stamps, rtt, residence } = told.snapshot;
    assert.deepEqual([stamps.t3, stamps.t3Corrected, stamps.t3Refused, stamps.fallback], [source, 499, 0, 1]);
    assert.ok(rtt.count === 499 && rtt.max! <= 12e6, `${rtt.max}`);
    assert.ok(residence.max! > RESIDENCE + 1.9e6);
  }
  const { snapshot } = run({ tlv: false });
  assert.ok(snapshot.rtt.max! > 12.5e6 && snapshot.residence.max! === RESIDENCE);
  assert.deepEqual([snapshot.stamps.t3, snapshot.stamps.t3Corrected], [null, 0]);
});

test("with PTP timestamps (Z = 1) both ways, the later T3 is one too", () => {
  const told = run({ options: { ptp: true } });
  for (const record of told.records.slice(0, -1)) isTrue(record, told);
  const { stamps, peer } = told.snapshot;
  assert.deepEqual([stamps.t3, stamps.t3Corrected, peer.timestampFormat], ["kernel", 499, "ptp"]);
});

test("lost, doubled, overtaken: who is told is right, and all else is as without, in the same order", () => {
  for (
    const path of [{ loss: 0.1 }, { duplicate: 0.1 }, { reorder: 10 }, { loss: 0.05, duplicate: 0.05, reorder: 7 }]
  ) {
    const what = JSON.stringify(path);
    const told = run({ path, count: 2000 });
    const plain = run({ path, count: 2000, tlv: false });
    const course = ({ records }: typeof told) =>
      records.map(({ seq, flags, t3Lag, rtt }) => [seq, flags & 63, rtt + t3Lag]);
    assert.deepEqual(course(told), course(plain), what);
    let corrected = 0;
    let answered = 0;
    for (const record of told.records) {
      if (record.flags & RECEIVED) answered++;
      if (!(record.flags & T3_KERNEL)) continue;
      assert.ok(record.flags & RECEIVED, "no other record is corrected");
      isTrue(record, told);
      corrected++;
    }
    // One lost reply takes along what it would have told.
    assert.ok(corrected > 0.85 * answered, `${what}: ${corrected} of ${answered}`);
    const { stamps, received, lost } = told.snapshot;
    assert.deepEqual([stamps.t3, stamps.t3Corrected, received + lost], ["kernel", corrected, 2000], what);
    assert.equal(stamps.fallback, received - corrected, what);
  }
});

test("a probe waits for the next reply and for its grace at most; the last of a run for nothing", () => {
  const one = run({ count: 1 });
  assert.deepEqual([one.records.length, one.now < 20e6], [1, true], "nobody would tell");
  const silent = new Link((n) => n === 1 ? [] : [5e6]);
  const taken: number[] = [];
  const times: number[] = [];
  simulate({
    sender: options([make(named("follow-up"))], { count: 3, stampGrace: 70e6, schedule: everyMs(100) }),
    reflector: far(),
    out: new Link(() => [5e6]),
    back: silent,
    onRecord({ seq, flags }, now) {
      if (flags & RECEIVED) {
        taken.push(seq);
        times.push(now);
      }
    },
  });
  assert.deepEqual(taken, [0, 2]);
  assert.deepEqual(times[0], 80e6, "answered at 10 ms");
});

test("where nobody tells, nobody waits: no such TLV there, a stateless far end after some replies", () => {
  for (
    const [there, late] of [
      [reflector({ protocol: "stamp", tlvs: [], host: OPEN_HOST }), 0],
      [reflector({ protocol: "twamp" }), 0],
      [reflector({ protocol: "stamp", tlvs: TLV_ANSWERS, host: OPEN_HOST, mode: "stateless" }), 22],
    ] as const
  ) {
    const { records, times, snapshot } = run({ there, count: 60 });
    const waited = records.filter(({ seq }, i) => times[i] > seq * 20e6 + 15e6);
    assert.deepEqual([waited.length > 0, waited.every(({ seq }) => seq < late)], [late > 0, true]);
    assert.deepEqual([snapshot.stamps.t3Corrected, snapshot.stamps.t3, snapshot.received], [0, null, 60]);
    assert.equal(snapshot.rtt.count, 60);
  }
});

test("the program's own time once more is no better one; a time that cannot be is refused and counted", () => {
  /** Spoils what replies tell: `at` is the TLV's value. */
  const spoiled = (spoil: (view: DataView, at: number) => void): Reflector => {
    const there = far();
    return {
      reflect: (now, batch) => there.reflect(now, batch),
      handleTxStamps: (stamps) => there.handleTxStamps(stamps),
      stampTransmit(batch, clock, from, to) {
        there.stampTransmit(batch, clock, from, to);
        for (let slot = from; slot < to; slot++) {
          const at = slot * batch.stride + VALUE;
          if (batch.view.getUint32(at + 4) !== 0) spoil(batch.view, at);
        }
      },
    };
  };
  const shift = (seconds: number) =>
    spoiled((view, at) => putNtp(view, at + 4, ntpSeconds(view, at + 4) + seconds, ntpNanos(view, at + 4)));
  const cases: [string, Run, number][] = [
    ["no transmit times", { flags: 0 }, 0],
    ["a second early", { there: shift(-1) }, 99],
    ["a second late", { there: shift(1) }, 99],
    ["of another reply", { there: spoiled((view, at) => view.setUint32(at, view.getUint32(at) + 7)) }, 0],
    ["of no reply", { there: spoiled((view, at) => view.setUint32(at, 0xffff_ffff)) }, 0],
    ["a remote clock", { there: spoiled((view, at) => view.setUint8(at + 12, 3)) }, 0],
    ["no method", { there: spoiled((view, at) => view.setUint8(at + 12, 0)) }, 0],
  ];
  for (const [what, how, refused] of cases) {
    const { records, snapshot } = run({ ...how, count: 100 });
    const { t3, t3Corrected, t3Refused, fallback } = snapshot.stamps;
    // A time of a reply seven later is before that one's T3.
    const expected = what === "of another reply" ? t3Refused : refused;
    assert.deepEqual([t3, t3Corrected, t3Refused, fallback], [null, 0, expected, 0], what);
    assert.ok(
      records.every(({ flags, t3Lag, residence }) =>
        !(flags & (T3_KERNEL | T3_HARDWARE)) && t3Lag === 0 && residence === RESIDENCE
      ),
      what,
    );
  }
});

test("a far end whose T3 is its T2 has a residence once it is told, and none in what goes without", () => {
  const there = far();
  const lazy: Reflector = {
    reflect: (now, batch) => there.reflect(now, batch),
    handleTxStamps: (stamps) => there.handleTxStamps(stamps),
    stampTransmit(batch, clock, from, to) {
      there.stampTransmit(batch, clock, from, to);
      for (let slot = from; slot < to; slot++) {
        const at = slot * batch.stride;
        batch.bytes.copyWithin(at + REFLECTOR.TIME, at + REFLECTOR.RECEIVED, at + REFLECTOR.RECEIVED + 8);
      }
    },
  };
  const told = run({ there: lazy, count: 50 });
  for (const { seq, reflectorSeq, residence, t3Lag } of told.records.slice(0, -1)) {
    near(residence, RESIDENCE + told.egress[reflectorSeq], `${seq}`);
    assert.equal(residence, t3Lag);
  }
  assert.deepEqual([told.snapshot.stamps.t3, told.snapshot.residence.count], ["kernel", 49]);
  const without = createStats();
  for (const record of told.records) without.record(record);
  assert.equal(finish(told.session, without).residence.count, 0);
});

test("a step of the clock is between the probes read before and after it, however long those wait", () => {
  for (const by of [3e9, -3e9]) {
    // Read at 10.01 s, told of at 10.03 s, the clock set in between; and one that is away meanwhile.
    for (const at of [10.015e9, 10.005e9]) {
      const { records, snapshot } = run({ count: 1000, step: { at, by }, path: { loss: 0.02 } });
      const { clock, stamps, packets, forwardCorrected } = { packets: records.length, ...snapshot };
      assert.deepEqual([packets, clock?.steps, stamps.t3], [1000, 1, "kernel"], `${by} at ${at}`);
      const between = records.findIndex(({ clockSteps }) => clockSteps > 0);
      assert.equal(records[between].seq, at === 10.015e9 ? 501 : 500);
      assert.ok(Math.abs(clock!.offsetNs - (OFFSET - by)) <= clock!.boundNs, `${clock!.offsetNs} by ${by}`);
      assert.ok(forwardCorrected!.max! < 12e6 && forwardCorrected!.min! > 0, `${forwardCorrected!.max}`);
    }
  }
});

test("of a reply that the system refused nothing is told", async () => {
  const session = far();
  const clock = new TestClock();
  const stop = new AbortController();
  const [silent, lively] = [0, 1].map((n) => SENDER.with(PEER_PORT + 1, n));
  const told: number[][] = [];
  let round = 0;
  const socket = {
    isClosed: false,
    createBatch: () => createBatch(2, 128),
    wake() {},
    /** A probe each of two senders; the first of them sends no third one. */
    receive(rx: Batch): number {
      rx.count = 2;
      for (const [slot, peer] of [silent, lively].entries()) {
        rx.bytes.fill(0, slot * rx.stride, (slot + 1) * rx.stride);
        rx.view.setUint32(slot * rx.stride, round);
        rx.view.setUint32(slot * rx.stride + 4, 3_900_000_000 + round);
        rx.bytes.set([0x80, 7, 0, 16], slot * rx.stride + STAMP_SIZE);
        rx.length[slot] = slot === 0 && round === 3 ? 5 : VALUE + 16;
        rx.peer.set(peer, slot * PEER_SIZE);
      }
      clock.now = ++round * 1000;
      return 2;
    },
    /** The fourth reply to the second sender is refused. */
    send(tx: Batch, stamp: Stamp): number {
      stamp(tx, 0, 2);
      for (const slot of [0, 1]) if (tx.length[slot] > 0) told.push([slot, tx.view.getUint32(slot * 128 + VALUE)]);
      const nanos = ntpNanos(tx.view, 128 + VALUE + 4);
      told.at(-1)!.push(nanos);
      if (round === 6) stop.abort();
      if (round !== 4) return 2;
      tx.length[1] = 0;
      return 0;
    },
  } as unknown as DatagramSocket;
  await driveReflector(session, socket, clock, stop.signal);
  const of = (slot: number) => told.filter(([to]) => to === slot).map(([, ...values]) => values);
  assert.deepEqual(of(1), [[0, 0], [0, 1000], [1, 2000], [2, 3000], [0, 0], [4, 5000]]);
  assert.deepEqual(of(0), [[0], [0], [1], [2], [3]], "and whoever had a slot before is told of his own");
});

test("an interrupted run still gives out what waits", () => {
  const tlvs = [make(named("follow-up"))];
  const session = createSender(options(tlvs, { count: 10 }));
  const there = far();
  const clock = new TestClock();
  const tx = createBatch(1, 2048);
  const record = createRecord();
  session.start(0);
  assert.equal(session.pollTransmit(0, tx), 1);
  session.stampTransmit(tx, clock);
  writeWall(tx.stamp, 0, 0);
  tx.peer.set(SENDER);
  assert.equal(there.reflect(0, tx), 1);
  there.stampTransmit(tx, clock);
  tx.peer.set(RESPONDER);
  session.handleDatagrams(5e6, tx);
  assert.equal(session.pollRecord(record), false, "it waits");
  assert.equal(session.done, false);
  session.abandon();
  assert.ok(session.pollRecord(record) && record.flags & RECEIVED);
  assert.equal(session.pollRecord(record), false);
  assert.deepEqual([session.done, session.counters.sent, session.counters.unfinished], [true, 1, 0]);
});

test("a reflector asks for transmit times of sessions that want them, and tells the last reply's alone", () => {
  const there = far();
  const clock = new TestClock();
  const tlv = [0x80, 7, 0, 16, ...new Array(16).fill(0)];
  let seq = 0;
  /** One probe; the number and the time that its reply tells, and the slot's mark. */
  const ask = (port: number, wants: boolean) => {
    const batch = createBatch(1, 256);
    batch.count = 1;
    batch.view.setUint32(0, seq);
    batch.view.setUint32(4, 3_900_000_000 + seq++);
    batch.length[0] = wants ? STAMP_SIZE + tlv.length : STAMP_SIZE;
    if (wants) batch.bytes.set(tlv, STAMP_SIZE);
    batch.peer.set(SENDER);
    batch.peer[17] = port;
    assert.equal(there.reflect(clock.now, batch), 1);
    there.stampTransmit(batch, clock);
    const told = ntpNanos(batch.view, VALUE + 4);
    return {
      token: batch.token[0],
      marked: (batch.flags[0] & SlotFlag.WANTS_TX_STAMP) !== 0,
      told: [batch.view.getUint32(VALUE), told, batch.bytes[VALUE + 12]],
    };
  };
  clock.now = 100;
  assert.deepEqual([ask(1, false).marked, there.awaitsTxStamps], [false, false]);
  const first = ask(2, true);
  assert.deepEqual([first.marked, there.awaitsTxStamps, ask(1, false).marked], [true, true, false]);
  assert.equal(ask(2, false).marked, true, "a session that has asked once");
  clock.now = 1000;
  let last = ask(2, true);
  for (
    const [what, token, now, number] of [
      ["of an earlier reply", () => first.token, 5000, 2],
      ["of nobody", () => last.token + 4096, 5000, 3],
      ["before T3", () => last.token, 999, 4],
      ["of another clock", () => last.token, 2e9, 5],
    ] as const
  ) {
    there.handleTxStamps(txStamp(token(), now, KERNEL_STAMP));
    last = ask(2, true);
    assert.deepEqual(last.told, [number, 1000, 2], what);
  }
  const third = ask(2, true);
  there.handleTxStamps(txStamp(third.token, 7000, KERNEL_STAMP));
  there.handleTxStamps(txStamp(third.token, 6000, HARDWARE_STAMP));
  there.handleTxStamps(txStamp(third.token, 8000, KERNEL_STAMP));
  assert.deepEqual(ask(2, true).told, [7, 6000, 1], "the card's, whatever comes behind it");
  const none = { ...txStamp(0, 0, 0), count: 0 };
  for (let i = 0; i < 64; i++) there.handleTxStamps(none);
  assert.equal(there.awaitsTxStamps, false, "where nothing tells them, they are not asked for again and again");
});
