/** The clocks' offset and drift against the truth: bounds that hold in every run, and estimates that are near. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { type ClockEstimate, ClockModel } from "../../../core/stats/clock_model.ts";
import type { Nanos } from "../../../core/time/clock.ts";
import { exchange, referenceOf, type TwoClocks } from "../../support/clocks.ts";
import { growthPerRound } from "../../support/heap.ts";

const BITS = 10;
/** 10 s ahead, and 50 ppm fast. */
const FAST = (t: Nanos) => 10e9 + 50e-6 * t;
const EVEN = () => [5e6, 5e6] as const;
/** A nanosecond of rounding, and what a double of UNIX milliseconds cannot hold, at 50 ppm. */
const ROUNDING = 2;

interface Seen {
  readonly model: ClockModel;
  readonly clock: ClockEstimate;
  /** Estimate less truth. */
  readonly offset: Nanos;
  readonly drift: number;
  readonly truth: { readonly forward: number[]; readonly backward: number[] };
}

function seen(run: TwoClocks): Seen {
  const model = new ClockModel();
  const truth = { forward: [] as number[], backward: [] as number[] };
  exchange(run, (answer) => {
    model.record(answer.stamps, answer.rtt, answer.forward, answer.backward, answer.residence);
    truth.forward.push(answer.trueForward);
    truth.backward.push(answer.trueBackward);
  });
  const clock = model.estimate()!;
  const at = referenceOf(run, clock);
  const offset = clock.offsetNs - (run.remote(at) - (run.local?.(at) ?? 0));
  const rate = (run.remote(at + 1e6) - run.remote(at - 1e6)) / 2;
  return { model, clock, offset, drift: clock.driftPpm === null ? NaN : clock.driftPpm - rate, truth };
}

/** The bounds hold. */
function assertBounds({ clock, offset, drift }: Seen, what: string): void {
  assert.ok(Math.abs(offset) <= clock.boundNs + ROUNDING, `${what}: off by ${offset}, bound ${clock.boundNs}`);
  if (clock.driftBoundPpm === null) return;
  const message = `${what}: drift off by ${drift} ppm, bound ${clock.driftBoundPpm}`;
  assert.ok(Math.abs(drift) <= clock.driftBoundPpm + 1e-3, message);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => Math.abs(a) - Math.abs(b))[values.length >> 1];
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));

const PATHS: Readonly<Record<string, readonly [Nanos, Nanos]>> = {
  "equal ways": [5e6, 5e6],
  "2 and 8 ms": [2e6, 8e6],
  "all of it on the way back": [0, 10e6],
  "a cable": [20e3, 20e3],
};

for (const [name, base] of Object.entries(PATHS)) {
  for (const [probes, seeds] of [[3, 100], [10, 100], [100, 60], [1000, 20], [10_000, 4]]) {
    test(`${name}, ${probes} probes: the truth is within the bounds whatever the seed`, (t) => {
      const queues = base[0] === base[1] && base[0] < 1e6 ? [30e3, 5e3] as const : undefined;
      const offsets: number[] = [];
      for (let seed = 1; seed <= seeds; seed++) {
        const one = seen({ seed, probes, base: () => base, queues, remote: FAST });
        assertBounds(one, `seed ${seed}`);
        assert.equal(one.clock.steps, 0);
        // Of what is not symmetric half is in the offset, and nothing can tell.
        offsets.push(one.offset - (base[0] - base[1]) / 2);
      }
      t.diagnostic(`symmetric part of the offset off by ${(median(offsets) / 1e3).toFixed(2)} us (median)`);
    });
  }
}

test("offset and drift are near the truth long before the bounds are", () => {
  for (const [probes, offset, drift] of [[100, 20e3, 3], [1000, 3e3, 0.05], [10_000, 0.5e3, 0.001]]) {
    const runs = Array.from({ length: 15 }, (_, i) => seen({ seed: 100 + i, probes, base: EVEN, remote: FAST }));
    assert.ok(Math.abs(median(runs.map((run) => run.offset))) < offset, `${probes}: offset`);
    assert.ok(Math.abs(median(runs.map((run) => run.drift))) < drift, `${probes}: drift`);
    const likely = runs.filter(({ drift, clock }) => Math.abs(drift) <= clock.driftErrorPpm!);
    assert.ok(likely.length >= 13, `${probes}: the likely error holds in ${likely.length} of 15`);
  }
});

test("a million probes are no other matter than a thousand", () => {
  const one = seen({ seed: 7, probes: 1e6, base: EVEN, remote: FAST });
  assertBounds(one, "a day");
  assert.ok(Math.abs(one.offset) < 1e3 && Math.abs(one.drift) < 1e-3);
  const { forward, backward } = one.model.corrected(BITS, "rfc1889")!;
  assert.equal(forward.count, one.truth.forward.length);
  for (const [got, truth] of [[forward, one.truth.forward], [backward, one.truth.backward]] as const) {
    assert.ok(Math.abs(got.mean! - mean(truth)) < 1e3, `mean ${got.mean} of ${mean(truth)}`);
    assert.ok(Math.abs(got.min! - least(truth)) < 1e3);
    const sorted = truth.toSorted((a, b) => a - b);
    assert.ok(Math.abs(got.max! - sorted.at(-1)!) < 2e3);
    for (const [value, share, error] of [[got.p50, 0.5, 0.03], [got.p99, 0.99, 0.1]] as const) {
      const exact = sorted[Math.ceil(share * sorted.length) - 1];
      assert.ok(Math.abs(value! - exact) < error * exact, `p${share * 100}: ${value} of ${exact}`);
    }
  }
});

test("a probe leaves nothing behind", () => {
  const model = new ClockModel();
  const stamps = new Uint32Array(8);
  let seq = 0;
  const growth = growthPerRound(() => {
    stamps[2] = 1_790_000_000 + Math.floor(++seq / 1000);
    stamps[3] = seq % 1000 * 1e6;
    model.record(stamps, 2e6, 1e6 + seq % 7, 1e6 - seq % 7, 5000);
  }, 100_000);
  assert.ok(growth < 0.5, `${growth} octets a probe`);
});

test("a far end whose clock is set within the run: the offset since, delays of all of it", () => {
  for (const by of [50e6, -50e6, 3600e9]) {
    const remote = (t: Nanos) => FAST(t) + (t > 50e9 ? by : 0);
    const one = seen({ seed: 3, probes: 1000, base: EVEN, remote });
    assert.equal(one.clock.steps, 1);
    assertBounds(one, `${by}`);
    assert.ok(Math.abs(one.offset) < 50e3 && Math.abs(one.drift) < 2);
    const { forward } = one.model.corrected(BITS, "rfc1889")!;
    assert.equal(forward.count, one.truth.forward.length);
    assert.ok(Math.abs(forward.mean! - mean(one.truth.forward)) < 50e3);
    const p90 = one.truth.forward.toSorted((a, b) => a - b)[Math.ceil(0.9 * forward.count) - 1];
    assert.ok(Math.abs(forward.p90! - p90) < 0.02 * p90, `${forward.p90} of ${p90}`);
  }
});

test("this host's clock, set by less than a round trip, must be told of; a probe under way then is left out", () => {
  const model = new ClockModel();
  const local = (t: Nanos) => t > 50.05e9 ? 4e6 : 0;
  let told = false;
  let answers = 0;
  exchange({ seed: 4, probes: 1000, base: () => [60e6, 60e6], remote: FAST, local }, (answer) => {
    const isAfter = answer.seq * 100e6 + answer.trueForward + answer.trueBackward > 50.05e9;
    if (isAfter && !told) model.handleStep();
    told ||= isAfter;
    answers++;
    model.record(answer.stamps, answer.rtt, answer.forward, answer.backward, answer.residence);
  });
  const clock = model.estimate()!;
  assert.deepEqual([clock.steps, model.count], [1, answers - 1]);
  const truth = FAST((clock.referenceAt - 1_790_000_000e3) * 1e6) - 4e6;
  assert.ok(Math.abs(clock.offsetNs - truth) < 100e3, `${clock.offsetNs - truth}`);
});

test("a drift that changes slowly is followed", () => {
  for (const [probes, error] of [[1000, 10e3], [6000, 10e3], [36_000, 30e3]]) {
    for (const sign of [1, -1]) {
      // 0.1 ppm a minute.
      const remote = (t: Nanos) => FAST(t) + sign * 0.1e-6 / 60e9 / 2 * t * t;
      const one = seen({ seed: 5, probes, base: EVEN, remote });
      assertBounds(one, `${probes}`);
      assert.equal(one.clock.steps, 0);
      assert.ok(Math.abs(one.offset) < error, `${probes}: offset off by ${one.offset}`);
      assert.ok(Math.abs(one.drift) < 0.5, `${probes}: drift off by ${one.drift}`);
      const { forward } = one.model.corrected(BITS, "rfc1889")!;
      assert.ok(Math.abs(forward.mean! - mean(one.truth.forward)) < error);
    }
  }
});

test("the bound of a clock that bends holds where all of the path is on one way", () => {
  for (const sign of [1, -1]) {
    for (const base of [[0, 10e6], [10e6, 0]] as const) {
      const remote = (t: Nanos) => FAST(t) + sign * 0.1e-6 / 60e9 / 2 * t * t;
      assertBounds(seen({ seed: 10, probes: 12_000, base: () => base, queues: [1e3, 1e3], remote }), `${sign} ${base}`);
    }
  }
});

test("corrected jitter is the path's: of no queues there is none, however the clocks drift", () => {
  const { model } = seen({ seed: 1, probes: 5000, base: EVEN, queues: [0, 0], remote: (t) => 300e-6 * t });
  assert.ok(model.corrected(BITS, "rfc1889")!.forward.jitter! < 10);
  assert.ok(model.corrected(BITS, "rfc3393")!.forward.jitter! < 10);
});

test("a far end that takes its time: replies are corrected by what its clock had gained until they left", () => {
  const run = {
    seed: 7,
    probes: 400,
    base: EVEN,
    queues: [0, 0] as const,
    residence: 300e6, // in which the clock gains 15 us
    remote: FAST,
  };
  const { model } = seen(run);
  const { forward, backward } = model.corrected(BITS, "rfc1889")!;
  for (const { min, mean, max, p50, p99 } of [forward, backward]) {
    assert.ok(min! <= mean! && mean! <= max!, `mean ${mean} of ${min} to ${max}`);
    for (const value of [min!, mean!, max!]) assert.ok(Math.abs(value - 5e6) <= 5, `${value}`);
    for (const value of [p50!, p99!]) assert.ok(value >= min! && value <= max!);
  }
});

test("least and greatest of a short run are those of all its probes, whatever drift was guessed under way", () => {
  const run = {
    seed: 3,
    probes: 9,
    interval: 100e3,
    base: EVEN,
    queues: [0, 0] as const,
    loss: 0,
    residence: 600e6,
    remote: FAST,
  };
  const { model, clock } = seen(run);
  assert.equal(clock.driftPpm, null);
  for (const { min, max, mean } of Object.values(model.corrected(BITS, "rfc1889")!)) {
    assert.ok(min! <= mean! && mean! <= max!, `mean ${mean} of ${min} to ${max}`);
  }
});

test("a longer route on one way is the path's doing, and no clock's", () => {
  const one = seen({ seed: 6, probes: 6000, base: (t) => [t > 300e9 ? 9e6 : 5e6, 5e6], remote: FAST });
  assert.ok(Math.abs(one.offset) < 5e3 && Math.abs(one.drift) < 0.1);
  const { forward } = one.model.corrected(BITS, "rfc1889")!;
  assert.ok(Math.abs(forward.mean! - mean(one.truth.forward)) < 5e3);
});

test("clocks that are decades apart, and one that is 800 ppm off", () => {
  const apart = seen({ seed: 8, probes: 1000, base: EVEN, remote: (t) => -1.79e18 + 50e-6 * t });
  // A double of so many nanoseconds has steps of 256.
  assert.ok(Math.abs(apart.offset) < 20e3 && Math.abs(apart.clock.driftPpm! - 50) < 0.5 && apart.clock.steps === 0);
  const off = seen({ seed: 8, probes: 1000, base: () => [50e3, 50e3], queues: [30e3, 5e3], remote: (t) => -8e-4 * t });
  assertBounds(off, "800 ppm");
  assert.ok(Math.abs(off.drift) < 0.1 && off.clock.steps === 0);
});

test("one probe bounds the offset; no drift of fewer than ten, and no correction of fewer than three", () => {
  for (const probes of [1, 2, 3, 9]) {
    const one = seen({ seed: 9, probes, loss: 0, base: EVEN, remote: FAST });
    assertBounds(one, `${probes}`);
    assert.deepEqual([one.clock.method, one.clock.driftPpm, one.clock.driftBoundPpm], ["minimum", null, null]);
    assert.equal(one.model.corrected(BITS, "rfc1889") !== null, probes >= 3);
  }
  assert.equal(new ClockModel().estimate(), null);
});

test("stamps that make no sense end in some estimate, in bounded time", () => {
  const stamps = new Uint32Array(8);
  let state = 1;
  const random = () => (state = Math.imul(state, 1664525) + 1013904223 >>> 0);
  for (const shift of [0, 8, 20, 31]) {
    const model = new ClockModel();
    for (let i = 0; i < 3000; i++) {
      stamps[2] = random() >>> shift;
      stamps[3] = random() % 1e9;
      const forward = (random() - 2 ** 31) * (random() % 3 === 0 ? 1e9 : 1);
      const backward = (random() >>> shift) - forward;
      model.record(stamps, forward + backward, forward, backward, random() % 7 === 0 ? NaN : random());
    }
    const clock = model.estimate()!;
    assert.ok(Number.isFinite(clock.offsetNs) && clock.boundNs >= 0 && Number.isFinite(clock.referenceAt));
    assert.ok(model.corrected(BITS, "rfc3393") !== undefined);
  }
});
