/** Test sessions that somebody set up: whose packet it is, whether it is answered, and with what. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddress, peerOctets } from "../../../core/address.ts";
import { createBatch, PEER_SIZE, SlotFlag, SOCKET_TOS } from "../../../core/batch.ts";
import type { Seal, SealMode } from "../../../core/session/seal.ts";
import { deriveTestKeys, Seal as TestSeal } from "../../../core/session/seal.ts";
import { testFormat, type TestMode } from "../../../core/wire/format.ts";
import { OPEN, SEALED } from "../../../core/wire/offsets.ts";
import { putNtp } from "../../../core/wire/timestamp.ts";
import { EPOCH, Rng, TestClock, TOS, writeWall } from "../../support/sim.ts";
import { sealOf, SessionsBench, spec, testSessions } from "../../support/test_sessions.ts";
import { readSealedSession } from "../../support/recorded_session.ts";
import { GuardedView } from "../wire/guarded_view.ts";

const peer = (host: string, port: number) => peerOctets(parseAddress(host)!, port);
const addressOf = (host: string) => parseAddress(host)!.octets;

const AGREED = peer("192.168.1.2", 9000);
const OUTSIDE = peer("203.0.113.9", 41_000);
const ELSEWHERE = peer("198.51.100.7", 9000);

/** A probe of `size` octets, sealed if there is a seal; its padding counts up. */
function probe(
  size: number,
  options: { seal?: Seal | undefined; symmetrical?: boolean; seq?: number } = {},
): Uint8Array {
  const { seal, symmetrical = false, seq = 7 } = options;
  const { offsets, senderSize } = testFormat({ mode: seal?.mode ?? "open", symmetrical });
  const bytes = new Uint8Array(Math.max(size, senderSize));
  for (let i = senderSize; i < size; i++) bytes[i] = i - senderSize + 1;
  const view = new DataView(bytes.buffer);
  view.setUint32(offsets.SEQ, seq);
  putNtp(view, offsets.TIME, EPOCH, 5e8);
  view.setUint16(offsets.ERROR, 0x0142);
  seal?.sealSender(view, bytes, 0);
  return bytes.slice(0, size);
}

const seqOf = (reply: Uint8Array | undefined) => reply && new DataView(reply.buffer).getUint32(0);

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

test("answered from Start-Sessions until Stop-Sessions and its timeout, and each session counts its own replies", () => {
  const bench = new SessionsBench();
  const session = bench.sessions.add(spec({ peer: AGREED }))!;
  const other = bench.start({ peer: OUTSIDE });
  assert.equal(session.state, "accepted");
  assert.equal(bench.reflect(probe(41), AGREED), undefined);
  session.start(bench.clock.now = 1e9);
  assert.deepEqual([0, 1, 2].map(() => seqOf(bench.reflect(probe(41), AGREED))), [0, 1, 2]);
  assert.equal(seqOf(bench.reflect(probe(41), OUTSIDE)), 0);
  assert.equal(session.lastHeard, 1e9 + 2000);
  bench.sessions.stop(session, 5e9);
  bench.clock.now = 5e9;
  assert.equal(seqOf(bench.reflect(probe(41), AGREED)), 3);
  bench.clock.now = 5e9 + 1;
  assert.equal(bench.reflect(probe(41), AGREED), undefined);
  const { received, reflected, notStarted, afterStop } = session.counters;
  assert.deepEqual([received, reflected, notStarted, afterStop], [6, 4, 1, 1]);
  const early = bench.sessions.add(spec({ peer: ELSEWHERE }))!;
  early.stop(Infinity);
  assert.equal(bench.reflect(probe(41), ELSEWHERE), undefined, "stopped before it was started");
  bench.sessions.remove(early);
  bench.sessions.remove(session);
  bench.sessions.remove(session);
  assert.equal(bench.sessions.size, 1);
  assert.equal(bench.reflect(probe(41), AGREED), undefined);
  assert.deepEqual([bench.sessions.counters.noSession, other.counters.reflected], [1, 1]);
});

test("once bound, only that peer; unbound and not on a port of its own, only who was agreed on", () => {
  const bench = new SessionsBench();
  bench.start({ peer: AGREED });
  bench.start({ peer: ELSEWHERE });
  assert.equal(bench.reflect(probe(41), OUTSIDE), undefined);
  assert.equal(seqOf(bench.reflect(probe(41), AGREED)), 0);
  assert.equal(bench.reflect(probe(41), peer("192.168.1.2", 9001)), undefined, "its address, another port");
  assert.equal(bench.sessions.counters.noSession, 2);
});

test("NAT, rule 1: the only session of a socket is bound to whoever comes first", () => {
  for (const seal of [undefined, sealOf("authenticated"), sealOf("encrypted")]) {
    const bench = new SessionsBench();
    const session = bench.start({ peer: AGREED, seal });
    if (seal) assert.equal(bench.reflect(probe(112), OUTSIDE), undefined, "not sealed");
    assert.equal(session.bound, false);
    assert.equal(seqOf(bench.reflect(probe(112, { seal }), OUTSIDE)) !== undefined, true);
    assert.deepEqual(session.peer, OUTSIDE);
    assert.deepEqual(bench.batch.peer.slice(0, PEER_SIZE), OUTSIDE, "and is answered there");
    assert.equal(bench.reflect(probe(112, { seal }), ELSEWHERE), undefined, "once bound, only that peer");
    if (seal) assert.equal(bench.reflect(probe(112), AGREED), undefined, "not sealed");
    assert.deepEqual(session.peer, OUTSIDE);
    assert.equal(
      seqOf(bench.reflect(probe(112, { seal }), AGREED)) !== undefined,
      true,
      "but the one that was agreed on",
    );
    assert.deepEqual(session.peer, AGREED);
    assert.equal(bench.reflect(probe(112, { seal }), OUTSIDE), undefined, "and then nobody else");
    assert.equal(session.counters.forged, seal ? 2 : 0);
    bench.sessions.remove(session);
    assert.equal(bench.reflect(probe(112, { seal }), AGREED), undefined);
  }
  const strict = new SessionsBench({ strictPeer: true });
  strict.start({ peer: AGREED });
  assert.equal(strict.reflect(probe(41), OUTSIDE), undefined);
  const early = new SessionsBench();
  early.sessions.add(spec({ peer: AGREED }));
  assert.equal(early.reflect(probe(41), OUTSIDE), undefined);
  assert.equal(early.sessions.counters.notStarted, 1);
});

test("on a shared port too: who was quicker does not keep out the very peer that was agreed on", () => {
  const near = peer("192.168.1.2", 9001);
  for (const mode of [undefined, "authenticated", "encrypted"] as const) {
    const [seal, other] = mode === undefined ? [] : [sealOf(mode, 1), sealOf(mode, 2)];
    const bench = new SessionsBench();
    const session = bench.start({ peer: AGREED, seal });
    bench.start({ peer: ELSEWHERE, seal: other });
    const own = probe(112, { seal });
    const quicker = seal === undefined ? near : OUTSIDE; // a spoofed source, or a packet copied on its way
    assert.ok(bench.reflect(own, quicker));
    assert.deepEqual(session.peer, quicker);
    if (seal) assert.equal(bench.reflect(probe(112), AGREED), undefined, "the peer alone, without the key");
    assert.deepEqual(session.peer, quicker);
    assert.ok(bench.reflect(own, AGREED));
    assert.deepEqual(session.peer, AGREED);
    for (const from of [quicker, near, OUTSIDE]) assert.equal(bench.reflect(own, from), undefined, "nobody else then");
    assert.ok(bench.reflect(own, AGREED));
    assert.equal(seqOf(bench.reflect(probe(112, { seal: other }), ELSEWHERE)) !== undefined, true, "the other is well");
    bench.sessions.remove(session);
    assert.equal(bench.reflect(own, AGREED), undefined);
    assert.equal(bench.reflect(own, quicker), undefined);
  }
});

test("two sessions agreed on one peer, behind a translator: it takes neither from who has it", () => {
  const bench = new SessionsBench();
  const [one, two] = [1, 2].map((n) => bench.start({ peer: AGREED, alsoFrom: addressOf(`203.0.113.${n}`) }));
  const [first, second] = [peer("203.0.113.1", 5000), peer("203.0.113.2", 5000)];
  assert.ok(bench.reflect(probe(41), first) && bench.reflect(probe(41), second));
  assert.equal(bench.reflect(probe(41), AGREED), undefined);
  assert.deepEqual([one.peer, two.peer], [first, second]);
  bench.sessions.stop(two, Infinity);
  assert.ok(bench.reflect(probe(41), AGREED), "but of one that goes on alone");
  assert.deepEqual([one.peer, two.peer], [AGREED, second]);
});

test("a sender's next session, taken by somebody else, is its again, though the last one is not over", () => {
  for (const heard of [1, 0]) {
    const bench = new SessionsBench();
    const first = bench.start({ peer: AGREED });
    if (heard) assert.ok(bench.reflect(probe(41), AGREED));
    bench.sessions.stop(first, Infinity);
    const next = bench.start({ peer: AGREED });
    assert.ok(bench.reflect(probe(41), peer("192.168.1.2", 9001)));
    assert.ok(bench.reflect(probe(41), AGREED));
    assert.deepEqual([next.peer, next.next, first.next], [AGREED, 2, heard]);
    bench.sessions.remove(next);
    // The first one's place was taken: that is no exception.
    assert.equal(bench.reflect(probe(41), AGREED) === undefined, heard === 1);
    bench.sessions.remove(first);
    assert.equal(bench.sessions.size, 0);
  }
});

test("NAT, rule 2: a packet is of the session whose key opens it; at most eight are tried, others with the next", () => {
  for (const mode of ["authenticated", "encrypted"] as const) {
    const bench = new SessionsBench();
    const sessions = Array.from({ length: 20 }, (_, n) => bench.start({ peer: AGREED, seal: sealOf(mode, n) }));
    bench.start({ peer: ELSEWHERE });
    for (const wanted of [19, 4, 11]) {
      const request = probe(112, { seal: sealOf(mode, wanted) });
      const from = peer("203.0.113.9", 50_000 + wanted);
      let tries = 1;
      while (bench.reflect(request, from) === undefined) tries++;
      assert.ok(tries <= 4, `${tries} packets`);
      assert.deepEqual(sessions[wanted].peer, from);
      assert.equal(sessions.filter(({ bound }) => bound).length, 1 + [19, 4, 11].indexOf(wanted));
    }
    const strict = new SessionsBench({ strictPeer: true });
    for (let n = 0; n < 3; n++) strict.start({ peer: AGREED, seal: sealOf(mode, n) });
    const request = probe(112, { seal: sealOf(mode, 2) });
    assert.equal(strict.reflect(request, OUTSIDE), undefined);
    assert.ok(strict.reflect(request, AGREED), "three expect the same peer, and the key says which it is");
  }
});

test("NAT, rule 3: the address is right, at any port, and one session alone expects it", () => {
  for (const [at, end] of [["peer", "remove"], ["control", "remove"], ["peer", "stop"], ["control", "stop"]] as const) {
    const bench = new SessionsBench();
    const outside = addressOf("203.0.113.9");
    const options = at === "peer" ? { peer: peer("203.0.113.9", 9000) } : { peer: AGREED, alsoFrom: outside };
    const session = bench.start(options);
    bench.start({ peer: ELSEWHERE });
    const second = bench.start({ ...options, peer: peer("203.0.113.9", 9002) });
    assert.equal(bench.reflect(probe(41), OUTSIDE), undefined, "two expect it");
    if (end === "stop") bench.sessions.stop(second, Infinity);
    else bench.sessions.remove(second);
    assert.ok(bench.reflect(probe(41), OUTSIDE));
    assert.deepEqual(session.peer, OUTSIDE);
    assert.ok(
      end === "remove" || bench.reflect(probe(41), peer("203.0.113.9", 9002)),
      "stopped, but where it was agreed",
    );
    bench.sessions.remove(second);
    assert.equal(bench.reflect(probe(41), peer("203.0.113.9", 41_001)), undefined, "bound now");
  }
});

test("a sender's next session takes over from the one that is being stopped, from the same port", () => {
  for (const seals of [[undefined, undefined], [sealOf("encrypted", 1), sealOf("encrypted", 2)]]) {
    const bench = new SessionsBench();
    const [first, second] = seals.map((seal) => bench.sessions.add(spec({ peer: AGREED, seal }))!);
    first.start(0);
    second.start(0);
    bench.sessions.remove(second);
    assert.ok(bench.reflect(probe(112, { seal: seals[0] }), AGREED));
    const next = bench.start({ peer: AGREED, seal: seals[1] });
    bench.sessions.stop(first, 10e9);
    if (seals[0]) assert.ok(bench.reflect(probe(112, { seal: seals[0] }), AGREED), "still the first one's");
    assert.ok(bench.reflect(probe(112, { seal: seals[1] }), AGREED));
    assert.deepEqual([next.bound, next.counters.reflected], [true, 1]);
    bench.sessions.remove(first);
    assert.ok(bench.reflect(probe(112, { seal: seals[1] }), AGREED));
    bench.sessions.remove(next);
    assert.equal(bench.reflect(probe(112, { seal: seals[1] }), AGREED), undefined);
    assert.equal(bench.sessions.size, 0);
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

test("ten thousand sessions on one port: each packet finds its own, and removal loses none", () => {
  const sessions = testSessions({ capacity: 10_000 });
  const batch = createBatch(1, 256);
  const peers = Array.from(
    { length: 10_000 },
    (_, i) => peer(`10.${i % 7}.${(i >> 8) & 255}.${i & 255}`, 1024 + i % 5),
  );
  const made = peers.map((from) => sessions.add(spec({ peer: from }))!);
  for (const session of made) session.start(0);
  const send = (i: number) => {
    batch.count = 1;
    batch.bytes.set(probe(41));
    batch.length[0] = 41;
    batch.flags[0] = SlotFlag.IP_HEADER;
    batch.peer.set(peers[i]);
    return sessions.reflect(1, batch);
  };
  for (let i = 0; i < peers.length; i++) assert.equal(send(i), 1);
  for (let i = 0; i < peers.length; i += 2) sessions.remove(made[i]);
  for (let i = 0; i < peers.length; i++) assert.equal(send(i), i % 2);
  made.forEach((session, i) => assert.equal(session.next, 1 + i % 2));
});

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
