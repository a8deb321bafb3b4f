/** The table of sessions against a map that remembers the same: numbers, who goes, and how many there are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PEER_SIZE, PEER_WORDS } from "../../../core/batch.ts";
import { PeerHash } from "../../../core/session/peer_hash.ts";
import { MOST_SESSIONS, SessionTable } from "../../../core/session/session_table.ts";
import { Rng } from "../../support/sim.ts";

const NTP = 3_900_000_000;

/** Peer `n`, at word 0. */
function peerOf(n: number): Uint32Array {
  const octets = new Uint8Array(PEER_SIZE);
  octets.set([0xff, 0xff, 10, n >> 16, n >> 8, n], 10);
  octets.set([4, n % 3], 16);
  return new Uint32Array(octets.buffer);
}

/** What a table of any size would do that forgets the longest silent one. */
class Model {
  evicted = 0;
  readonly #sessions = new Map<string, { heard: number; next: number }>();
  readonly #most: number;
  readonly #wait: number;
  constructor(most: number, wait: number) {
    this.#most = most;
    this.#wait = wait;
  }
  number(key: string, now: number): number {
    const known = this.#sessions.get(key);
    this.#sessions.delete(key);
    if (known === undefined && this.#sessions.size >= this.#most) {
      const [[oldest, { heard }]] = this.#sessions;
      this.#sessions.delete(oldest);
      if (now - heard <= this.#wait) this.evicted++;
    }
    const next = known === undefined || now - known.heard > this.#wait ? 0 : known.next;
    this.#sessions.set(key, { heard: now, next: next + 1 });
    return next;
  }
  active(now: number): number {
    return [...this.#sessions.values()].filter(({ heard }) => now - heard <= this.#wait).length;
  }
}

for (const sessions of [1, 2, 3, 64, 1000]) {
  test(`${sessions} rows: numbers, evictions and sessions are the model's, whoever comes`, () => {
    const rng = new Rng(sessions);
    const wait = 400;
    const table = new SessionTable({ sessions, wait, seed: sessions });
    const model = new Model(sessions, wait);
    assert.equal(table.capacity, sessions);
    for (let now = 0, round = 0; round < 30_000; round++) {
      now += rng.next() < 0.001 ? wait : rng.next() < 0.3 ? 1 : 0;
      // Few of many: most come again.
      const n = Math.floor(rng.next() ** 3 * 3 * sessions);
      const ssid = n % 2;
      table.now = now;
      const number = table.number(peerOf(n), 0, ssid, round, NTP + round, 0);
      assert.equal(number, model.number(`${n} ${ssid}`, now), `round ${round}`);
      assert.equal(table.sent(table.row), number + 1);
      if (round % 1000 === 0) assert.equal(table.active(now), model.active(now));
    }
    assert.equal(table.evicted, model.evicted);
  });
}

test("a table of N holds N that speak, and one more costs the longest silent of all", () => {
  for (const sessions of [100, 8192]) {
    const table = new SessionTable({ sessions, wait: Infinity, seed: 7 });
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < sessions; n++) {
        table.now = round * 1e9 + n;
        assert.equal(table.number(peerOf(n), 0, 0, round, NTP + round, 0), round);
      }
    }
    assert.deepEqual([table.active(3e9), table.evicted], [sessions, 0]);
    table.number(peerOf(sessions), 0, 0, 0, NTP, 0);
    assert.deepEqual([table.active(3e9), table.evicted], [sessions, 1]);
    assert.equal(table.number(peerOf(1), 0, 0, 3, NTP + 3, 0), 3, "the second is there");
    assert.equal(table.number(peerOf(0), 0, 0, 3, NTP + 3, 0), 0, "the first had to go");
  }
  for (const sessions of [0, -1, NaN, MOST_SESSIONS + 1]) {
    assert.throws(() => new SessionTable({ sessions, wait: 1, seed: 1 }), RangeError);
  }
});

test("rows are taken again once silent, so that memory is touched for no more than have spoken at a time", () => {
  const table = new SessionTable({ sessions: 1000, wait: 10, seed: 1 });
  for (let n = 0; n < 5000; n++) {
    table.now = n;
    table.number(peerOf(n), 0, 0, 0, NTP, 0);
    assert.ok(table.row <= 12, `row ${table.row}`);
  }
  assert.equal(table.evicted, 0);
});

test("keys that differ in two words, or in any one bit, share a chain no oftener than chance has it", () => {
  const bits = 10;
  let same = 0;
  let pairs = 0;
  for (let seed = 0; seed < 400; seed++) {
    const hash = new PeerHash(seed);
    const chain = (words: Uint32Array) => hash.of(words, 0, 0) >>> (32 - bits);
    const base = peerOf(seed * 31);
    const first = chain(base);
    for (let word = 0; word < PEER_WORDS - 1; word++) {
      for (let bit = 0; bit < (word === PEER_WORDS - 2 ? 16 : 32); bit++) {
        const other = base.slice();
        other[word] ^= 2 ** bit;
        if (chain(other) === first) same++;
        // The pair that a multiplication by an odd number cancels under every seed, and others like it.
        other[(word + 1) % 4] ^= 0x80010000;
        if (chain(other) === first) same++;
        pairs += 2;
      }
    }
  }
  const expected = pairs / 2 ** bits;
  assert.ok(same < 2 * expected, `${same} of ${pairs}, expected ${expected}`);
});
