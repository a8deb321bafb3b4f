/**
 * `--output influx`, `--telegraf`: InfluxDB line protocol, a line a run and one an interval, as Telegraf's `inputs.exec`
 * reads it.
 *
 * The first fifteen fields are those of the twampy fork that has `--telegraf`, in its order. Every field is a float, so
 * that none can change its type between two lines, which InfluxDB would refuse.
 *
 * @module
 */
import type { OutputPlugin, RunInfo } from "../core/plugin.ts";
import type { Distribution, Snapshot } from "../core/snapshot.ts";
import type { Nanos } from "../core/time/clock.ts";
import { shared } from "./group.ts";
import { numberOf, RunHolder } from "./run.ts";
import { decimal, percentOf } from "./units.ts";

/**
 * A tag value: comma, blank and equals sign are escaped. A backslash is itself, except at the end, where it would escape
 * what follows; line protocol cannot write that, so it goes. Nor can a line break be written: it becomes a blank.
 */
export function tagValue(text: string): string {
  return text.replace(/\s/g, " ").replace(/\\+$/, "").replace(/[, =]/g, "\\$&");
}

/**
 * A tag with nothing in it is not allowed, it is left out. `session` is one of several: without it, lines of two that end
 * together would be one point.
 */
function tags(run: RunInfo): string {
  const pairs = [["host", run.host], ["session", `${numberOf(run) ?? ""}`], ["target", run.session.remote]] as const;
  return pairs.map(([key, value]) => [key, tagValue(value)]).filter(([, value]) => value !== "")
    .map(([key, value]) => `,${key}=${value}`).join("");
}

type Pair = readonly [key: string, value: number | null];

function ms(ns: Nanos | null): number | null {
  return ns === null ? null : ns / 1e6;
}

function direction(name: string, d: Distribution, loss: number | null): Pair[] {
  return [
    [`${name}_min`, ms(d.min)],
    [`${name}_max`, ms(d.max)],
    [`${name}_avg`, ms(d.mean)],
    [`${name}_jitter`, ms(d.jitter)],
    [`${name}_loss`, loss],
  ];
}

function fields(s: Snapshot): readonly Pair[] {
  if (s.received === 0) return [["inbound_loss", 100], ["outbound_loss", 100], ["roundtrip_loss", 100]];
  return [
    ...direction("inbound", s.backward, percentOf(s.lostBackward, s.sent)),
    ...direction("outbound", s.forward, percentOf(s.lostForward, s.sent)),
    ...direction("roundtrip", s.rtt, percentOf(s.lost, s.sent)),
    ["roundtrip_p50", ms(s.rtt.p50)],
    ["roundtrip_p99", ms(s.rtt.p99)],
    ["duplicates", s.duplicates],
    ["reordered", s.reordered],
    ["late", s.late],
  ];
}

/** Nanoseconds since the UNIX epoch at the end of what was measured; a bigint, as a double would not hold them. */
function timestamp(run: RunInfo, s: Snapshot): string {
  const started = Date.parse(run.startedAt);
  return Number.isNaN(started + s.durationNs)
    ? ""
    : ` ${BigInt(started) * 1_000_000n + BigInt(Math.round(s.durationNs))}`;
}

/** One line; what is not known is left out of it. */
function line(run: RunInfo, s: Snapshot): string {
  const set = fields(s).flatMap(([key, value]) => value === null ? [] : [`${key}=${decimal(value)}`]);
  return `twamp${tags(run)} ${set.join(",")}${timestamp(run, s)}\n`;
}

const create: OutputPlugin["create"] = (_options, sink) => {
  const run = new RunHolder();
  // While every probe is still under way, or was when the run was ended, nothing is lost: 100 % would be wrong.
  const write = (snapshot: Snapshot) => {
    if (snapshot.received > 0 || snapshot.lost > 0) sink.write(line(run.get(), snapshot));
  };
  return { begin: (info) => run.keep(info), interval: write, end: write };
};

export const influx: OutputPlugin = {
  api: 1,
  kind: "output",
  name: "influx",
  summary: "InfluxDB line protocol, for Telegraf",
  options: [],
  create,
  createGroup: shared(create),
};
