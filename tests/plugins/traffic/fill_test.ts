import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PacketShape } from "../../../core/plugin.ts";
import { FILLS } from "../../../plugins/traffic/fill.ts";
import { TRAFFIC } from "../../../plugins/traffic/mod.ts";
import { OTHER_SEED, shape, SHAPES } from "./shapes.ts";

// The same cases on every run and runtime.
fc.configureGlobal({ seed: 4656 });

function filled(fill: string, length: number, seq: number, packet: PacketShape = SHAPES[0], at = 0): Uint8Array {
  const bytes = new Uint8Array(at + length).fill(0xee);
  TRAFFIC[0].create({ fill }, packet).fill(bytes, at, at + length, seq);
  return bytes.slice(at);
}

test("a fill touches what it is told to, and nothing else", () => {
  const arena = new Uint8Array(400);
  const spans = fc.tuple(fc.nat(400), fc.nat(400), fc.nat());
  for (const plugin of TRAFFIC) {
    for (const fill of FILLS) {
      const profile = plugin.create({ fill }, SHAPES[0]);
      fc.assert(fc.property(spans, ([a, b, seq]) => {
        const [at, end] = a < b ? [a, b] : [b, a];
        arena.fill(0xee);
        profile.fill(arena, at, end, seq);
        for (let i = 0; i < arena.length; i++) {
          if (i < at || i >= end) assert.equal(arena[i], 0xee, `${profile.name} wrote ${i}, told ${at} to ${end}`);
        }
      }));
    }
  }
});

test("zeros are zeros, a pattern counts up from 00 and begins again after ff", () => {
  assert.deepEqual(filled("zeros", 300, 5), new Uint8Array(300));
  assert.deepEqual(filled("pattern", 600, 5), Uint8Array.from({ length: 600 }, (_, i) => i & 0xff));
});

test("a fill depends on the probe's number and the octet's place, not on where the packet lies nor on what was before", () => {
  for (const fill of FILLS) {
    const used = TRAFFIC[0].create({ fill }, SHAPES[0]);
    fc.assert(fc.property(fc.nat(200), fc.nat(200), fc.nat(2 ** 31), (length, at, seq) => {
      const bytes = new Uint8Array(at + length);
      used.fill(bytes, at, at + length, seq);
      assert.deepEqual(bytes.slice(at), filled(fill, length, seq));
    }));
  }
});

test("random octets are others for each probe and each seed, and spread evenly", () => {
  const one = filled("random", 1000, 1);
  assert.notDeepEqual(filled("random", 1000, 2), one);
  assert.notDeepEqual(filled("random", 1000, 1 + 2 ** 32), one);
  assert.notDeepEqual(filled("random", 1000, 1, shape("twamp", 4, OTHER_SEED)), one);
  assert.deepEqual(filled("random", 10, 1), one.slice(0, 10));
  const counts = new Array(256).fill(0);
  for (const octet of filled("random", 65_000, 3)) counts[octet]++;
  // 255 degrees of freedom: above 331 once in a thousand seeds, and this one is fixed.
  assert.ok(counts.reduce((sum, count) => sum + (count - 253.9) ** 2 / 253.9, 0) < 331);
});

test("random octets of a probe, the same on every runtime and in every version", () => {
  assert.deepEqual([...filled("random", 8, 1)], [57, 52, 184, 86, 252, 10, 221, 70]);
});
