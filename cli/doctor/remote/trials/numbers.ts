/**
 * How replies are numbered: by the reflector, or with the number of the probe; and what begins a session anew.
 *
 * @module
 */
import { stampProbe, twampProbe } from "../packets.ts";
import type { Trial } from "../trial.ts";

/** Steps of the trial, as `detail` of its probes. */
export const STEP = {
  /** Behind a gap in the numbers. */
  gap: "gap",
  /** From another port, and so of another session. */
  other: "other",
  /** Number 0 again, from the same port. */
  restart: "restart",
} as const;

export const NUMBERS: Trial = {
  name: "numbers of replies",
  slow: false,
  async run(bench) {
    const protocol = bench.protocols[bench.protocols.length - 1];
    const { main, other } = bench.lines;
    const gaps = [0, 0, 7, 0, 3];
    for (const gap of gaps) {
      bench.skip(gap);
      await bench.ask("numbers", protocol, bench.base(protocol), STEP.gap, main);
    }
    for (let i = 0; i < 2; i++) await bench.ask("numbers", protocol, bench.base(protocol), STEP.other, other);
    for (const seq of [0, 1]) {
      const fields = { seq, errorEstimate: bench.errorEstimate };
      const octets = protocol === "stamp" ? stampProbe(fields) : twampProbe(41, fields);
      await bench.ask("numbers", protocol, octets, STEP.restart, main);
    }
  },
};
