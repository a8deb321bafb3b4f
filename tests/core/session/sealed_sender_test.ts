/** The sender in sealed modes and with the extensions, against replies that are not what they should be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createBatch, createTxStamps, PEER_SIZE, SlotFlag } from "../../../core/batch.ts";
import { createRecord, ProbeFlag, type ProbeRecord } from "../../../core/record.ts";
import { createSender, type SenderOptions } from "../../../core/session/sender.ts";
import type { TestSessionSpec } from "../../../core/session/test_session.ts";
import { testFormat } from "../../../core/wire/format.ts";
import { SEALED } from "../../../core/wire/offsets.ts";
import { createRandom } from "../../../core/random.ts";
import { everyMs, RESPONDER, Rng, SENDER, senderOptions, TestClock, writeWall } from "../../support/sim.ts";
import { sealOf, spec, testSessions } from "../../support/test_sessions.ts";

const STRIDE = 512;
const MODES = ["authenticated", "encrypted"] as const;

/** One probe after another, and their replies in the hands of the test. */
class Bench {
  readonly clock = new TestClock();
  readonly sender;
  readonly #far = testSessions();
  readonly #tx = createBatch(1, STRIDE);
  readonly rx = createBatch(1, STRIDE);

  constructor(options: Partial<SenderOptions>, agreed: Partial<TestSessionSpec>) {
    this.sender = createSender(senderOptions({ schedule: everyMs(10), timeout: 1e9, ...options }));
    this.#far.add(spec(agreed))!.start(0);
    this.sender.start(0);
  }

  /** Sends the next probe; as it is on the wire, after stamping it `times`. */
  send(times = 1): Uint8Array {
    this.#tx.count = 0;
    assert.equal(this.sender.pollTransmit(this.clock.now, this.#tx), 1);
    for (let i = 0; i < times; i++, this.clock.now += 100) this.sender.stampTransmit(this.#tx, this.clock);
    return this.#tx.bytes.slice(0, this.#tx.length[0]);
  }

  /** What the far end answers. */
  answer(probe: Uint8Array): Uint8Array {
    const batch = createBatch(1, STRIDE);
    batch.count = 1;
    batch.bytes.set(probe);
    batch.length[0] = probe.length;
    batch.peer.set(SENDER);
    writeWall(batch.stamp, 0, this.clock.now);
    assert.equal(this.#far.reflect(this.clock.now, batch), 1);
    this.clock.now += 50;
    this.#far.stampTransmit(batch, this.clock);
    return batch.bytes.slice(0, batch.length[0]);
  }

  /** Hands over a reply, without reading it. */
  hand(reply: Uint8Array, from: Uint8Array = RESPONDER, length = reply.length): void {
    this.rx.count = 1;
    this.rx.bytes.fill(0xee);
    this.rx.bytes.set(reply);
    this.rx.length[0] = length;
    this.rx.flags[0] = 0;
    this.rx.peer.set(from, 0 * PEER_SIZE);
    writeWall(this.rx.stamp, 0, this.clock.now);
    this.sender.handleDatagrams(this.clock.now, this.rx);
  }

  drain(): ProbeRecord[] {
    const records: ProbeRecord[] = [];
    for (let record = createRecord(); this.sender.pollRecord(record); record = createRecord()) records.push(record);
    return records;
  }

  read(reply: Uint8Array, from: Uint8Array = RESPONDER, length = reply.length): ProbeRecord[] {
    this.hand(reply, from, length);
    return this.drain();
  }
}

const size = (octets: number) => ({
  name: "test",
  maxSize: octets,
  size: () => octets,
  fill: (bytes: Uint8Array, at: number, end: number, seq: number) => bytes.fill(seq + 1, at, end) && undefined,
});

for (const mode of MODES) {
  test(`${mode}: a reply with a bit flipped in what is covered is counted and not used; the true one still is`, () => {
    const bench = new Bench({ seal: sealOf(mode), traffic: size(120) }, { seal: sealOf(mode) });
    const reply = bench.answer(bench.send());
    const covered = mode === "encrypted" ? 96 : 16;
    let forged = 0;
    for (let at = 0; at < 120; at++) {
      if (at >= covered && !(at >= 96 && at < 112)) continue;
      const spoiled = reply.slice();
      spoiled[at] ^= 1 << (at & 7);
      assert.deepEqual(bench.read(spoiled), [], `octet ${at}`);
      assert.equal(bench.sender.counters.forged, ++forged);
    }
    const [record] = bench.read(reply);
    assert.deepEqual([record.flags & ProbeFlag.RECEIVED, record.seq, record.replySize], [1, 0, 120]);
    assert.deepEqual([bench.sender.counters.malformed, bench.sender.counters.unexpected], [0, 0]);
  });

  test(`${mode}: every shorter reply is malformed; what comes from elsewhere is not even opened`, () => {
    const bench = new Bench({ seal: sealOf(mode), traffic: size(112) }, { seal: sealOf(mode) });
    const reply = bench.answer(bench.send());
    for (let length = 0; length < 112; length++) assert.deepEqual(bench.read(reply.slice(0, length)), []);
    assert.deepEqual([bench.sender.counters.malformed, bench.sender.counters.forged], [112, 0]);
    assert.deepEqual(bench.read(reply, SENDER), []);
    assert.deepEqual(bench.rx.bytes.slice(0, 112), reply);
    assert.equal(bench.sender.counters.unexpected, 1);
    assert.equal(bench.read(reply).length, 1);
  });

  test(`${mode}: a probe that is stamped again begins anew, with the T1 that its reply must echo`, () => {
    const bench = new Bench({ seal: sealOf(mode), traffic: size(112) }, { seal: sealOf(mode) });
    for (let seq = 0; seq < 3; seq++) {
      const [record] = bench.read(bench.answer(bench.send(1 + seq)));
      assert.equal(record.seq, seq);
      bench.clock.now = (seq + 1) * 10e6;
    }
    assert.deepEqual(bench.sender.peerReport().findings, []);
  });

  test(`${mode}: whether a transmit time is lacking is asked of a reply that is open`, () => {
    const bench = new Bench({ seal: sealOf(mode), traffic: size(112) }, { seal: sealOf(mode) });
    bench.read(bench.answer(bench.send()));
    bench.clock.now = 10e6;
    const reply = bench.answer(bench.send());
    const stamps = createTxStamps(1);
    stamps.count = 1;
    stamps.token[0] = 1;
    stamps.flags[0] = SlotFlag.KERNEL_STAMP;
    writeWall(stamps.stamp, 0, bench.clock.now);
    bench.hand(reply);
    assert.equal(bench.sender.lacksTxStamps(bench.rx, "kernel"), true);
    bench.sender.handleTxStamps(stamps);
    assert.equal(bench.sender.lacksTxStamps(bench.rx, "kernel"), false);
    assert.equal(bench.drain()[0].flags & ProbeFlag.T1_KERNEL, ProbeFlag.T1_KERNEL);
  });

  test(`${mode}: what leaves has the layout agreed on`, () => {
    for (const symmetrical of [false, true]) {
      const { senderSize } = testFormat({ mode, symmetrical });
      const bench = new Bench({ seal: sealOf(mode), symmetrical, traffic: size(130) }, { seal: sealOf(mode) });
      const probe = bench.send();
      assert.equal(sealOf(mode).openSender(new DataView(probe.buffer), probe, 0), true);
      for (const [from, to] of [[0, 16], [26, 32], [48, senderSize]]) {
        assert.ok(probe.slice(from, to).every((octet) => octet === 0), `${from} to ${to}`);
      }
      assert.ok(probe.slice(senderSize).every((octet) => octet === 1), "padding");
      assert.equal(new DataView(probe.buffer).getUint16(SEALED.ERROR), 0x0001);
    }
    assert.equal(new Bench({ seal: sealOf(mode) }, {}).sender.together, mode === "encrypted" ? 1 : undefined);
  });
}

test("padding that is to come back: verified, altered, cut off; the server's octets lead it", () => {
  for (const symmetrical of [false, true]) {
    for (const mode of ["open", ...MODES] as const) {
      const { senderSize, reflectorSize } = testFormat({ mode, symmetrical });
      const random = createRandom(new Uint8Array(16), "test");
      const traffic = {
        ...size(150),
        fill(bytes: Uint8Array, at: number, end: number, seq: number) {
          random.restart(seq);
          random.fill(bytes, at, end);
        },
      };
      const seal = () => mode === "open" ? undefined : sealOf(mode);
      const reflect = { octets: 10, serverOctets: 0xc0de };
      const bench = new Bench({ seal: seal(), symmetrical, traffic, reflect }, { seal: seal(), symmetrical });
      const probe = bench.send();
      assert.deepEqual([...probe.slice(senderSize, senderSize + 2)], [0xc0, 0xde]);
      const reply = bench.answer(probe);
      const counts = () => [bench.sender.counters.reflectedVerified, bench.sender.counters.reflectedAltered];
      bench.read(reply);
      assert.deepEqual(counts(), [1, 0]);
      for (let i = 0; i < 10; i++) {
        const spoiled = reply.slice();
        spoiled[reflectorSize + i] ^= 0x10;
        bench.read(spoiled);
        assert.deepEqual(counts(), [1, i + 1]);
      }
      bench.read(reply, RESPONDER, reflectorSize + 9); // what lies behind it is no part of it
      assert.deepEqual(counts(), [1, 11]);
      const other = reply.slice();
      if (other.length > reflectorSize + 10) other[reflectorSize + 10] ^= 1;
      bench.read(other);
      assert.deepEqual(counts(), [2, 11], "what is behind it need not come back");
    }
  }
});

test("a reply of another size than agreed is found odd, in each format", () => {
  const codes = (bench: Bench) => bench.sender.peerReport().findings.map(({ code }) => code);
  for (const [monitor, symmetrical, octets] of [[false, false, 41], [true, false, 44], [true, true, 44]] as const) {
    const traffic = size(octets);
    const good = new Bench({ monitor, symmetrical, traffic }, { monitor, symmetrical });
    good.read(good.answer(good.send()));
    assert.deepEqual(codes(good), []);
    const short = new Bench({ monitor, symmetrical, traffic }, { monitor, symmetrical });
    const [record] = short.read(short.answer(short.send()).slice(0, octets - 1));
    assert.deepEqual(codes(short), ["short-reply", "asymmetric-size"]);
    assert.equal(record.tosForward, monitor ? 0 : NaN, "the octet is there still");
  }
  const sealed = new Bench({ seal: sealOf("encrypted"), traffic: size(48) }, { seal: sealOf("encrypted") });
  sealed.read(sealed.answer(sealed.send()));
  assert.deepEqual(codes(sealed), [], "112 octets are the least there is");
});

test("what only TWAMP has is refused for STAMP at once", () => {
  for (const options of [{ seal: sealOf("encrypted") }, { symmetrical: true }, { monitor: true }]) {
    assert.throws(() => createSender(senderOptions({ protocol: "stamp", ...options })), /TWAMP's/);
  }
});

test("hostile replies, in every format: counted, never thrown, and read no further than they go", () => {
  const rng = new Rng(8186);
  const pick = (n: number) => Math.floor(rng.next() * n);
  for (const mode of ["open", ...MODES] as const) {
    for (const symmetrical of [false, true]) {
      const seal = () => mode === "open" ? undefined : sealOf(mode);
      const reflect = { octets: 8, serverOctets: 1 };
      const options = { symmetrical, monitor: true };
      const bench = new Bench(
        { ...options, seal: seal(), traffic: size(150), reflect, count: 1000 },
        { ...options, seal: seal() },
      );
      let handed = 0;
      let records = 0;
      for (let seq = 0; seq < 300; seq++) {
        bench.clock.now = seq * 10e6;
        const reply = bench.answer(bench.send());
        for (let copy = 0; copy < 5; copy++) {
          const spoiled = pick(3) === 0 ? reply.map(() => pick(256)) : reply.slice();
          for (let flips = pick(3) === 0 ? pick(9) : 0; flips > 0; flips--) spoiled[pick(150)] = pick(256);
          const length = pick(3) === 0 ? pick(151) : 150;
          records += bench.read(spoiled.slice(0, length), pick(9) === 0 ? SENDER : RESPONDER).length;
          handed++;
        }
      }
      const { malformed, forged, unexpected, reflectedVerified, reflectedAltered } = bench.sender.counters;
      // Each is a record, or counted; a lost probe is a record more.
      assert.ok(records >= handed - malformed - forged - unexpected, `${records} of ${handed}`);
      assert.equal(reflectedVerified + reflectedAltered, handed - malformed - forged - unexpected);
      assert.ok(malformed > 0 && unexpected > 0 && reflectedVerified > 0 && reflectedAltered > 0);
      assert.equal(forged > 0, mode !== "open");
    }
  }
});
