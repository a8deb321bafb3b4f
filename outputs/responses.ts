/**
 * `--print-responses` and `--stats-interval`: lines while the run goes on, in the words of the second twampy fork.
 *
 * Not one of the formats that `--output` chooses: it is written beside the table. Two of that fork's habits stay behind:
 * a probe that is only under way counts as lost in its intervals, and it remembers every number it has seen.
 *
 * @module
 */
import type { Output, RunInfo, Sink } from "../core/plugin.ts";
import { ProbeFlag, type ProbeRecord } from "../core/record.ts";
import type { Distribution, Snapshot } from "../core/snapshot.ts";
import { outcome } from "./fields.ts";
import { numberOf, RunHolder } from "./run.ts";
import { decimal, delayCell, percentOf, percentText, UNKNOWN } from "./units.ts";

export interface ResponseOptions {
  /** A line a reply, and one for what is odd about it. */
  readonly responses: boolean;
  /** Four lines an interval. */
  readonly intervals: boolean;
  /** Writes a moment, UNIX seconds, in the time zone that the caller chooses; the fork prints local time. */
  readonly time: (unixSeconds: number) => string;
}

/** The address alone: `10.99.0.2` of `10.99.0.2:20001`, `::1` of `[::1]:862`. */
function address(remote: string): string {
  return remote.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}

function gap(from: number, to: number): string {
  return from === to ? `packet [${from}] missing` : `packets [${from}-${to}] missing`;
}

function reply(from: string, probe: Readonly<ProbeRecord>): string {
  return `Reply from ${from} [seq=${probe.seq}] RTT=${delayCell(probe.rtt)} ` +
    `Outbound=${delayCell(probe.forward)} Inbound=${delayCell(probe.backward)}\n`;
}

function direction(name: string, d: Distribution, lost: number | null, sent: number): string {
  return `  ${`${name}:`.padEnd(10)} Min=${delayCell(d.min)} Max=${delayCell(d.max)} Avg=${delayCell(d.mean)} ` +
    `Jitter=${delayCell(d.jitter)} Loss=${percentText(percentOf(lost, sent))}\n`;
}

function statistics(time: string, s: Snapshot): string {
  const title = `--- Current Statistics at ${time} (received: ${s.received}, sent: ${s.sent}) ---\n`;
  if (s.received === 0) return title + "  NO RESPONSES RECEIVED YET\n";
  const odd = s.reordered > 0 || s.late > 0 || s.duplicates > 0;
  return title +
    direction("Outbound", s.forward, s.lostForward, s.sent) +
    direction("Inbound", s.backward, s.lostBackward, s.sent) +
    direction("Roundtrip", s.rtt, s.lost, s.sent) +
    (odd ? `  Reordering: Out-of-order=${s.reordered} Late-arrivals=${s.late} Duplicates=${s.duplicates}\n` : "");
}

/** Replies as they come, as text. */
class Responses implements Output {
  readonly #options: ResponseOptions;
  readonly #sink: Sink;
  readonly #run = new RunHolder();
  #from = "";
  #timeout = "";
  /** `[session 2] ` before each line, where there are several. */
  #mark = "";
  /**
   * One past the highest number that is answered or lost. A gap is what lies between it and a reply above it. One number
   * is enough: probes time out in the order they left, so what is below a lost one is settled too.
   */
  #next = 0;

  constructor(options: ResponseOptions, sink: Sink) {
    this.#options = options;
    this.#sink = sink;
  }

  begin(run: RunInfo): void {
    this.#run.keep(run);
    this.#from = address(run.session.remote);
    const number = numberOf(run);
    if (number !== undefined) this.#mark = `[session ${number}] `;
    this.#timeout = decimal(run.session.timeoutNs / 1e9);
  }

  probe(probe: Readonly<ProbeRecord>): void {
    if (this.#options.responses) this.#write(this.#lines(probe));
  }

  #write(lines: string): void {
    this.#sink.write(this.#mark === "" ? lines : lines.replace(/^(?=.)/gm, this.#mark));
  }

  #lines(probe: Readonly<ProbeRecord>): string {
    switch (outcome(probe.flags)) {
      case "received":
        return this.#order(probe) + reply(this.#from, probe);
      case "late":
        return `${this.#time(probe)} Out-of-order: packet [seq=${probe.seq}] arrived late\n` + reply(this.#from, probe);
      case "duplicate":
        return `${this.#time(probe)} Duplicate: packet [seq=${probe.seq}] already received\n`;
      case "lost":
        this.#next = Math.max(this.#next, probe.seq + 1);
        return `Timeout: packet [seq=${probe.seq}] lost (no response after ${this.#timeout}s)\n`;
      default:
        return "";
    }
  }

  /** What the reply's number says: something before it is missing, or it is itself what was missing. */
  #order(probe: Readonly<ProbeRecord>): string {
    const expected = this.#next;
    this.#next = Math.max(expected, probe.seq + 1);
    if (probe.seq > expected) {
      return `${this.#time(probe)} Gap detected: ${gap(expected, probe.seq - 1)} (received seq=${probe.seq})\n`;
    }
    if ((probe.flags & ProbeFlag.REORDERED) === 0) return "";
    return `${this.#time(probe)} Out-of-order: packet [seq=${probe.seq}] arrived out of sequence\n`;
  }

  /** When the reply arrived, T4. */
  #time(probe: Readonly<ProbeRecord>): string {
    return probe.stamps[6] === 0 ? UNKNOWN : this.#options.time(probe.stamps[6]);
  }

  interval(snapshot: Snapshot): void {
    if (!this.#options.intervals) return;
    const now = Date.parse(this.#run.get().startedAt) / 1000 + snapshot.durationNs / 1e9;
    this.#write(statistics(this.#options.time(now), snapshot));
  }

  end(): void {}
}

/** An output that writes those lines; they are whole lines, one `write` a probe. */
export function createResponses(options: ResponseOptions, sink: Sink): Output {
  return new Responses(options, sink);
}
