/** Octets of garbage that a piece of code makes, measured the same way on both runtimes. */

interface Runtimes {
  Deno?: { memoryUsage(): { heapUsed: number } };
  Bun?: { gc(full: boolean): void };
}
const { Deno, Bun } = globalThis as Runtimes;

/** Live and dead octets on the heap. */
function heapUsed(): number {
  Bun?.gc(true);
  return Deno === undefined ? process.memoryUsage().heapUsed : Deno.memoryUsage().heapUsed;
}

/**
 * Heap growth of `rounds` calls of `work`, in octets a round: the least of `tries`, because the runtime's own work
 * (compiling, collecting) lands in some of them. On Deno garbage shows in it as long as no collection falls into the
 * run; on Bun what stays after a collection does.
 */
export function growthPerRound(work: (round: number) => void, rounds: number, tries = 7): number {
  for (let round = 0; round < rounds; round++) work(round);
  let least = Infinity;
  for (let attempt = 0; attempt < tries; attempt++) {
    const before = heapUsed();
    for (let round = 0; round < rounds; round++) work(round);
    least = Math.min(least, Math.abs(heapUsed() - before));
  }
  return least / rounds;
}
