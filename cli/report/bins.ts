/**
 * The histograms of a result that was saved without them, from its probes.
 *
 * @module
 */
import { ProbeFlag, type ProbeRecord } from "../../core/record.ts";
import type { Distribution, Snapshot } from "../../core/snapshot.ts";
import { Histogram } from "../../core/stats/histogram.ts";
import type { StampSource } from "../../core/transport.ts";

/** A summary whose histograms grow with each probe. */
export interface Binned {
  readonly summary: Snapshot;
  record(probe: Readonly<ProbeRecord>): void;
}

const T1 = { user: 0, kernel: ProbeFlag.T1_KERNEL, hardware: ProbeFlag.T1_HARDWARE };
const T4 = { user: 0, kernel: ProbeFlag.T4_KERNEL, hardware: ProbeFlag.T4_HARDWARE };

function flagsOf(t1: StampSource | null, t4: StampSource | null): number {
  return (t1 === null ? 0 : T1[t1]) | (t4 === null ? 0 : T4[t4]);
}

const ANSWERED = ProbeFlag.RECEIVED | ProbeFlag.LOST | ProbeFlag.LATE | ProbeFlag.DUPLICATE;

/** Of probes whose stamps are of the summary's sources, as its percentiles are. */
export function withBins(summary: Snapshot): Binned {
  const wanted = flagsOf(summary.stamps.t1, summary.stamps.t4);
  const bits = Math.round(-Math.log2(summary.histogramError));
  const made = () => new Histogram(bits >= 4 && bits <= 12 ? bits : 10);
  const [rtt, forward, backward, residence, ipdv] = [made(), made(), made(), made(), made()];
  const add = (histogram: Histogram, value: number) => {
    if (!Number.isNaN(value)) histogram.record(value);
  };
  const over = (d: Distribution, bins: Histogram): Distribution => ({
    ...d,
    histogram: { [Symbol.iterator]: () => bins.bins().values() },
  });
  let [lastSeq, lastRtt] = [-2, NaN];
  return {
    summary: {
      ...summary,
      rtt: over(summary.rtt, rtt),
      forward: over(summary.forward, forward),
      backward: over(summary.backward, backward),
      residence: over(summary.residence, residence),
      ipdv: over(summary.ipdv, ipdv),
    },
    record(probe) {
      if ((probe.flags & ANSWERED) !== ProbeFlag.RECEIVED || (probe.flags & wanted) !== wanted) return;
      add(rtt, probe.rtt);
      add(forward, probe.forward);
      add(backward, probe.backward);
      add(residence, probe.residence);
      if (probe.seq === lastSeq + 1) add(ipdv, probe.rtt - lastRtt);
      [lastSeq, lastRtt] = [probe.seq, probe.rtt];
    },
  };
}
