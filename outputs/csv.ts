/**
 * `--output csv`: RFC 4180, a header line and a row a finished probe, under the names that `ndjson` uses.
 *
 * What is not known is an empty field. Duplicates and late replies finish nothing and have no row.
 *
 * @module
 */
import type { OutputPlugin } from "../core/plugin.ts";
import { type Cell, outcome, PROBE_FIELDS } from "./fields.ts";

/** Section 2 of RFC 4180: a field with a comma, a quote or a line break is quoted, its quotes doubled. */
export function field(value: Cell): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function row(values: readonly Cell[]): string {
  return values.map(field).join(",") + "\r\n";
}

export const csv: OutputPlugin = {
  api: 1,
  kind: "output",
  name: "csv",
  summary: "comma-separated values, a row a probe as it finishes",
  options: [],
  create(_options, sink) {
    return {
      begin: () => sink.write(row(PROBE_FIELDS.map(([name]) => name))),
      probe(probe) {
        const what = outcome(probe.flags);
        if (what === "received" || what === "lost") sink.write(row(PROBE_FIELDS.map(([, read]) => read(probe))));
      },
      end() {},
    };
  },
};
