/**
 * What a packet costs in the machines, without any socket: the reflector's reply, the sender's bookkeeping.
 *
 * @module
 */
import { ask, type Context, RUNTIMES, TITLES } from "../support/context.ts";
import { median, medianRatio, show, spread } from "../support/numbers.ts";
import { printTable } from "../support/table.ts";
import { createCases, SIZES } from "./cases.ts";
import { type Case, SEALED, SLOTS } from "./case.ts";
import { V8_FLAGS } from "./heap.ts";

const WORKER = "packets/worker.ts";
/** Prints one table for both runtimes. */
export function benchPackets(context: Context): void {
  const cases = createCases();
  // Processes of the two runtimes take turns; each has its own luck with the compiler and with memory.
  const turns = context.quick ? 1 : 3;
  const rounds = 8;
  const times = RUNTIMES.map(() => cases.map((): number[] => []));
  for (let turn = 0; turn < turns; turn++) {
    RUNTIMES.forEach((runtime, r) => {
      const part = ask<number[][]>(context, runtime, WORKER, ["time", String(rounds), context.quick ? "4" : "8"]);
      part.forEach((values, index) => times[r][index].push(...values));
    });
  }
  const open = cases.filter((one) => one.work !== SEALED);
  const counted = cases.map((one, index) =>
    !context.quick || one.work === SEALED || index < open.length / SIZES.length
  );
  const garbage = RUNTIMES.map((runtime) =>
    cases.map((_, index) => {
      if (!counted[index]) return NaN;
      return ask<number>(context, runtime, WORKER, ["garbage", String(index)], runtime === "deno" ? [V8_FLAGS] : []);
    })
  );
  const rows = open.map((one, index) => [
    `${one.work === "reflect" ? "reflect" : "send"}  ${one.name}`,
    String(one.octets),
    ...RUNTIMES.flatMap((_, r) => {
      const naive = cases.findLastIndex((other, at) =>
        at <= index && other.work === one.work && other.name.startsWith("naive")
      );
      const ratio = 1 / medianRatio(times[r][index], times[r][naive]);
      const [values, octets] = [times[r][index], garbage[r][index]];
      return [show(median(values)), spread(values), naive === index ? "1" : show(ratio), showGarbage(octets)];
    }),
  ]);
  const notes = [
    `Nanoseconds a packet (median of ${rounds * turns} rounds in ${turns} process${
      turns > 1 ? "es" : ""
    }, ± half the quartiles' distance),`,
    `how many times faster than the naive code of the same size, and octets of garbage a packet. Batches of ${SLOTS};`,
    `reflect = reflect + stampTransmit; send = pollTransmit, stampTransmit, handleDatagrams, pollRecord. No clock is`,
    "read: the parts below say what one costs. Garbage of 1.3 octets or less is a boxed time a batch, not a packet.",
  ];
  const heads = RUNTIMES.flatMap((runtime) => [`${TITLES[runtime]} ns`, "±", "× naive", "garbage"]);
  printTable("A packet in the machines", notes, ["", "octets", ...heads], rows);
  printSealed(cases, times, garbage);
}

/** Sessions that were set up, and what of a packet is spent in ciphers and MACs. */
function printSealed(cases: readonly Case[], times: readonly number[][][], garbage: readonly number[][]): void {
  const rows = cases.flatMap((one, index) => {
    if (one.work !== SEALED) return [];
    const alone = cases.findIndex((other) => other.name === one.crypto);
    const cells = RUNTIMES.flatMap((_, r) => {
      const values = times[r][index];
      const share = alone < 0 ? "-" : `${Math.round(100 * medianRatio(times[r][alone], values))} %`;
      const rate = show(1e9 / median(values));
      return [show(median(values)), spread(values), rate, share, showGarbage(garbage[r][index])];
    });
    return [[one.name, String(one.octets), ...cells]];
  });
  const notes = [
    "Full TWAMP: reflect and stampTransmit of TestSessions; STAMP: of ReflectorSession; a sender as above. crypto = how",
    "much of the time the same packets take where nothing is done with them but to open and to seal, in the same run.",
    "a second = 1e9 / ns: packets that one thread has time for in the machine alone, without any system call.",
  ];
  const heads = RUNTIMES.flatMap((runtime) => [`${TITLES[runtime]} ns`, "±", "a second", "crypto", "garbage"]);
  printTable("A packet of a session that has keys", notes, ["", "octets", ...heads], rows);
}

function showGarbage(octets: number): string {
  if (Number.isNaN(octets)) return "-";
  return octets < 0.02 ? "0" : show(octets);
}
