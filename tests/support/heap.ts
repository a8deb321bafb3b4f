/** Octets of garbage that a piece of code makes, measured on both runtimes. */

interface Runtimes {
  Deno?: { memoryUsage(): { heapUsed: number } };
  Bun?: { gc(full: boolean): void };
}
const { Deno, Bun } = globalThis as Runtimes;

/**
 * Memory in use, dead objects and all. V8 counts them itself. JavaScriptCore counts only what survived its last
 * collection; what it took from the system shows the rest, as long as no collection gives it back.
 */
const inUse: () => number = Deno === undefined ? await bunMemory() : () => Deno.memoryUsage().heapUsed;

async function bunMemory(): Promise<() => number> {
  const { memoryUsage } = await import("bun:jsc" as string);
  return () => memoryUsage().current;
}

/**
 * Memory that `rounds` calls of `work` take, in octets a round: the least of `tries`, because the runtime's own work
 * (compiling, collecting) lands in some of them, and code that a busy machine has not compiled yet makes garbage. So
 * little as `enough` octets a round needs no further one.
 */
export function growthPerRound(
  work: (round: number) => void,
  rounds: number,
  enough = 0,
  tries = enough > 0 ? 60 : 20,
): number {
  for (let round = 0; round < rounds; round++) work(round);
  let least = Infinity;
  for (let attempt = 0; attempt < tries && least > enough * rounds; attempt++) {
    Bun?.gc(true);
    const before = inUse();
    for (let round = 0; round < rounds; round++) work(round);
    least = Math.min(least, Math.abs(inUse() - before));
  }
  return least / rounds;
}

/** The same for work that waits now and then. */
export async function growthPerAsyncRound(
  work: (round: number) => undefined | Promise<unknown>,
  rounds: number,
  enough = 0,
  tries = enough > 0 ? 30 : 10,
): Promise<number> {
  const all = async () => {
    for (let round = 0; round < rounds; round++) {
      const waiting = work(round);
      if (waiting !== undefined) await waiting;
    }
  };
  await all();
  let least = Infinity;
  for (let attempt = 0; attempt < tries && least > enough * rounds; attempt++) {
    Bun?.gc(true);
    const before = inUse();
    await all();
    least = Math.min(least, Math.abs(inUse() - before));
  }
  return least / rounds;
}
