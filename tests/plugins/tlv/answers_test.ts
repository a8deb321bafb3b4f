/** What a reflector makes of each TLV, octet for octet as its RFC has it. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createBatch, SlotFlag, SOCKET_TOS } from "../../../core/batch.ts";
import { parseAddress, peerOctets } from "../../../core/address.ts";
import { createAccess } from "../../../core/session/access.ts";
import { TLVS } from "../../../plugins/tlv/mod.ts";
import { SENDER } from "../../support/sim.ts";
import { Far, make, named, octetsOf, tlv, written } from "./support.ts";

const U = 0x80;
const M = 0x40;
const C = 0x10;
const zeros = (n: number): number[] => new Array(n).fill(0);
const V4_SENDER = [192, 0, 2, 1];
const V4_HERE = [192, 0, 2, 2];

test("Extra Padding comes back understood, whatever it is, as often as it is there", () => {
  const far = new Far();
  assert.deepEqual(far.answer([...tlv(1, [1, 2, 3]), ...tlv(1, [])]), [...tlv(1, [1, 2, 3], 0), ...tlv(1, [], 0)]);
});

test("Location: ports and addresses that the probe came with, each in a sub-TLV of its family", () => {
  const far = new Far();
  const request = written(make(named("location")));
  assert.deepEqual(request, tlv(2, [...zeros(4), ...tlv(1, zeros(8)), ...tlv(4, zeros(16)), ...tlv(7, zeros(16))]));
  const reply = [
    ...[862 >> 8, 862 & 255, 20_000 >> 8, 20_000 & 255],
    ...tlv(3, zeros(8), 0), // no MAC address is known: EUI-64 with zeros
    ...tlv(5, [...V4_HERE, ...zeros(12)], 0),
    ...tlv(8, [...V4_SENDER, ...zeros(12)], 0),
  ];
  assert.deepEqual(far.answer(request), tlv(2, reply, 0));
});

test("Location: over IPv6, and where nobody says which address the probe came to", () => {
  const far = new Far();
  const peer = SENDER.slice();
  peer.set(parseAddress("2001:db8::7")!.octets);
  const reply = far.answer(tlv(2, [...zeros(4), ...tlv(7, zeros(16))]), peer);
  assert.deepEqual(reply?.slice(8), tlv(9, octetsOf("2001:db8::7"), 0));
  const here = far.answer(tlv(2, [...zeros(4), ...tlv(4, zeros(16))]), peer, parseAddress("2001:db8::2")!.octets);
  assert.deepEqual(here?.slice(8), tlv(6, octetsOf("2001:db8::2"), 0));
});

test("Location: sub-TLVs that nobody knows get U, those of a wrong length M, and the TLV too", () => {
  const far = new Far();
  assert.deepEqual(far.answer(tlv(2, [...zeros(4), ...tlv(99, [1])]))?.slice(8), tlv(99, [1], U));
  assert.deepEqual(far.answer(tlv(2, [...zeros(4), ...tlv(5, zeros(16))]))?.slice(8), tlv(5, zeros(16), U));
  assert.deepEqual(
    far.answer(tlv(2, [...zeros(4), ...tlv(4, zeros(4))])),
    tlv(2, [...zeros(4), ...tlv(4, zeros(4), M)], M),
  );
  assert.deepEqual(far.answer(tlv(2, [...zeros(4), 0x80, 4, 0])), tlv(2, [...zeros(4), M, 4, 0], M));
  assert.deepEqual(far.answer(tlv(2, zeros(3))), tlv(2, zeros(3), M));
});

test("Location: what the host does not tell is zeros, in the same room", () => {
  const far = new Far({ hideLocation: true });
  const unknown = tlv(99, [1, 2]);
  assert.deepEqual(
    far.answer(tlv(2, [...zeros(4), ...tlv(4, zeros(16)), ...unknown, ...tlv(7, zeros(16))])),
    tlv(2, [...zeros(4), ...tlv(5, zeros(16), 0), ...unknown, ...tlv(8, zeros(16), 0)], 0),
  );
});

test("Timestamp Information: the clock as it says of itself, stamps as they were taken", () => {
  const far = new Far();
  assert.deepEqual(far.answer(tlv(3, zeros(4))), tlv(3, [5, 2, 5, 2], 0));
  far.clock.errorEstimate = 0x8001;
  far.answer([]);
  far.flags |= SlotFlag.HARDWARE_STAMP;
  assert.deepEqual(far.answer(tlv(3, [...zeros(4), 9, 9])), tlv(3, [1, 1, 1, 2, 9, 9], 0));
});

test("Class of Service: what it came with, and the reply leaves as asked", () => {
  const far = new Far();
  // DSCP1 46, DSCP2 46, ECN 3, RP 0
  assert.deepEqual(far.answer(written(make(named("cos"), { dscp: "ef" }))), tlv(4, [0xba, 0xec, 0, 0], 0));
  assert.equal(far.batch.txTos[0], 46 << 2);
  const plain = new Far({ perPacketTos: false });
  assert.deepEqual(plain.answer(tlv(4, [10 << 2, 0, 0, 0])), tlv(4, [0x2a, 0xed, 0, 0], 0), "RP 1: not applied");
  assert.equal(plain.batch.txTos[0], SOCKET_TOS);
  assert.deepEqual(far.answer(tlv(4, [46 << 2, 0, 0xa5, 0x5a])), tlv(4, [0xba, 0xec, 0, 0], 0), "reserved octets");
  far.flags = SlotFlag.IP_HEADER;
  assert.deepEqual(far.answer(tlv(4, [10 << 2, 0, 0, 0])), tlv(4, [10 << 2, 0, 0, 0]), "no TOS read: no 0 told");
});

test("Class of Service: a DSCP that the host does not permit is not used, and RP says so", () => {
  const far = new Far({ mayUseDscp: (dscp) => dscp === 46 });
  assert.deepEqual(far.answer(tlv(4, [46 << 2, 0, 0, 0])), tlv(4, [0xba, 0xec, 0, 0], 0));
  assert.equal(far.batch.txTos[0], 46 << 2);
  assert.deepEqual(far.answer(tlv(4, [10 << 2, 0, 0, 0])), tlv(4, [0x2a, 0xed, 0, 0], 0));
  assert.equal(far.batch.txTos[0], 0xb8, "the DSCP of the probe, and no ECN");
});

test("Direct Measurement: counts of this session with this probe; a stateless reflector has none", () => {
  const far = new Far();
  far.answer([]);
  const request = written(make(named("direct")), 1);
  assert.deepEqual(request, tlv(5, [0, 0, 0, 2, ...zeros(8)]));
  assert.deepEqual(far.answer(request), tlv(5, [0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2], 0));
  const noReply = written(make(named("return-path"), { code: "no-reply" }));
  assert.equal(far.answer(noReply), undefined);
  assert.deepEqual(far.answer(request), tlv(5, [0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 3], 0), "received, and not answered");
  assert.deepEqual(new Far({}, { mode: "stateless" }).answer(request), request);
});

test("Access Report: back as it came; another access network is none", () => {
  const far = new Far();
  const request = written(make(named("access"), { id: "non-3gpp", code: "unavailable" }));
  assert.deepEqual(request, tlv(6, [0x20, 2, 0, 0]));
  assert.deepEqual(far.answer(request), tlv(6, [0x20, 2, 0, 0], 0));
  assert.deepEqual(far.answer(tlv(6, [0x2f, 2, 0xa5, 1])), tlv(6, [0x20, 2, 0, 0], 0), "what is reserved is zero");
  assert.deepEqual(far.answer(tlv(6, [0x30, 2, 0, 0])), tlv(6, [0x30, 2, 0, 0]));
});

test("Follow-Up Telemetry: number and time of the reply before, of the same session, zeros before there is one", () => {
  const far = new Far();
  const request = tlv(7, zeros(16));
  assert.deepEqual(far.answer(request), tlv(7, zeros(16), 0));
  const sent = [...far.batch.bytes.subarray(4, 12)];
  assert.deepEqual(far.answer(request), tlv(7, [0, 0, 0, 0, ...sent, 2, 0, 0, 0], 0));
  const last = [...far.batch.bytes.subarray(4, 12)];
  assert.deepEqual(far.answer(tlv(7, new Array(16).fill(0xff)))?.slice(4, 16), [0, 0, 0, 1, ...last]);
  const other = SENDER.slice();
  other[17]++;
  assert.deepEqual(far.answer(request, other), tlv(7, zeros(16), 0), "another session");
  assert.deepEqual(far.answer(tlv(7, [1, 2, 3])), tlv(7, [0, 0, 0], M));
  const stateless = new Far({}, { mode: "stateless" });
  stateless.answer(request);
  assert.deepEqual(stateless.answer(request), tlv(7, zeros(16), 0));
});

test("Destination Node Address: an address of this node is where the reply leaves from; U for any other", () => {
  const far = new Far();
  const ask = (address: string) => tlv(9, octetsOf(address));
  assert.deepEqual(far.answer(ask("192.0.2.9")), tlv(9, octetsOf("192.0.2.9"), 0));
  assert.deepEqual([...far.batch.local.subarray(0, 16)], [...parseAddress("192.0.2.9")!.octets]);
  for (const other of ["192.0.2.3", "0.0.0.0", "224.0.0.1", "127.0.0.1", "::", "::1", "ff02::1", "::ffff:192.0.2.9"]) {
    assert.deepEqual(far.answer(ask(other)), ask(other), other);
  }
  assert.deepEqual([...far.batch.local.subarray(12, 16)], V4_HERE);
  assert.deepEqual(far.answer(ask("2001:db8::1")), ask("2001:db8::1"));
  assert.deepEqual(far.answer(tlv(9, zeros(5))), tlv(9, zeros(5), M));
  const bound = new Far({ address: parseAddress("192.0.2.2")!.octets });
  assert.deepEqual(bound.answer(ask("192.0.2.9")), ask("192.0.2.9"), "a socket of one address has no other");
});

test("Return Path: an address, if it is allowed and can be; labels and segments cannot", () => {
  const request = written(make(named("return-path"), { address: "192.0.2.50" }));
  assert.deepEqual(request, tlv(10, tlv(2, [192, 0, 2, 50])));
  const far = new Far();
  assert.deepEqual(far.answer(request), tlv(10, tlv(2, [192, 0, 2, 50], 0), 0));
  assert.deepEqual([...far.batch.peer.subarray(12, 18)], [192, 0, 2, 50, 20_000 >> 8, 20_000 & 255]);
  for (const host of [{ allowReturnPath: false }, { mayReturnTo: () => false }]) {
    const careful = new Far(host);
    assert.deepEqual(careful.answer(request), request);
    assert.deepEqual([...careful.batch.peer.subarray(12, 16)], V4_SENDER);
  }
  for (
    const options of [
      { mpls: "16+1048575" },
      { srv6: "2001:db8::1" },
      { address: "2001:db8::1" },
      { address: "255.255.255.255" },
      { address: "239.1.2.3" },
      { address: "0.0.0.0" },
    ]
  ) {
    const other = written(make(named("return-path"), options));
    assert.deepEqual(far.answer(other), other, JSON.stringify(options));
  }
  assert.deepEqual(written(make(named("return-path"), { mpls: "16+1048575" })).slice(8), [
    0,
    1,
    0,
    255,
    255,
    255,
    0xf1,
    255,
  ]);
  const far6 = new Far();
  const peer6 = peerOctets(parseAddress("2001:db8::7")!, 862);
  for (const address of ["ff02::1", "::", "::ffff:192.0.2.50"]) {
    const other = written(make(named("return-path"), { address }));
    assert.deepEqual(far6.answer(other, peer6), other, address);
  }
  assert.equal(far6.answer(written(make(named("return-path"), { address: "2001:db8::8" })), peer6)![0], 0);
  assert.deepEqual(far.answer(tlv(10, tlv(3, [1, 2]))), tlv(10, tlv(3, [1, 2], M), M));
  assert.deepEqual(far.answer(tlv(10, [])), tlv(10, [], M));
  assert.deepEqual(far.answer([...request, ...request]), [...tlv(10, tlv(2, [192, 0, 2, 50], 0), 0), ...request]);
});

test("loopback is an address of this node, and a way back, for those on it alone", () => {
  const host = { addresses: Uint8Array.from([...parseAddress("127.0.0.1")!.octets, ...parseAddress("::1")!.octets]) };
  const V6 = peerOctets(parseAddress("2001:db8::7")!, 862);
  for (const [address, other, near] of [["127.0.0.1", SENDER, "127.0.0.2"], ["::1", V6, "::1"]] as const) {
    const neighbour = peerOctets(parseAddress(near)!, 862);
    const unknown = new Uint8Array(16); // where it came to, nobody says
    for (const probe of [tlv(9, octetsOf(address)), tlv(10, tlv(2, octetsOf(address)))]) {
      const far = new Far(host);
      assert.deepEqual(far.answer(probe, other, unknown), probe, address);
      assert.deepEqual([...far.batch.peer.subarray(0, 24)], [...other]);
      assert.deepEqual([...far.batch.local.subarray(0, 16)], [...unknown]);
      assert.equal(far.answer(probe, neighbour, unknown)![0], 0, address);
    }
  }
});

test("Return Path: no reply, or on the same link, and then all else is ignored", () => {
  const far = new Far();
  assert.equal(far.answer(tlv(10, [...tlv(1, zeros(4)), ...tlv(2, [192, 0, 2, 50])])), undefined);
  assert.equal(far.session.counters.unwanted, 1);
  const same = written(make(named("return-path"), { code: "same-link" }));
  assert.deepEqual(far.answer(same), tlv(10, tlv(1, [0, 0, 0, 1], 0), 0));
  assert.deepEqual([...far.batch.bytes.subarray(0, 4)], [0, 0, 0, 0], "what was not answered took no number");
  assert.deepEqual(
    far.answer(tlv(10, tlv(1, [0xa5, 0, 0x10, 3]))),
    tlv(10, tlv(1, [0, 0, 0, 1], 0), 0),
    "reserved bits",
  );
  assert.deepEqual(new Far({ sameLink: false }).answer(same), same);
});

test("Micro-session ID: the reflector puts its own; probes of another link are not answered", () => {
  const far = new Far();
  assert.deepEqual(far.answer(written(make(named("micro-session"), { id: 5 }))), tlv(11, [0, 5, 0, 77], 0));
  assert.deepEqual(far.answer(tlv(11, [0, 5, 0, 77])), tlv(11, [0, 5, 0, 77], 0));
  assert.equal(far.answer(tlv(11, [0, 5, 0, 78])), undefined);
  const unknowing = new Far({ microSession: 0 });
  assert.deepEqual(unknowing.answer(tlv(11, [0, 5, 0, 78])), tlv(11, [0, 5, 0, 78]));
});

const control = (
  length: number,
  count: number,
  interval = 0,
  rest = zeros(4),
) => [length >> 8, length & 255, count >> 8, count & 255, 0, 0, interval >> 8, interval & 255, ...rest];

test("Reflected Test Packet Control: not allowed, it is not understood", () => {
  assert.deepEqual(new Far({ allowControl: false }).answer(tlv(12, control(0, 9))), tlv(12, control(0, 9)));
});

test("Reflected Test Packet Control: one reply and no more octets than the probe had, with C where more was asked", () => {
  const far = new Far();
  const pad = tlv(1, zeros(36));
  const reply = (flags: number, value: number[], padding: number) => [
    ...tlv(12, value, flags),
    ...(padding > 0 ? tlv(1, zeros(padding - 4), 0) : []),
  ];
  const ask = (length: number, count: number) => far.answer([...tlv(12, control(length, count)), ...pad]);
  assert.deepEqual(ask(100, 1), reply(0, control(100, 1), 40));
  assert.deepEqual(ask(70, 1), reply(0, control(70, 1), 12), "rounded up to 72");
  assert.deepEqual(ask(0, 1), reply(0, control(0, 1), 0), "no less than base and TLVs");
  assert.deepEqual(ask(104, 1), reply(C, control(104, 1), 40));
  assert.deepEqual(ask(0, 2), reply(C, control(0, 2), 0));
  assert.deepEqual(ask(1000, 65_535), reply(C, control(1000, 65_535), 40));
  assert.equal(ask(100, 0), undefined);
  const odd = (length: number) => far.answer([...tlv(12, control(length, 1)), ...tlv(99, [7]), ...pad])!.slice(0, 3);
  // 44, 16 and 5 octets: padding has 4 at the least.
  assert.deepEqual([65, 68, 69, 72].map((length) => odd(length)[0]), [C, C, 0, 0]);
  assert.equal(far.session.pollTimeout(), Infinity);
});

test("Reflected Test Packet Control: groups that this node is not of are not answered", () => {
  const far = new Far();
  const group = (bits: number, address: string) =>
    tlv(12, control(0, 1, 0, tlv(11, [bits, 0, 0, 0, ...octetsOf(address)])));
  assert.ok(far.answer(group(24, "192.0.2.0")));
  assert.ok(far.answer(group(31, "192.0.2.9")));
  assert.equal(far.answer(group(32, "192.0.2.4")), undefined);
  assert.equal(far.answer(group(33, "192.0.2.2")), undefined);
  assert.equal(far.answer(group(64, "2001:db8::")), undefined);
  assert.equal(far.answer(tlv(12, control(0, 1, 0, tlv(10, zeros(12))))), undefined, "no MAC address is known");
  assert.deepEqual(far.answer(tlv(12, control(0, 1, 0, tlv(11, zeros(7)))))?.[0], M);
  assert.deepEqual(far.answer(tlv(12, zeros(10)))?.[0], M);
  assert.ok(far.answer(tlv(12, control(0, 1, 0, [])))?.[0] === 0, "8 octets, as older senders have it");
});

test("no reply and several are asked for: neither, in either order", () => {
  const far = new Far({ maxAmplification: 10 });
  const none = tlv(10, tlv(1, zeros(4)));
  const elsewhere = tlv(11, [32, 0, 0, 0, ...octetsOf("192.0.2.4")]);
  for (const asked of [control(0, 3), control(0, 0), control(0, 3, 0, elsewhere)]) {
    const several = tlv(12, asked);
    for (const probe of [[...none, ...several], [...several, ...none]]) {
      const reply = far.answer(probe)!;
      assert.equal(reply?.length, probe.length, `${asked}`);
      assert.deepEqual([reply[0], reply[reply[1] === 10 ? none.length : several.length]], [U, U]);
    }
    const elsewhereToo = [...none, ...several, ...tlv(11, [0, 5, 0, 78])];
    assert.equal(far.answer(elsewhereToo), undefined, "what is for another link still is");
  }
  assert.equal(far.session.pollTimeout(), Infinity);
});

test("several replies, where allowed: each at its time, numbered, and no octet more than the bound", () => {
  const far = new Far({ maxAmplification: 4 });
  const probe = [...tlv(12, control(0, 3, 1000)), ...tlv(1, zeros(100))];
  const first = far.answer(probe)!;
  const sent = far.batch.bytes.slice(0, far.batch.length[0]);
  const tx = createBatch(4, 4096);
  const start = far.clock.now - 1000;
  assert.equal(far.session.pollTimeout(), start + 1000);
  assert.equal(far.session.pollTransmit(start + 999, tx), 0);
  for (const n of [1, 2]) {
    tx.count = 0;
    assert.equal(far.session.pollTransmit(start + n * 1000, tx), 1);
    assert.equal(tx.view.getUint32(0), n);
    assert.deepEqual([...tx.bytes.subarray(44, tx.length[0])], first);
    assert.deepEqual([...tx.bytes.subarray(14, 44)], [...sent.subarray(14, 44)]);
    assert.deepEqual([...tx.peer.subarray(0, 24)], [...SENDER]);
    far.session.stampTransmit(tx, far.clock);
    assert.deepEqual([...tx.bytes.subarray(4, 14)], [...sent.subarray(4, 14)], "stamped as any reply is");
  }
  assert.equal(far.session.pollTimeout(), Infinity);
  assert.equal(far.session.counters.repeated, 2);
  assert.equal(far.answer(probe)![0], 0);
  assert.equal(tx.view.getUint32(0), 2);
  assert.equal(far.answer([...tlv(12, control(164, 5)), ...tlv(1, zeros(100))])![0], C, "820 octets for 164");
});

test("each of several replies is one of those that its source may have: at the limit the burst ends", () => {
  const access = createAccess({ allow: [], deny: [], rate: { pps: 50, ipv4: 32, ipv6: 128 }, seed: 3 }); // 5 at once
  const far = new Far({ maxAmplification: 100 }, { access });
  const tx = createBatch(32, 4096);
  const start = far.clock.now;
  assert.ok(far.answer([...tlv(12, control(0, 20, 1000)), ...tlv(1, zeros(100))]));
  assert.equal(far.session.pollTransmit(start + 1e6, tx), 4);
  assert.deepEqual([tx.count, ...[0, 1, 2, 3].map((slot) => tx.view.getUint32(slot * 4096))], [4, 1, 2, 3, 4]);
  const { repeated, rateLimited, reflected } = far.session.counters;
  assert.deepEqual([reflected, repeated, rateLimited], [1, 4, 1]);
  assert.equal(far.session.pollTimeout(), Infinity, "the rest of it is owed no more");
  assert.equal(far.answer(tlv(1, zeros(8))), undefined, "no probe finds more in the bucket than replies left there");
  far.clock.now += 20e6;
  assert.ok(far.answer(tlv(1, zeros(8))));
  assert.equal(far.batch.view.getUint32(0), 5, "what was not sent took no number");
  for (let burst = 0; burst < 100; burst++) {
    far.clock.now += 100e6;
    assert.equal(
      far.answer([...tlv(12, control(0, 20, 1000)), ...tlv(1, zeros(100))])![0],
      0,
      "its place is free again",
    );
    tx.count = 0;
    far.session.pollTransmit(far.clock.now + 1e6, tx);
  }
});

test("several or longer replies go to who asked, never to an address that he names, and not for long", () => {
  const far = new Far({ maxAmplification: 100, maxReply: 4096 });
  const elsewhere = written(make(named("return-path"), { address: "192.0.2.50" }));
  for (const wish of [control(0, 3), control(400, 1)]) {
    for (const probe of [[...elsewhere, ...tlv(12, wish)], [...tlv(12, wish), ...elsewhere]]) {
      const reply = far.answer(probe)!;
      assert.ok(reply.length <= probe.length, `${reply.length} octets for ${probe.length}`);
      const at = reply[1] === 12 ? 0 : elsewhere.length;
      assert.equal(reply[at], C, "and it says so");
      assert.equal(far.session.pollTimeout(), Infinity);
    }
  }
  const slow = [0, 0, 0, 11, 0xee, 0x6b, 0x28, 0]; // eleven replies, 4 s apart
  assert.equal(far.answer([...tlv(12, [...slow, ...zeros(4)]), ...tlv(1, zeros(100))])![0], C);
  assert.equal(far.session.pollTimeout(), Infinity);
});

test("what is answered by name has a type and a name of its own", () => {
  assert.equal(new Set(TLVS.map(({ type }) => type)).size, TLVS.length);
  assert.equal(new Set(TLVS.map(({ name }) => name)).size, TLVS.length);
  for (const { answer, type } of TLVS) if (answer !== undefined) assert.equal(answer.type, type);
});
