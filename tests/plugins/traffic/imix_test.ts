import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PacketShape, TrafficProfile } from "../../../core/plugin.ts";
import { imix } from "../../../plugins/traffic/imix.ts";
import { agreed, OTHER_SEED, SEED, shape, SHAPES } from "./shapes.ts";

// The same cases on every run and runtime.
fc.configureGlobal({ seed: 4656 });

/** Small, middle, large. */
const SIZES: [PacketShape, number, number, number][] = [
  [shape("twamp", 4), 22, 548, 1472],
  [shape("twamp", 6), 14, 528, 1452],
  [shape("stamp", 4), 44, 548, 1472],
  [shape("stamp", 6), 44, 528, 1452],
  [agreed({ mode: "encrypted" }), 48, 548, 1472],
  [agreed({ mode: "encrypted", symmetrical: true }), 112, 548, 1472],
];

function sizes(profile: TrafficProfile, from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => profile.size(from + i));
}

for (const [packet, small, middle, large] of SIZES) {
  test(`7:4:1 in every 12 probes, ${packet.protocol} of ${packet.base} octets over IPv${packet.family}`, () => {
    const profile = imix.create({}, packet);
    assert.equal(profile.maxSize, large);
    const mix = [...Array(7).fill(small), ...Array(4).fill(middle), large];
    for (let seq = 0; seq < 12_000; seq += 12) {
      assert.deepEqual(sizes(profile, seq, 12).sort((a, b) => a - b), mix, `from ${seq}`);
    }
  });
}

test("the order is another in each block, and another with another seed", () => {
  const orders = (seed: Uint8Array) => {
    const profile = imix.create({}, shape("twamp", 4, seed));
    return Array.from({ length: 100 }, (_, block) => sizes(profile, 12 * block, 12).join());
  };
  const ours = orders(SEED);
  // 3960 orders are possible: about one pair in a hundred blocks is alike.
  assert.ok(new Set(ours).size > 90);
  assert.deepEqual(orders(SEED), ours);
  const shared = orders(OTHER_SEED).filter((order, block) => order === ours[block]);
  assert.ok(shared.length <= 2);
});

test("the large one is as likely in every place", () => {
  const profile = imix.create({}, shape("twamp", 4));
  const places = new Array(12).fill(0);
  for (let seq = 0; seq < 120_000; seq++) if (profile.size(seq) === 1472) places[seq % 12]++;
  // 11 degrees of freedom: above 31.3 once in a thousand seeds, and this one is fixed.
  assert.ok(places.reduce((sum, count) => sum + (count - 833.3) ** 2 / 833.3, 0) < 31.3, String(places));
});

test("the order of a seed, the same on every runtime and in every version", () => {
  const profile = imix.create({}, shape("twamp", 4));
  assert.deepEqual(sizes(profile, 0, 12), [22, 548, 22, 22, 548, 22, 22, 22, 548, 1472, 22, 548]);
});

test("asked out of order, it says the same", () => {
  for (const packet of SHAPES) {
    const asked = imix.create({}, packet);
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (seq) => {
      assert.equal(asked.size(seq), imix.create({}, packet).size(seq));
    }));
  }
});

test("its name in results", () => {
  assert.equal(imix.create({}, SHAPES[0]).name, "imix");
  assert.equal(imix.create({ fill: "zeros" }, SHAPES[0]).name, "imix");
  assert.equal(imix.create({ fill: "random" }, SHAPES[0]).name, "imix:fill=random");
});
