/**
 * `--output ndjson`: a JSON document a line. Every probe has one when it finishes, `type` is `probe`; what happens
 * besides is an `event`; statistics under way are an `interval`; the last line is the `summary`, the document of `json`.
 * Of several sessions each line but the summaries has a `session`, its number.
 *
 * Stamps (`t1` to `t4`) are strings of digits, nanoseconds since the UNIX epoch: a double would not hold them.
 *
 * @module
 */
import type { Output, OutputPlugin, Sink } from "../core/plugin.ts";
import { ProbeFlag, type ProbeRecord } from "../core/record.ts";
import { type Field, outcome, PROBE_FIELDS, REPLY_FIELDS } from "./fields.ts";
import { shared } from "./group.ts";
import { type Document, measurement, resultDocument } from "./result.ts";
import { numberOf, RunHolder } from "./run.ts";

function fill(line: Document, fields: readonly Field[], probe: Readonly<ProbeRecord>): Document {
  for (const [name, read] of fields) line[name] = read(probe);
  // NaN becomes null; a copy, because the record is used again.
  if (probe.tlv !== undefined) line.tlv = { ...probe.tlv };
  return line;
}

/** The lines of one session; `mark` says which of several it is. */
function probeLines(mark: Document, probe: Readonly<ProbeRecord>): readonly Document[] {
  const event = (name: string) => ({ type: "event", ...mark, event: name, seq: probe.seq });
  switch (outcome(probe.flags)) {
    case "duplicate":
      return [{
        ...fill(event("duplicate"), REPLY_FIELDS, probe),
        copiedOutbound: (probe.flags & ProbeFlag.COPIED_OUTBOUND) !== 0,
      }];
    case "late":
      return [fill(event("late"), REPLY_FIELDS, probe)];
    case "other":
      return [];
    default: {
      const line = fill({ type: "probe", ...mark }, PROBE_FIELDS, probe);
      return (probe.flags & ProbeFlag.REORDERED) === 0 ? [line] : [line, event("reordered")];
    }
  }
}

function lines(sink: Sink): Output {
  const run = new RunHolder();
  let mark: Document = {};
  const write = (line: Document) => sink.write(JSON.stringify(line) + "\n");
  return {
    begin(info) {
      run.keep(info);
      const session = numberOf(info);
      mark = session === undefined ? {} : { session };
    },
    probe: (probe) => probeLines(mark, probe).forEach(write),
    interval: (snapshot) => write({ type: "interval", ...mark, ...measurement(snapshot) }),
    // `session` is the document's own there, and has the number in it.
    end: (summary) => write({ type: "summary", ...resultDocument(run.get(), summary) }),
  };
}

export const ndjson: OutputPlugin = {
  api: 1,
  kind: "output",
  name: "ndjson",
  summary: "a JSON line a probe as it finishes, and a last one with the result",
  options: [],
  create: (_options, sink) => lines(sink),
  createGroup: shared((_options, sink) => lines(sink)),
};
