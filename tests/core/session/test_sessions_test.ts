/** Test sessions that somebody set up: what is answered, and with what. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createBatch, PEER_SIZE, SlotFlag, SOCKET_TOS } from "../../../core/batch.ts";
import type { Seal, SealMode } from "../../../core/session/seal.ts";
import { deriveTestKeys, Seal as TestSeal } from "../../../core/session/seal.ts";
import { testFormat, type TestMode } from "../../../core/wire/format.ts";
import { OPEN, SEALED } from "../../../core/wire/offsets.ts";
import { EPOCH, Rng, TestClock, TOS, writeWall } from "../../support/sim.ts";
import {
  addressOf,
  AGREED,
  ELSEWHERE,
  peer,
  probe,
  sealOf,
  SessionsBench,
  spec,
  testSessions,
} from "../../support/test_sessions.ts";
import { readSealedSession } from "../../support/recorded_session.ts";
import { GuardedView } from "../wire/guarded_view.ts";

test("replies of every size, open: fields, padding and length as agreed", () => {
  for (const symmetrical of [false, true]) {
    for (const monitor of [false, true]) {
      const { senderSize, reflectorSize } = testFormat({ mode: "open", symmetrical, monitor });
      const bench = new SessionsBench();
      const session = bench.start({ symmetrical, monitor });
      let answered = 0;
      for (let size = 0; size < 300; size++) {
        const request = probe(size, { symmetrical });
        const reply = bench.reflect(request);
        if (size < 14) {
          assert.equal(reply, undefined);
          continue;
        }
        assert.equal(reply!.length, Math.max(size, reflectorSize));
        const view = new DataView(reply!.buffer);
        assert.deepEqual([view.getUint32(OPEN.SEQ), view.getUint32(OPEN.SENDER_SEQ)], [answered++, 7]);
        assert.deepEqual(reply!.slice(OPEN.SENDER_TIME, OPEN.SENDER_TIME + 10), request.slice(4, 14));
        assert.equal(reply![OPEN.SENDER_TTL], 63);
        if (monitor) assert.deepEqual([...reply!.slice(41, 44)], [TOS, 0, 0]);
        // What follows the header is the beginning of what followed the probe's.
        const padding = request.slice(senderSize);
        assert.deepEqual(reply!.slice(reflectorSize), padding.slice(0, Math.max(size - reflectorSize, 0)), `${size}`);
      }
      assert.deepEqual([session.counters.reflected, bench.sessions.counters.tooShort], [answered, 14]);
    }
  }
});

for (const mode of ["authenticated", "encrypted"] as const satisfies SealMode[]) {
  test(`replies of every size, ${mode}: they open, say what they must, and have the padding`, () => {
    for (const symmetrical of [false, true]) {
      const bench = new SessionsBench();
      const session = bench.start({ symmetrical, monitor: true, seal: sealOf(mode) });
      const seal = sealOf(mode);
      let answered = 0;
      for (let size = 0; size < 300; size++) {
        const { senderSize } = testFormat({ mode, symmetrical });
        const request = probe(Math.max(size, 48), { symmetrical, seal }).slice(0, size);
        const reply = bench.reflect(request);
        if (size < 48) {
          assert.equal(reply, undefined);
          continue;
        }
        assert.equal(reply!.length, Math.max(size, 112));
        const view = new DataView(reply!.buffer);
        assert.ok(seal.openReflector(view, reply!, 0));
        assert.deepEqual([view.getUint32(SEALED.SEQ), view.getUint32(SEALED.SENDER_SEQ)], [answered++, 7]);
        const plain = new Uint8Array(request);
        seal.openSender(new DataView(plain.buffer), plain, 0);
        assert.deepEqual(reply!.slice(SEALED.SENDER_TIME, SEALED.SENDER_TIME + 10), plain.slice(16, 26));
        assert.deepEqual([reply![SEALED.SENDER_TTL], reply![SEALED.SENDER_DSCP_ECN]], [63, TOS]);
        for (const [from, to] of [[4, 16], [26, 32], [40, 48], [52, 64], [74, 80], [82, 96]]) {
          assert.ok(reply!.slice(from, to).every((octet) => octet === 0), `${from} to ${to} is reserved`);
        }
        if (size > 112) assert.deepEqual(reply!.slice(112), request.slice(senderSize, senderSize + size - 112));
      }
      const { counters } = bench.sessions;
      assert.deepEqual([session.counters.reflected, counters.reflected], [answered, answered]);
      assert.deepEqual([counters.tooShort, counters.forged], [48, 0]);
    }
  });

  test(`${mode}: what another implementation recorded is answered as its far end did`, () => {
    const recorded = readSealedSession(`twamp-${mode}`);
    const seal = () =>
      new TestSeal(mode, deriveTestKeys(recorded.controlAesKey, recorded.controlHmacKey, recorded.sid));
    const bench = new SessionsBench();
    bench.start({ seal: seal() });
    recorded.probes.forEach((request, i) => {
      const [ours, theirs] = [bench.reflect(request)!, recorded.replies[i].slice()];
      for (const reply of [ours, theirs]) {
        assert.ok(seal().openReflector(new DataView(reply.buffer), reply, 0));
        reply.fill(0, SEALED.TIME, SEALED.RECEIVED + 8); // T3, T2
        reply[SEALED.SENDER_TTL] = 0;
        reply.fill(0, 96, 112);
      }
      assert.deepEqual(ours, theirs);
    });
  });

  test(`${mode}: stamping a reply again begins anew`, () => {
    const bench = new SessionsBench();
    bench.start({ seal: sealOf(mode) });
    const first = bench.reflect(probe(120, { seal: sealOf(mode) }))!;
    bench.clock.now += 5;
    bench.sessions.stampTransmit(bench.batch, bench.clock);
    const second = bench.batch.bytes.slice(0, 120);
    const seal = sealOf(mode);
    for (const reply of [first, second]) assert.ok(seal.openReflector(new DataView(reply.buffer), reply, 0));
    first.set(second.slice(SEALED.TIME, SEALED.TIME + 8), SEALED.TIME);
    if (mode === "encrypted") first.set(second.slice(96, 112), 96);
    assert.deepEqual(first, second);
  });
}

test("encrypted: after a pause T3 is when sealing will at least be over, as the last ones took, and never later", () => {
  const bench = new SessionsBench();
  const { clock } = bench;
  bench.start({ seal: sealOf("encrypted"), ptp: true });
  let sealing = 20_000;
  // One reading is before the reply is sealed, the next one after.
  clock.wall = (out, at) => {
    writeWall(out, at, clock.now);
    clock.now += sealing;
  };
  /** How much later than the clock's reading T3 is, of a probe that comes `pause` after the last one. */
  const lead = (pause: number) => {
    clock.now += pause;
    const reading = clock.now + 1000;
    const reply = bench.reflect(probe(112, { seal: sealOf("encrypted") }))!;
    const view = new DataView(reply.buffer);
    assert.ok(sealOf("encrypted").openReflector(view, reply, 0));
    return (view.getUint32(SEALED.TIME) - EPOCH) * 1e9 + view.getUint32(SEALED.TIME + 4) - reading;
  };
  const PAUSE = 10e6;
  for (let i = 0; i < 16; i++) assert.equal(lead(PAUSE), 0, "not known yet");
  assert.equal(lead(PAUSE), 15_000);
  assert.equal(lead(1e9 - clock.now - 11_000), 15_000, "over the second");
  sealing = 5e6;
  assert.equal(lead(PAUSE), 15_000);
  sealing = 16_000;
  assert.equal(lead(PAUSE), 15_000, "what took far longer was no sealing");
  assert.equal(lead(PAUSE), 12_000);
  assert.equal(lead(100_000), 0, "no pause");
  sealing = 30_000;
  for (let i = 0; i < 16; i++) assert.equal(lead(PAUSE), 12_000);
  assert.equal(lead(PAUSE), 22_500, "what took less is forgotten");
});

test("a TTL and a TOS that could not be read are 255 and 0", () => {
  const bench = new SessionsBench();
  bench.start({ monitor: true });
  const reply = bench.reflect(probe(60), undefined, 0)!;
  assert.deepEqual([...reply.slice(40, 44)], [255, 0, 0, 0]);
});

test("PTP: T2 and T3 in nanoseconds, Z set, the sender's own stamp as it came", () => {
  for (const seal of [undefined, sealOf("authenticated"), sealOf("encrypted")]) {
    const o = seal === undefined ? OPEN : SEALED;
    const bench = new SessionsBench();
    bench.start({ ptp: true, seal });
    bench.clock.now = 1234;
    const reply = bench.reflect(probe(120, { seal }))!;
    const view = new DataView(reply.buffer);
    if (seal) assert.ok(seal.openReflector(view, reply, 0));
    assert.deepEqual([view.getUint32(o.RECEIVED), view.getUint32(o.RECEIVED + 4)], [EPOCH, 1234]);
    assert.deepEqual([view.getUint32(o.TIME), view.getUint32(o.TIME + 4)], [EPOCH, 2234]);
    assert.deepEqual([view.getUint16(o.ERROR), view.getUint16(o.SENDER_ERROR)], [0x4001, 0x0142]);
    assert.equal(view.getUint32(o.SENDER_TIME + 4), 0x80000000);
  }
});

test("a table that is full refuses, and has room again after a removal", () => {
  const sessions = testSessions({ capacity: 3 });
  const made = [1, 2, 3, 4].map((port) => sessions.add(spec({ peer: peer("192.0.2.1", port) })));
  assert.equal(made[3], undefined);
  sessions.remove(made[1]!);
  assert.ok(sessions.add(spec({ peer: peer("192.0.2.1", 2) })));
  assert.throws(() => testSessions({ capacity: 20_000 }), RangeError);
});

test("a reply of a session that was removed before its stamp does not leave", () => {
  const bench = new SessionsBench();
  const session = bench.start({ seal: sealOf("encrypted") });
  bench.reflect(probe(120, { seal: sealOf("encrypted") }));
  bench.sessions.remove(session);
  bench.sessions.add(spec());
  bench.sessions.stampTransmit(bench.batch, bench.clock);
  assert.equal(bench.batch.length[0], 0);
  assert.ok(bench.batch.bytes.slice(0, 120).every((octet) => octet === 0));
});

test("replies are not answered", () => {
  const bench = new SessionsBench();
  const session = bench.start();
  const reply = bench.reflect(probe(60))!;
  assert.equal(bench.reflect(reply), undefined);
  assert.equal(session.counters.looped, 1);
});

test("encrypted replies want to leave one at a time, others as the socket likes", () => {
  const bench = new SessionsBench();
  bench.start({ peer: AGREED, seal: sealOf("encrypted") });
  bench.start({ peer: ELSEWHERE, seal: sealOf("authenticated") });
  assert.ok(bench.reflect(probe(112, { seal: sealOf("encrypted") }), AGREED));
  assert.equal(bench.sessions.together, 1);
  assert.ok(bench.reflect(probe(112, { seal: sealOf("authenticated") }), ELSEWHERE));
  assert.equal(bench.sessions.together, undefined);
});

test("hostile packets change counters and nothing else: no exception, nothing touched outside the slot", () => {
  const rng = new Rng(5357);
  const pick = (n: number) => Math.floor(rng.next() * n);
  const sessions = testSessions({ capacity: 32 });
  const clock = new TestClock();
  const hosts = ["192.0.2.1", "192.0.2.2", "203.0.113.9"];
  const modes: TestMode[] = ["open", "authenticated", "encrypted"];
  let live: { session: ReturnType<typeof sessions.add>; seal: Seal | undefined }[] = [];
  const SLOT = 512;
  let lastReply = new Uint8Array(60);
  for (let round = 0; round < 30_000; round++) {
    clock.now += 1e6;
    if (rng.next() < 0.02) {
      const mode = modes[pick(3)];
      const n = pick(40);
      const seal = mode === "open" ? undefined : sealOf(mode, n);
      const session = sessions.add(
        spec({
          peer: peer(hosts[pick(3)], 9000 + pick(4)),
          seal,
          symmetrical: pick(2) === 0,
          monitor: pick(2) === 0,
          ptp: pick(2) === 0,
          alsoFrom: pick(2) === 0 ? addressOf(hosts[pick(3)]) : undefined,
        }),
      );
      if (session !== undefined) {
        live.push({ session, seal });
        if (pick(4) > 0) session.start(clock.now);
      }
    }
    if (rng.next() < 0.015 && live.length > 0) {
      const [{ session }] = live.splice(pick(live.length), 1);
      sessions.remove(session!);
    }
    if (rng.next() < 0.01 && live.length > 0) {
      const { session } = live[pick(live.length)];
      if (session!.state === "started") sessions.stop(session!, clock.now + 1e8);
    }
    let size = pick(3) === 0 ? pick(130) : pick(SLOT + 1);
    const { seal } = live.length > 0 && pick(2) === 0 ? live[pick(live.length)] : { seal: undefined };
    let octets = pick(2) === 0 ? probe(Math.max(size, 48), { seal }).slice(0, size) : new Uint8Array(size);
    for (let flips = pick(3) === 0 ? pick(30) : 0; flips > 0 && size > 0; flips--) octets[pick(size)] = pick(256);
    if (pick(20) === 0) octets = lastReply;
    size = octets.length;
    // A slot in the middle of an arena that may not be touched beyond it.
    const slot = new Uint8Array(SLOT).fill(0xdd);
    slot.set(octets);
    const view = new GuardedView(slot);
    const base = createBatch(1, SLOT);
    const bytes = new Uint8Array(view.buffer);
    const batch = {
      ...base,
      // Slot 0 is where the guarded octets begin.
      view: shifted(view),
      bytes: bytes.subarray(view.at),
      count: 1,
    };
    batch.length[0] = size;
    batch.flags[0] = pick(8) | (pick(20) === 0 ? SlotFlag.TRUNCATED : 0);
    batch.peer.set(peer(hosts[pick(3)], 9000 + pick(6)));
    writeWall(batch.stamp, 0, clock.now);
    const replies = sessions.reflect(clock.now, batch);
    if (pick(10) > 0) sessions.stampTransmit(batch, clock);
    const end = view.at + SLOT;
    assert.ok(
      bytes.subarray(0, view.at).every((octet) => octet === 0xff) &&
        bytes.subarray(end).every((octet) => octet === 0xff),
    );
    if (replies > 0) {
      lastReply = view.octets().slice(0, batch.length[0]);
      assert.ok(batch.length[0] <= Math.max(size, 112), "nobody is answered with more than the base packet");
      assert.ok(view.octets().slice(batch.length[0]).every((octet, i) => octet === slot[batch.length[0] + i]));
    } else assert.equal(batch.length[0], 0);
  }
  const { received, ...rest } = sessions.counters;
  assert.equal(received, Object.values(rest).reduce((sum, n) => sum + n, 0), JSON.stringify(rest));
  assert.equal(received, 30_000);
  for (const [name, count] of Object.entries(rest)) assert.ok(count > 0, `${name} is never met`);
  for (const { session } of live) sessions.remove(session!);
  live = [];
  assert.equal(sessions.size, 0);
});

/** `view` as if it began where what it guards does. */
function shifted(view: GuardedView): DataView {
  const { at } = view;
  return {
    buffer: view.buffer,
    getUint8: (i: number) => view.getUint8(at + i),
    getUint16: (i: number, little?: boolean) => view.getUint16(at + i, little),
    getUint32: (i: number, little?: boolean) => view.getUint32(at + i, little),
    setUint8: (i: number, value: number) => view.setUint8(at + i, value),
    setUint16: (i: number, value: number, little?: boolean) => view.setUint16(at + i, value, little),
    setUint32: (i: number, value: number, little?: boolean) => view.setUint32(at + i, value, little),
  } as unknown as DataView;
}

test("replies leave with the TOS of their session where a socket has several, else with the socket's", () => {
  const sessions = testSessions();
  const batch = createBatch(2, 512);
  const [one, two] = [peer("192.0.2.1", 1000), peer("192.0.2.1", 2000)];
  sessions.add(spec({ peer: one, tos: 0xb8 }))!.start(0);
  sessions.add(spec({ peer: two }))!.start(0);
  batch.count = 2;
  [one, two].forEach((from, slot) => {
    batch.bytes.set(probe(41), slot * batch.stride);
    batch.length[slot] = 41;
    batch.peer.set(from, slot * PEER_SIZE);
  });
  assert.equal(sessions.reflect(1, batch), 2);
  assert.deepEqual([...batch.txTos], [0xb8, SOCKET_TOS]);
});
