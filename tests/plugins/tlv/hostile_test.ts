/** Whatever comes behind the base packet: nothing outside the datagram is touched, and no reply is longer than allowed. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createBatch, SlotFlag } from "../../../core/batch.ts";
import { createReflector } from "../../../core/session/reflector.ts";
import { TlvReader } from "../../../core/session/tlv_reader.ts";
import { TlvReflector } from "../../../core/session/tlv_reflector.ts";
import { TLV_HEADER, TlvFlag } from "../../../core/wire/tlv.ts";
import { dissect } from "../../../core/wire/dissect.ts";
import { TLV_ANSWERS, TLVS } from "../../../plugins/tlv/mod.ts";
import { GuardedView } from "../../core/wire/guarded_view.ts";
import { Rng, SENDER, TestClock } from "../../support/sim.ts";
import { Far, make, octetsOf, OPEN_HOST, tlv, written } from "./support.ts";

const zeros = (n: number): number[] => new Array(n).fill(0);

/** One of each that a sender can ask with, in the order of types. */
const EACH: readonly (readonly number[])[] = [
  tlv(1, [1, 2, 3, 4]),
  ...TLVS.filter(({ name }) => !["padding", "return-path", "destination", "micro-session"].includes(name))
    .map((plugin) => written(make(plugin))),
  tlv(9, octetsOf("192.0.2.2")),
  tlv(10, tlv(2, [192, 0, 2, 50])),
  tlv(11, [0, 5, 0, 77]),
  tlv(200, [1, 2, 3, 4]),
  tlv(240, []),
  tlv(253, [0, 0, 0, 9]),
];

/** The lengths of value that each type can have; what is not here can have any. */
const LENGTHS: Readonly<Record<number, (length: number) => boolean>> = {
  2: (length) => length >= 4,
  3: (length) => length >= 4,
  4: (length) => length === 4,
  5: (length) => length === 12,
  6: (length) => length === 4,
  7: (length) => length === 16,
  9: (length) => length === 4 || length === 16,
  11: (length) => length === 4,
};

test("all together, in any order: each is answered as it is alone, and takes as much room", () => {
  const host = { allowControl: false };
  const alone = new Map(EACH.map((request) => [request, new Far(host).answer(request)!]));
  const rng = new Rng(1);
  for (let round = 0; round < 500; round++) {
    const order = EACH.map((request) => [rng.next(), request] as const).sort(([a], [b]) => a - b).map(([, one]) => one);
    assert.deepEqual(new Far(host).answer(order.flat()), order.flatMap((request) => alone.get(request)!));
  }
});

test("each cut at every octet: M, U for what nobody knows, and the value as it came", () => {
  for (const whole of EACH) {
    for (let size = 1; size < whole.length; size++) {
      const cut = whole.slice(0, size);
      const reply = new Far().answer(cut)!;
      const known = size >= TLV_HEADER && whole[1] < 100;
      assert.equal(reply[0], TlvFlag.M | (known ? 0 : TlvFlag.U), `type ${whole[1]} cut at ${size}`);
      assert.deepEqual(reply.slice(1), cut.slice(1), `type ${whole[1]} cut at ${size}`);
    }
  }
});

test("each of every length from 0 to 40: M where its type cannot have that, and what follows is as it came", () => {
  const next = tlv(5, zeros(12));
  for (const [type, ok] of Object.entries(LENGTHS)) {
    for (let length = 0; length <= 40; length++) {
      // Values of zeros: chains of whole sub-TLVs, where there is room for headers.
      const value = type === "2" && length > 4 ? zeros(4 + ((length - 4) & ~3)) : zeros(length);
      const far = new Far();
      const reply = far.answer([...tlv(Number(type), value), ...next])!;
      const malformed = !ok(value.length);
      assert.equal((reply[0] & TlvFlag.M) !== 0, malformed, `type ${type}, ${length} octets`);
      assert.deepEqual(reply.slice(-16, -12), malformed ? next.slice(0, 4) : [0, ...next.slice(1, 4)], `after ${type}`);
      assert.equal(far.session.tlvCounters.malformed, malformed ? 1 : 0);
    }
  }
});

/** TLVs with a fault in most of them: types that somebody knows, lengths that nearly fit, what looks like sub-TLVs. */
function hostile(rng: Rng, out: Uint8Array): number {
  const pick = (n: number) => Math.floor(rng.next() * n);
  let at = 0;
  const most = pick(out.length);
  while (at < most) {
    const lengths = [0, 3, 4, 5, 8, 12, 16, 20, 24, pick(64), pick(65_536)];
    const length = lengths[pick(lengths.length)];
    const header = [pick(4) === 0 ? pick(256) : 0x80, pick(5) === 0 ? pick(256) : pick(14), length >> 8, length & 255];
    for (const octet of header) if (at < out.length) out[at++] = octet;
    const nested = pick(3) === 0;
    for (let i = 0; i < length && at < out.length; i++) {
      out[at++] = nested && i % 4 > 0 ? [0, pick(12), 0, [0, 4, 8, 12, 16, 20][pick(6)]][i % 4] : pick(256);
    }
    if (pick(8) === 0) at = Math.max(0, at - pick(6));
  }
  return at;
}

test("hostile chains by the hundred thousand: no octet outside is read or written, no type is forgotten", () => {
  const rng = new Rng(0x57414d50);
  const host = { ...OPEN_HOST, maxAmplification: 3 };
  const reflector = new TlvReflector(TLV_ANSWERS, host);
  const batch = createBatch(1, 64);
  const out = new Uint8Array(160);
  const flags = [SlotFlag.TOS, 0, SlotFlag.HARDWARE_STAMP | SlotFlag.TOS];
  const seen = new Set<number>();
  for (let round = 0; round < 250_000; round++) {
    const size = hostile(rng, out);
    const view = new GuardedView(out.subarray(0, size));
    batch.peer.set(SENDER);
    batch.flags[0] = flags[round % 3];
    reflector.context.reset();
    reflector.answer({ ...batch, view }, 0, view.at, view.at + size, false);
    for (let at = 0; at + TLV_HEADER <= size; at += TLV_HEADER + out[at + 2] * 256 + out[at + 3]) seen.add(out[at + 1]);
  }
  for (let type = 0; type < 256; type++) assert.ok(seen.has(type), `type ${type}`);
});

test("hostile probes through the whole reflector: no reply longer than allowed, all counted", () => {
  for (const maxAmplification of [1, 3]) {
    const rng = new Rng(maxAmplification);
    const session = createReflector({
      mode: "stateful",
      protocol: "stamp",
      strictSize: false,
      sessions: 64,
      wait: 1e9,
      hashSeed: 1,
      tlvs: TLV_ANSWERS,
      host: { ...OPEN_HOST, maxAmplification },
    });
    const SLOTS = 8;
    const batch = createBatch(SLOTS, 512);
    const clock = new TestClock();
    let received = 0;
    let sent = 0;
    for (let round = 0; round < 100_000; round++) {
      batch.count = SLOTS;
      let octets = 0;
      for (let slot = 0; slot < SLOTS; slot++) {
        const at = slot * batch.stride;
        batch.bytes.fill(0, at, at + 44);
        batch.view.setUint32(at, round);
        batch.view.setUint32(at + 4, 3_900_000_000 + round);
        batch.length[slot] = 44 + hostile(rng, batch.bytes.subarray(at + 44, at + 44 + 160));
        if (round % 16 === slot) {
          batch.bytes.set(
            [...tlv(12, [0, 0, 0, 1 + round % 4, 0, 0, 0, 9, ...zeros(4)]), ...tlv(1, zeros(140))],
            at + 44,
          );
          batch.length[slot] = 44 + 160;
        }
        batch.bytes[at + 44 + 160] = 0x5a;
        octets += batch.length[slot];
        batch.flags[slot] = SlotFlag.TOS;
        batch.peer.set(SENDER, slot * 24);
      }
      session.reflect(clock.now += 1000, batch);
      session.stampTransmit(batch, clock);
      received += octets;
      for (let slot = 0; slot < SLOTS; slot++) {
        sent += batch.length[slot];
        if (maxAmplification === 1) assert.equal(batch.bytes[slot * batch.stride + 44 + 160], 0x5a);
      }
      while (session.pollTransmit(clock.now, batch) > 0) {
        for (let slot = SLOTS; slot < batch.count; slot++) sent += batch.length[slot];
        batch.count = SLOTS;
      }
      batch.count = 0;
      while (session.pollTransmit(clock.now, batch) > 0) {
        for (let slot = 0; slot < batch.count; slot++) sent += batch.length[slot];
        batch.count = 0;
      }
      assert.ok(sent <= received * maxAmplification, `${sent} octets for ${received}`);
    }
    const { counters } = session;
    assert.equal(counters.received, counters.reflected + counters.unwanted + counters.looped);
    assert.ok(counters.unwanted > 0 && session.tlvCounters.malformed > 0);
    assert.equal(counters.repeated > 0, maxAmplification > 1);
  }
});

test("hostile replies: a sender reads inside their bounds, and so does decode", () => {
  const rng = new Rng(77);
  const tlvs = [
    ...TLVS.filter(({ name }) => !["return-path", "destination", "micro-session"].includes(name)).map((one) =>
      make(one)
    ),
  ];
  const reader = new TlvReader(tlvs, undefined);
  const out = new Uint8Array(160);
  for (let round = 0; round < 100_000; round++) {
    const size = hostile(rng, out);
    const packet = new Uint8Array(44 + size);
    packet.set(out.subarray(0, size), 44);
    const view = new GuardedView(packet);
    const bytes = new Uint8Array(view.buffer);
    assert.ok(reader.read(view, bytes, view.at, view.at + 44, view.at + packet.length, round % 2 === 0, true));
    if (round % 10 === 0) dissect(view, view.at, packet.length, "stamp-reflector");
  }
  for (const { returned } of reader.report(new Float64Array(tlvs.length))) assert.ok(returned > 0);
});
