/**
 * Each TLV in each mode and family: what an open probe without a key gets is shown octet by octet in `answers_test.ts`;
 * here it is what the others get as well, under an HMAC of its own, and what a wrong HMAC gets instead.
 */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { parseAddress } from "../../../core/address.ts";
import { createBatch, LOCAL_SIZE, SlotFlag } from "../../../core/batch.ts";
import { TLV_HEADER, TLV_HMAC as HMAC } from "../../../core/wire/tlv.ts";
import { TLV_ANSWERS, TLVS } from "../../../plugins/tlv/mod.ts";
import { reflector } from "../../support/run.ts";
import { RESPONDER, Rng, SENDER, TestClock, writeWall } from "../../support/sim.ts";
import { KEY, oneKey } from "../../support/stamp_keys.ts";
import { Far, make, octetsOf, OPEN_HOST, tlv, TOS, written } from "./support.ts";

const [U, M, I] = [0x80, 0x40, 0x20];
const MODES = ["open", "authenticated"] as const;
/** One that was followed would move padding. */
const HOST = { ...OPEN_HOST, allowControl: false };
const PLACES = {
  IPv4: [SENDER, RESPONDER, "192.0.2.50"],
  IPv6: [at6("2001:db8::7"), at6("2001:db8::2"), "2001:db8::50"],
} as const;
type Mode = typeof MODES[number];
type Family = keyof typeof PLACES;

function at6(host: string): Uint8Array {
  const octets = SENDER.slice();
  octets.set(parseAddress(host)!.octets);
  return octets;
}

/** One of each, as a sender sends it, and the flags that it gets alone and the second time. */
function each(family: Family): readonly (readonly [request: number[], first: number, second: number])[] {
  const back = octetsOf(PLACES[family][2]);
  const plain = TLVS.filter(({ name }) => !["return-path", "destination", "micro-session"].includes(name));
  return [
    ...plain.map((plugin) => {
      const flags = plugin.name === "control" ? U : 0;
      return [written(make(plugin)), flags, flags] as const;
    }),
    [tlv(9, octetsOf("192.0.2.2")), 0, 0],
    [tlv(10, tlv(2, back)), 0, U],
    [tlv(11, [0, 5, 0, 77]), 0, 0],
    [tlv(13, [1, 2, 3, 4]), U, U],
    [tlv(200, [1, 2, 3, 4]), U, U],
    [tlv(240, []), U, U],
    [tlv(253, [0, 0, 0, 9, 1]), U, U],
  ];
}

/** What HMAC-SHA-256 truncated says of a Sequence Number and TLVs. */
function macOf(...parts: readonly Uint8Array[]): number[] {
  const hmac = createHmac("sha256", KEY);
  for (const part of parts) hmac.update(part);
  return [...hmac.digest()].slice(0, 16);
}

/** A reflector with the key, and the TLVs of its reply to a probe that has `tlvs` and what `tail` makes of their HMAC. */
class Keyed {
  readonly #base: number;
  readonly #family: Family;
  readonly #session;
  readonly #clock = new TestClock();
  readonly #batch = createBatch(1, 1024);
  #seq = 0;
  /** What the HMAC TLV of the last reply has to be, by that one's own number. */
  mac: number[] = [];

  constructor(mode: Mode, family: Family) {
    this.#base = mode === "open" ? 44 : 112;
    this.#family = family;
    this.#session = reflector({
      protocol: "stamp",
      tlvs: TLV_ANSWERS,
      host: HOST,
      tlvKeys: oneKey(),
      authenticated: mode === "open" ? undefined : oneKey(),
    });
  }

  answer(tlvs: readonly number[], tail: (mac: number[]) => readonly number[]): number[] {
    const batch = this.#batch;
    const base = this.#base;
    const packet = new Uint8Array(base);
    const view = new DataView(packet.buffer);
    view.setUint32(0, this.#seq++);
    view.setUint32(base === 44 ? 4 : 16, 3_900_000_000);
    if (base !== 44) packet.set(macOf(packet.subarray(0, 96)), 96);
    const probe = [...packet, ...tlvs, ...tail(macOf(packet.subarray(0, 4), Uint8Array.from(tlvs)))];
    batch.count = 1;
    batch.bytes.set(probe);
    batch.length[0] = probe.length;
    batch.flags[0] = SlotFlag.IP_HEADER | SlotFlag.TOS;
    batch.tos[0] = TOS;
    batch.peer.set(PLACES[this.#family][0]);
    batch.local.set(PLACES[this.#family][1].subarray(0, LOCAL_SIZE));
    writeWall(batch.stamp, 0, this.#clock.now);
    assert.equal(this.#session.reflect(this.#clock.now += 1000, batch), 1);
    this.#session.stampTransmit(batch, this.#clock);
    const reply = batch.bytes.slice(0, batch.length[0]);
    if (base !== 44) assert.deepEqual([...reply.subarray(96, 112)], macOf(reply.subarray(0, 96)), "base packet");
    this.mac = macOf(reply.subarray(0, 4), reply.subarray(base, base + tlvs.length));
    return [...reply.subarray(base)];
  }
}

/** Type and flags of each in a whole chain. */
function flagsOf(chain: readonly number[]): number[] {
  const flags: number[] = [];
  for (let at = 0; at < chain.length; at += TLV_HEADER + chain[at + 2] * 256 + chain[at + 3]) flags.push(chain[at]);
  return flags;
}

/** A chain as it came, with `flag` set in each. */
function marked(chain: readonly number[], flag: number): number[] {
  const out = [...chain];
  for (let at = 0; out.length - at >= TLV_HEADER; at += TLV_HEADER + out[at + 2] * 256 + out[at + 3]) out[at] |= flag;
  return out;
}

for (const family of ["IPv4", "IPv6"] as const) {
  const [peer, local] = PLACES[family];
  const open = (tlvs: readonly number[]) => new Far(HOST).answer(tlvs, peer, local)!;

  test(`${family}, without a key: each alone, twice, and cut at every octet`, () => {
    for (const [request, first, second] of each(family)) {
      const type = `type ${request[1]}`;
      assert.deepEqual(flagsOf(open(request)), [first], type);
      assert.deepEqual(flagsOf(open([...request, ...request])), [first, second], `${type} twice`);
      for (let size = 1; size < request.length; size++) {
        const unknown = size < TLV_HEADER || request[1] > 12 ? U : 0;
        const cut = request.slice(0, size);
        assert.deepEqual(open(cut), [M | unknown, ...cut.slice(1)], `${type} cut at ${size}`);
      }
    }
  });

  for (const mode of MODES) {
    test(`${family}, ${mode}, under an HMAC: each alone, twice, all in any order, as without`, () => {
      const all = each(family).map(([request]) => request);
      const rng = new Rng(5);
      const mixed = () => all.map((one) => [rng.next(), one] as const).sort(([a], [b]) => a - b).map(([, one]) => one);
      const chains = [...all, ...all.map((one) => [...one, ...one]), all.flat(), ...Array.from({ length: 20 }, mixed)];
      for (const chain of chains.map((one) => one.flat())) {
        const far = new Keyed(mode, family);
        const told = far.answer(chain, (mac) => [...tlv(HMAC, mac), ...tlv(1, [9, 9])]);
        assert.deepEqual(
          told,
          [...open(chain), ...tlv(HMAC, far.mac, 0), ...tlv(1, [9, 9], 0)],
          `${chain.slice(0, 4)}`,
        );
      }
    });

    test(`${family}, ${mode}, with a wrong HMAC, none, or one that is cut: I in each, all else as it came`, () => {
      for (const chain of [...each(family).map(([request]) => request), each(family).flatMap(([request]) => request)]) {
        const far = new Keyed(mode, family);
        const tails: ((mac: number[]) => number[])[] = [
          (mac) => tlv(HMAC, mac.with(15, mac[15] ^ 1)),
          (mac) => tlv(HMAC, mac.with(0, mac[0] ^ 0x80)),
          (mac) => tlv(HMAC, mac.slice(1)),
          (mac) => [...tlv(HMAC, mac), ...tlv(3, [0, 0, 0, 0])],
          (mac) => [...tlv(HMAC, mac), ...tlv(HMAC, mac)],
          ...Array.from({ length: 20 }, (_, size) => (mac: number[]) => tlv(HMAC, mac).slice(0, size)),
        ];
        for (const [n, tail] of tails.entries()) {
          let sent: number[] = [];
          const told = far.answer(chain, (mac) => sent = tail(mac));
          // Extra Padding alone needs none (section 4.8).
          if (sent.length === 0 && chain[1] === 1 && flagsOf(chain).length === 1) assert.equal(told[0], 0);
          else assert.deepEqual(told, marked([...chain, ...sent], I), `${chain.slice(0, 4)}, tail ${n}`);
        }
      }
    });
  }
}
