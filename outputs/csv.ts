/**
 * `--output csv`: RFC 4180, a header line and a row a finished probe, under the names that `ndjson` uses.
 *
 * What is not known is an empty field. Duplicates and late replies finish nothing and have no row. Of several sessions the
 * first column says which.
 *
 * @module
 */
import type { Output, OutputPlugin, Sink } from "../core/plugin.ts";
import { type Cell, outcome, PROBE_FIELDS } from "./fields.ts";
import { numberOf } from "./run.ts";

/** Section 2 of RFC 4180: a field with a comma, a quote or a line break is quoted, its quotes doubled. */
export function field(value: Cell): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function row(values: readonly Cell[]): string {
  return values.map(field).join(",") + "\r\n";
}

/** A session's rows, after the header if nobody has written it. */
function rows(sink: Sink, isFirst: () => boolean): Output {
  let session: readonly Cell[] = [];
  return {
    begin(run) {
      const number = numberOf(run);
      session = number === undefined ? [] : [number];
      const names = PROBE_FIELDS.map(([name]) => name);
      if (isFirst()) sink.write(row(number === undefined ? names : ["session", ...names]));
    },
    probe(probe) {
      const what = outcome(probe.flags);
      if (what !== "received" && what !== "lost") return;
      sink.write(row([...session, ...PROBE_FIELDS.map(([, read]) => read(probe))]));
    },
    end() {},
  };
}

export const csv: OutputPlugin = {
  api: 1,
  kind: "output",
  name: "csv",
  summary: "comma-separated values, a row a probe as it finishes",
  options: [],
  create: (_options, sink) => rows(sink, () => true),
  createGroup(_options, sink) {
    let begun = false;
    const isFirst = () => !begun && (begun = true);
    return { session: () => rows(sink, isFirst) };
  },
};
