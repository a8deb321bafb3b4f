/** UTC made of a millisecond clock and a monotonic one, against a clock that the test turns. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { HostClock } from "../../../plugins/transport/host_clock.ts";
import { errorNanos } from "../../../core/wire/error_estimate.ts";

/** True time, read as a runtime reads it: each reading takes 100 ns. */
class Source {
  ns = 0;
  /** UTC minus monotonic time. */
  offsetNs = 1_790_000_000e3 * 1e3 % 1e9 + 123_456;
  readonly baseMs = 1_790_000_000_000;
  monoMs(): number {
    return (this.ns += 100) / 1e6;
  }
  utcMs(): number {
    this.ns += 100;
    return this.baseMs + Math.floor((this.ns + this.offsetNs) / 1e6);
  }
  /** UTC in nanoseconds since `baseMs`. */
  get truth(): number {
    return this.ns + this.offsetNs;
  }
}

function read(clock: HostClock, source: Source): number {
  const words = new Uint32Array(2);
  clock.wall(words, 0);
  return (words[0] * 1000 - source.baseMs) * 1e6 + words[1];
}

test("it agrees with UTC to well under a microsecond from the start", () => {
  const source = new Source();
  const clock = new HostClock(source);
  for (let i = 0; i < 1000; i++) {
    source.ns += 77_777;
    assert.ok(Math.abs(read(clock, source) - source.truth) < 1000);
  }
  assert.equal(clock.steps, 0);
});

test("its Error Estimate is unsynchronised, not 0, and no better than the truth", () => {
  const source = new Source();
  const clock = new HostClock(source);
  assert.equal(clock.errorEstimate & 0x8000, 0);
  assert.ok((clock.errorEstimate & 0xff) > 0);
  assert.ok(errorNanos(clock.errorEstimate) >= Math.abs(read(clock, source) - source.truth) - 300);
});

test("it follows a clock that is slewed, and does not call that a step", () => {
  const source = new Source();
  const clock = new HostClock(source);
  for (let i = 0; i < 20_000; i++) {
    source.ns += 100_000;
    source.offsetNs += 50; // 500 ppm, the most that NTP slews
    assert.ok(Math.abs(read(clock, source) - source.truth) < 1_100_000);
  }
  assert.equal(clock.steps, 0);
});

test("it follows a clock that was set, either way, and counts the step", () => {
  for (const step of [3e9, -3e9]) {
    const source = new Source();
    const clock = new HostClock(source);
    source.offsetNs += step;
    for (let i = 0; i < 50; i++) {
      source.ns += 100_000;
      read(clock, source);
    }
    assert.equal(clock.steps, 1);
    // Read every 100 us, a tick is seen to within that.
    assert.ok(Math.abs(read(clock, source) - source.truth) < 110_000);
  }
});

test("seconds and nanoseconds are carried right across a second", () => {
  const source = new Source();
  const clock = new HostClock(source);
  const words = new Uint32Array(2);
  for (let i = 0; i < 3000; i++) {
    source.ns += 1_000_003;
    clock.wall(words, 0);
    assert.ok(words[1] < 1e9);
  }
});
