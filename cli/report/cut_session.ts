/**
 * A session whose lines end before its result, because its run was killed or is still going on: what its probes tell.
 *
 * @module
 */
import type { RunInfo } from "../../core/plugin.ts";
import { ProbeFlag, type ProbeRecord } from "../../core/record.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { createStats, type Stats } from "../../core/stats/stats.ts";
import type { StampSource } from "../../core/transport.ts";
import { unknown, UNKNOWN_TEXT } from "./document.ts";

const FINISHED = ProbeFlag.RECEIVED | ProbeFlag.LOST;
const SOURCES: readonly StampSource[] = ["user", "kernel", "hardware"];

function rank(flags: number, kernel: number, hardware: number): number {
  return flags & hardware ? 2 : flags & kernel ? 1 : 0;
}

/** First {@linkcode look} at each probe, then {@linkcode begin}, then {@linkcode record} each. */
export class CutSession {
  readonly #isOneOfSeveral: boolean;
  /** Replies by the sources of T1 and T4. */
  readonly #sources = new Array<number>(9).fill(0);
  #stats!: Stats;
  #finished = 0;
  #highest = -1;
  #firstSeq = NaN;
  #firstSeconds = 0;
  #firstNanos = 0;
  #lastNs = 0;
  #longestNs = 0;

  constructor(isOneOfSeveral: boolean) {
    this.#isOneOfSeveral = isOneOfSeveral;
  }

  /** What has to be known before the first is counted: where most stamps are from. */
  look(probe: Readonly<ProbeRecord>): void {
    const { flags, stamps, seq } = probe;
    if (flags & ProbeFlag.RECEIVED) {
      const t1 = rank(flags, ProbeFlag.T1_KERNEL, ProbeFlag.T1_HARDWARE);
      this.#sources[3 * t1 + rank(flags, ProbeFlag.T4_KERNEL, ProbeFlag.T4_HARDWARE)]++;
    }
    if (!(flags & FINISHED) || stamps[0] === 0) return;
    if (Number.isNaN(this.#firstSeq) || seq < this.#firstSeq) {
      [this.#firstSeq, this.#firstSeconds, this.#firstNanos] = [seq, stamps[0], stamps[1]];
    }
  }

  begin(): void {
    const most = this.#sources.indexOf(Math.max(...this.#sources));
    this.#stats = createStats({ stamps: { t1: SOURCES[Math.floor(most / 3)], t4: SOURCES[most % 3] } });
  }

  record(probe: Readonly<ProbeRecord>): void {
    this.#stats.record(probe);
    const { flags, stamps, seq } = probe;
    if (!(flags & FINISHED)) return;
    this.#finished++;
    const sent = this.#since(stamps, 0);
    if (seq > this.#highest && sent > this.#lastNs) [this.#highest, this.#lastNs] = [seq, sent];
    this.#longestNs = Math.max(this.#longestNs, sent, this.#since(stamps, 6));
  }

  #since(stamps: Uint32Array, at: number): number {
    if (stamps[at] === 0) return 0;
    return (stamps[at] - this.#firstSeconds) * 1e9 + (stamps[at + 1] - this.#firstNanos);
  }

  readonly run = (): RunInfo => {
    const gaps = this.#highest - this.#firstSeq;
    return {
      tool: { name: "twampede", version: UNKNOWN_TEXT, runtime: UNKNOWN_TEXT, transport: UNKNOWN_TEXT },
      session: {
        protocol: unknown(),
        mode: unknown(),
        local: UNKNOWN_TEXT,
        remote: UNKNOWN_TEXT,
        ssid: NaN,
        tos: null,
        ttl: null,
        dontFragment: false,
        profile: UNKNOWN_TEXT,
        schedule: UNKNOWN_TEXT,
        count: null,
        // The mean gap, of what left.
        intervalNs: gaps > 0 && this.#lastNs > 0 ? this.#lastNs / gaps : NaN,
        timeoutNs: NaN,
        jitter: "rfc1889",
        seed: UNKNOWN_TEXT,
      },
      host: UNKNOWN_TEXT,
      startedAt: this.#firstSeconds === 0
        ? UNKNOWN_TEXT
        : new Date(this.#firstSeconds * 1000 + Math.floor(this.#firstNanos / 1e6)).toISOString(),
    };
  };

  readonly summary = (): Snapshot => {
    const made = this.#stats.snapshot({
      counters: {
        sent: this.#finished,
        malformed: NaN,
        unexpected: NaN,
        forged: NaN,
        reflectedVerified: 0,
        reflectedAltered: 0,
        unfinished: NaN,
        latestDeparture: 0,
        t3Corrected: 0,
        t3Refused: NaN,
        longestHeld: 0,
      },
      peer: { errorEstimateNs: null, synchronized: null, timestampFormat: null, findings: [] },
      durationNs: this.#longestNs,
      sendErrors: NaN,
      lostInHost: null,
      notes: [
        `the file ends without ${
          this.#isOneOfSeveral ? "this session's result" : "a result"
        }, as of a run that was killed: everything is counted from the ${this.#finished} probes in it`,
      ],
    });
    return made;
  };
}
