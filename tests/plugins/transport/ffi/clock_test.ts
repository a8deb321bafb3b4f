/** A clock made of two of the system's, which the test turns, and FILETIME. */
import { test } from "node:test";
import assert from "node:assert/strict";
import type { Mono } from "../../../../core/time/clock.ts";
import { type Agreement, SteppedClock } from "../../../../plugins/transport/ffi/clock.ts";
import type { Synchronisation } from "../../../../plugins/transport/ffi/timex.ts";
import { fileTimeToWall } from "../../../../plugins/transport/ffi/windows_time.ts";
import { errorNanos } from "../../../../core/wire/error_estimate.ts";

/** Each reading takes 100 ns. */
class TurnedClock extends SteppedClock {
  ns = 1e9;
  offset = 790e9;
  asked = 0;
  constructor(agreement: Agreement) {
    super(agreement);
    this.begin();
  }
  wall(out: Uint32Array, at: number): void {
    const ns = (this.ns += 100) + this.offset;
    out[at] = Math.floor(ns / 1e9);
    out[at + 1] = ns % 1e9;
  }
  protected read(): Mono {
    return this.ns += 100;
  }
  protected ask(): Synchronisation {
    this.asked++;
    return { synchronized: true, maxErrorNs: 1e6, estErrorNs: 1e3 };
  }
}

function run(clock: TurnedClock, looks: number, slew = 0): void {
  for (let i = 0; i < looks; i++) {
    clock.ns += 200_000;
    clock.offset += slew * 200_000;
    clock.mono();
  }
}

test("a step either way is counted once, with its size, and the system is asked anew", () => {
  for (const by of [5000, -5000, 3e9, -3e9]) {
    const clock = new TurnedClock({ skewNs: 1000, drift: 0, stepNs: 0 });
    run(clock, 20);
    assert.equal(clock.steps, 0);
    clock.offset += by;
    run(clock, 20);
    assert.equal(clock.steps, 1);
    assert.ok(Math.abs(clock.lastStep!.by - by) < 2500, `${clock.lastStep!.by} for ${by}`);
    assert.equal(clock.asked, 2);
  }
});

test("a clock that is steered is none that was set, where the other is not", () => {
  const clock = new TurnedClock({ skewNs: 5000, drift: 1e-3, stepNs: 1e6 });
  run(clock, 5000, 500e-6);
  run(clock, 5000, -500e-6);
  run(clock, 2000, 0.01); // faster than it was said to be
  assert.equal(clock.steps, 0);
  clock.offset += 3e6;
  run(clock, 10);
  assert.equal(clock.steps, 1);
});

test("what the system says of its error goes into the Error Estimate", () => {
  const { errorEstimate } = new TurnedClock({ skewNs: 1000, drift: 0, stepNs: 0 });
  assert.equal(errorEstimate & 0x8000, 0x8000);
  assert.ok(errorNanos(errorEstimate) >= 1e6 && errorNanos(errorEstimate) < 1.02e6);
});

test("FILETIME to the unit", () => {
  const out = new Uint32Array(3);
  for (const unixNs of [0n, 1_790_000_000_123_456_700n, 1_790_000_000_999_999_900n, 4_294_967_295_000_000_100n]) {
    const units = unixNs / 100n + 116_444_736_000_000_000n;
    fileTimeToWall(Number(units & 0xffffffffn), Number(units >> 32n), out, 1);
    assert.equal(BigInt(out[1]) * 1_000_000_000n + BigInt(out[2]), unixNs);
  }
});
