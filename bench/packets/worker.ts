/**
 * Measures all cases on the runtime it is started under; prints JSON. `time ROUNDS MS` is all cases, `garbage CASE` is one: what
 * the others taught the compiler decides where it puts a number, and a real process does one thing.
 *
 * @module
 */
import process from "node:process";
import { median } from "../support/numbers.ts";
import { PACKETS } from "./case.ts";
import { createCases } from "./cases.ts";
import { garbagePerPacket } from "./heap.ts";
import { BLIND, Stopwatch } from "./stopwatch.ts";

/** Passes before anything counts: both compilers are done with a case after far fewer. */
const WARM_PASSES = 400;

/**
 * Nanoseconds a packet by case and round. The cases take turns, so that a busy moment hits all of them; and of a round
 * the median pass counts, because another process that takes the processor away lengthens a few passes by much. That
 * leaves out collections too, which is to the advantage of the naive code.
 */
function time(rounds: number, ms: number): number[][] {
  const cases = createCases();
  const watch = new Stopwatch();
  for (const one of cases) for (let i = 0; i < WARM_PASSES; i++) one.pass(watch);
  const results: number[][] = cases.map(() => []);
  for (let round = 0; round < rounds; round++) {
    cases.forEach((one, index) => {
      const passes: number[] = [];
      watch.take();
      for (const end = performance.now() + ms; performance.now() < end;) {
        one.pass(watch);
        passes.push(watch.take() / PACKETS);
      }
      results[index].push(median(passes));
    });
  }
  return results;
}

function garbage(index: number): Promise<number> {
  const one = createCases()[index];
  return garbagePerPacket(() => one.pass(BLIND), PACKETS);
}

const [what, first, second] = process.argv.slice(2);
const result = what === "time" ? time(Number(first), Number(second)) : await garbage(Number(first));
console.log(JSON.stringify(result));
