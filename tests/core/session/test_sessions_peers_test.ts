/** Test sessions that somebody set up: which one a packet is of, behind translators too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createBatch, PEER_SIZE, SlotFlag } from "../../../core/batch.ts";
import {
  addressOf,
  AGREED,
  ELSEWHERE,
  OUTSIDE,
  peer,
  probe,
  sealOf,
  seqOf,
  SessionsBench,
  spec,
  testSessions,
} from "../../support/test_sessions.ts";

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
