/** The hash table of peers against a Map. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MANY, NONE, PeerIndex } from "../../../core/session/peer_index.ts";
import { Rng } from "../../support/sim.ts";

const PEERS = 40;

/** Few peers that differ in one word or in the port alone, so that cells collide. */
function peers(): Uint32Array {
  const words = new Uint32Array(6 * PEERS);
  for (let i = 0; i < PEERS; i++) {
    words[6 * i + i % 4] = 1 + (i >> 3);
    words[6 * i + 4] = i % 3 | 0x50000; // with two octets of scope, which do not count
  }
  return words;
}

test("rows are found after any adding and removing, whatever cells they share", () => {
  for (const withPort of [true, false]) {
    const rng = new Rng(withPort ? 3 : 4);
    const words = peers();
    const index = new PeerIndex(PEERS, 99);
    const known = new Map<string, number[]>();
    const keyOf = (i: number) => [...words.slice(6 * i, 6 * i + 4), withPort ? words[6 * i + 4] & 0xffff : 0].join();
    for (let step = 0; step < 20_000; step++) {
      const i = Math.floor(rng.next() * PEERS);
      const key = keyOf(i);
      const rows = known.get(key) ?? [];
      known.set(key, rows);
      if (rows.length > 0 && rng.next() < 0.5) {
        const [row] = rows.splice(Math.floor(rng.next() * rows.length), 1);
        index.remove(words, 6 * i, withPort, row);
      } else if (rows.length < 4) {
        const row = step & 0x3fff;
        if (rows.includes(row)) continue;
        rows.push(row);
        index.add(words, 6 * i, withPort, row);
      }
      const other = Math.floor(rng.next() * PEERS);
      const expected = known.get(keyOf(other)) ?? [];
      assert.equal(
        index.find(words, 6 * other, withPort),
        expected.length === 1 ? expected[0] : expected.length === 0 ? NONE : MANY,
      );
    }
  }
});

test("what is not there cannot be removed", () => {
  assert.throws(() => new PeerIndex(8, 1).remove(peers(), 0, true, 0), /in no session/);
});
