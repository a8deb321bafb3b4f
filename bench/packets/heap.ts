/**
 * Octets of garbage, counted before anything is collected: what is left after a collection says nothing of it.
 *
 * @module
 */
import process from "node:process";

interface Runtimes {
  Bun?: { gc(full: boolean): void };
  gc?(): void;
}
const { Bun, gc } = globalThis as Runtimes;

/** What V8 needs: a young generation so large that no collection falls into a measurement. */
export const V8_FLAGS = "--v8-flags=--expose-gc,--min-semi-space-size=64,--max-semi-space-size=64";

/** Enough garbage to be told from the runtime's own; far under the 8 MB at which Bun's collector starts. */
const ENOUGH = 3e6;
const MOST_PACKETS = 1_000_000;
const WARM_PACKETS = 300_000;
const TRIES = 3;

/**
 * Live and dead octets. Bun's `heapUsed` learns of dead ones only when they are swept, but the blocks that its cells are
 * cut from (16 KB each) grow in number as long as nothing is collected.
 */
async function heapReader(): Promise<() => number> {
  if (Bun === undefined) return () => process.memoryUsage().heapUsed;
  const jsc = "bun:jsc";
  const { heapStats } = await import(jsc) as { heapStats(): { heapCapacity: number; extraMemorySize: number } };
  return () => {
    const { heapCapacity, extraMemorySize } = heapStats();
    return heapCapacity + extraMemorySize;
  };
}

/**
 * Octets a packet that `pass` leaves behind, each call of it handling `packets`: the least of a few tries, because the
 * compilers' own work lands in some of them.
 */
export async function garbagePerPacket(pass: () => void, packets: number): Promise<number> {
  const heap = await heapReader();
  const grown = (passes: number) => {
    Bun?.gc(true);
    gc?.();
    const before = heap();
    for (let i = 0; i < passes; i++) pass();
    return Math.max(heap() - before, 0);
  };
  for (let warm = 0; warm < WARM_PACKETS; warm += packets) pass();
  let passes = 8;
  for (; passes * packets < MOST_PACKETS; passes *= 2) if (grown(passes) > ENOUGH / 2) break;
  return Math.min(...Array.from({ length: TRIES }, () => grown(passes))) / (passes * packets);
}
