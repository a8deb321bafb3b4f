/**
 * One run in virtual time on the runtime it is started under; prints JSON. The argument is the number of probes.
 *
 * @module
 */
import process from "node:process";
import { windowFor } from "../../core/session/window.ts";
import { createStats } from "../../core/stats/stats.ts";
import { finish, reflector } from "../../tests/support/run.ts";
import { everyMs, Link, Rng, senderOptions, simulate } from "../../tests/support/sim.ts";

interface Runtimes {
  Bun?: { gc(full: boolean): void };
  gc?(): void;
}
const { Bun, gc } = globalThis as Runtimes;

const TIMEOUT_NS = 1e9;
const GAP_MS = 0.1;

/** What is left after a collection: growth in it would be a leak. */
function live(): number {
  Bun?.gc(true);
  gc?.();
  return process.memoryUsage().heapUsed;
}

const count = Number(process.argv[2]);
const rng = new Rng(1);
const link = () => new Link(() => rng.next() < 0.005 ? [] : [2e6 + Math.floor(rng.next() * 1e6)]);
const stats = createStats({ reflectorCounts: true });
let records = 0;
let atTenth = 0;
const from = performance.now();
const { session, now } = simulate({
  sender: senderOptions({
    count,
    schedule: everyMs(GAP_MS),
    timeout: TIMEOUT_NS,
    window: windowFor(TIMEOUT_NS, GAP_MS * 1e6),
  }),
  reflector: reflector(),
  out: link(),
  back: link(),
  residence: 20_000,
  onRecord(record) {
    stats.record(record);
    if (++records === count / 10) atTenth = live();
  },
});
const seconds = (performance.now() - from) / 1000;
const grown = live() - atTenth;
const { lost, sent } = finish(session, stats);
console.log(JSON.stringify({ perSecond: count / seconds, grown, virtual: now / 1e9, lost, sent }));
