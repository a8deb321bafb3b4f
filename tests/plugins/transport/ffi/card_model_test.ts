/** The line between two clocks, in virtual time: what a card's stamp becomes, and what its drift costs. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createRandom } from "../../../../core/random.ts";
import { CardModel } from "../../../../plugins/transport/ffi/linux/card_model.ts";

const SEED = new Uint8Array(16).fill(7);
const noise = createRandom(SEED, "card");

/** A card that runs `ppm` fast, `ahead` of the system, read with an error of up to `error` each way. */
class Pair {
  readonly model = new CardModel();
  ppm: number;
  ahead: number;
  readonly error: number;
  /** Where the rate was changed last: system and card time. */
  #since = [0, 0];

  constructor(ppm: number, ahead = 37e9, error = 300) {
    this.ppm = ppm;
    this.ahead = ahead;
    this.error = error;
  }

  card(system: number): number {
    return this.#since[1] + (system - this.#since[0]) * (1 + this.ppm / 1e6) + this.ahead;
  }

  steer(at: number, ppm: number): void {
    this.#since = [at, this.card(at) - this.ahead];
    this.ppm = ppm;
  }

  read(system: number): void {
    this.model.read(this.card(system), system + (2 * noise.nextFloat() - 1) * this.error, 2 * this.error);
  }

  /** A stamp taken at `system` is read `later`: how wrong it becomes. */
  errorAt(system: number, later = 50_000): number {
    const card = this.card(system);
    if (card >= this.model.due) this.read(system + later);
    return this.model.toSystem(card) - system;
  }
}

for (const ppm of [0, 100, -100]) {
  for (const gap of [1e3, 1e6, 100e6, 3e9]) {
    test(`a card that drifts by ${ppm} ppm costs under a microsecond, stamps each ${gap} ns`, () => {
      const pair = new Pair(ppm);
      pair.read(0);
      let worst = 0;
      const end = Math.min(1e5 * gap, 300e9);
      for (let at = gap; at < end; at += gap) worst = Math.max(worst, Math.abs(pair.errorAt(at)));
      assert.ok(worst < 1000, `${worst} ns`);
      assert.equal(pair.model.jumps, 0);
    });
  }
}

test("round trips stay exact, across every bend of the line", () => {
  const pair = new Pair(100);
  pair.read(0);
  for (let at = 1e6; at < 200e6; at += 1e6) pair.errorAt(at); // the rate is known after that
  let worst = 0;
  for (let at = 200e6; at < 60e9; at += 777_777) {
    const t1 = pair.errorAt(at);
    const t4 = pair.errorAt(at + 500_000);
    worst = Math.max(worst, Math.abs(t4 - t1));
  }
  assert.ok(worst <= 10, `a round trip of 500 us is off by ${worst} ns`);
});

test("a rate that is changed under way is followed within some seconds, and is no jump", () => {
  const pair = new Pair(10);
  pair.read(0);
  for (let at = 10e6; at < 20e9; at += 10e6) pair.errorAt(at);
  pair.steer(20e9, 40);
  let during = 0;
  let after = 0;
  for (let at = 20e9; at < 60e9; at += 10e6) {
    const error = Math.abs(pair.errorAt(at));
    if (at < 24e9) during = Math.max(during, error);
    else after = Math.max(after, error);
  }
  assert.ok(during < 40_000, `${during} ns: 30 ppm until it is seen`);
  assert.ok(after < 1000, `${after} ns`);
  assert.equal(pair.model.jumps, 0);
});

test("a card that is set is followed at the next reading, and counted", () => {
  const pair = new Pair(50);
  pair.read(0);
  for (let at = 10e6; at < 5e9; at += 10e6) pair.errorAt(at);
  for (const by of [2e6, -37e9]) {
    const before = pair.model.jumps;
    pair.ahead += by;
    pair.model.due = -Infinity;
    for (let at = 5e9; at < 9e9; at += 10e6) assert.ok(Math.abs(pair.errorAt(at)) < 1000, `${by} at ${at}`);
    assert.equal(pair.model.jumps, before + 1);
  }
});

test("after an hour without stamps the first one is right, and nothing was set", () => {
  const pair = new Pair(80);
  pair.read(0);
  for (let at = 10e6; at < 5e9; at += 10e6) pair.errorAt(at);
  const hour = 3600e9;
  for (let at = hour; at < hour + 5e9; at += 10e6) assert.ok(Math.abs(pair.errorAt(at)) < 1000);
  assert.equal(pair.model.jumps, 0);
});

test("the system's clock set: what was before is void, without counting as the card's", () => {
  const pair = new Pair(30);
  pair.read(0);
  for (let at = 10e6; at < 5e9; at += 10e6) pair.errorAt(at);
  pair.ahead -= 1e9; // the system a second on is the card a second back
  pair.model.restart();
  for (let at = 5e9; at < 9e9; at += 10e6) assert.ok(Math.abs(pair.errorAt(at)) < 1000);
  assert.equal(pair.model.jumps, 0);
});
