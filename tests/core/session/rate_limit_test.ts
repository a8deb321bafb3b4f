/** Replies a second to one source: how many, to whom, and that sources do not disturb each other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddress, peerOctets } from "../../../core/address.ts";
import { createSharedSources, type RateLimit, Sources } from "../../../core/session/rate_limit.ts";

const limit = (pps: number, ipv4 = 32, ipv6 = 128): RateLimit => ({ pps, ipv4, ipv6 });

function peer(address: string, port = 1000): Uint32Array {
  return new Uint32Array(peerOctets(parseAddress(address)!, port).buffer);
}

function ipv4(n: number): string {
  return `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
}

test("a source has its rate and a burst, whichever port it asks from", () => {
  const sources = new Sources(limit(100), 10, 3);
  let replies = 0;
  for (let ms = 0; ms <= 2000; ms++) {
    for (const port of [1, 2, 3]) if (sources.spend(peer("192.0.2.1", port), 0, ms * 1e6)) replies++;
  }
  assert.ok(Math.abs(replies - 210) <= 1, `${replies}: a burst of 10, and 100 a second`);
  assert.equal(sources.spend(peer("192.0.2.2"), 0, 2e9), true, "another address");
});

test("threads with shared memory keep one rate together", () => {
  const memory = createSharedSources(100);
  const threads = [1, 2, 3].map(() => new Sources(limit(100), 100, 3, memory));
  let replies = 0;
  for (let ms = 0; ms <= 2000; ms++) {
    for (const one of threads) if (one.spend(peer("192.0.2.1"), 0, ms * 1e6)) replies++;
  }
  assert.ok(Math.abs(replies - 210) <= 1, `${replies}`);
});

test("a prefix is one source: as many bits as are given of each family, no more and no less", () => {
  const same = (rate: RateLimit, a: string, b: string) => {
    const sources = new Sources(rate, 10, 1);
    assert.ok(sources.spend(peer(a), 0, 0) && sources.spend(peer(a), 0, 0), "two at once");
    return !sources.spend(peer(b), 0, 0);
  };
  const cases: [RateLimit, string, string, boolean][] = [
    [limit(1), "192.0.2.1", "192.0.2.1", true],
    [limit(1), "192.0.2.1", "192.0.2.0", false],
    [limit(1, 24), "192.0.2.1", "192.0.2.255", true],
    [limit(1, 24), "192.0.2.1", "192.0.3.1", false],
    [limit(1, 25), "192.0.2.1", "192.0.2.128", false],
    [limit(1, 0), "192.0.2.1", "10.1.1.1", true],
    [limit(1, 0, 0), "192.0.2.1", "2001:db8::1", false],
    [limit(1, 24), "2001:db8::1", "2001:db8::2", false],
    [limit(1, 32, 56), "2001:db8:0:1ff::1", "2001:db8:0:100:9::2", true],
    [limit(1, 32, 56), "2001:db8:0:1ff::1", "2001:db8:0:200::1", false],
    [limit(1, 32, 127), "2001:db8::2", "2001:db8::3", true],
    [limit(1, 32, 0), "2001:db8::2", "fe80::1", true],
  ];
  for (const [rate, a, b, expected] of cases) assert.equal(same(rate, a, b), expected, `${JSON.stringify(rate)} ${b}`);
});

test("100,000 sources at their rate, at once: each gets all that it may", () => {
  const count = 100_000;
  const sources = new Sources(limit(10), count, 99);
  let refused = 0;
  for (let round = 0; round < 5; round++) {
    for (let n = 0; n < count; n++) {
      // Each once in 100 ms, one after another.
      if (!sources.spend(peer(ipv4(n)), 0, round * 1e8 + n * (1e8 / count))) refused++;
    }
  }
  assert.equal(refused, 0);
});

test("more sources than there is room for: in all no more replies than the rows may have", () => {
  const sources = new Sources(limit(1), 1, 5);
  const rows = 4096;
  let replies = 0;
  for (let n = 0; n < 20 * rows; n++) if (sources.spend(peer(ipv4(n)), 0, 0)) replies++;
  assert.ok(replies <= 2 * rows, `${replies}`);
  assert.ok(replies > rows, `${replies}`);
});
