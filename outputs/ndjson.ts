/**
 * `--output ndjson`: a JSON document a line. Every probe has one when it finishes, `type` is `probe`; what happens
 * besides is an `event`; statistics under way are an `interval`; the last line is the `summary`, the document of `json`.
 *
 * Stamps (`t1` to `t4`) are strings of digits, nanoseconds since the UNIX epoch: a double would not hold them.
 *
 * @module
 */
import type { OutputPlugin } from "../core/plugin.ts";
import { ProbeFlag, type ProbeRecord } from "../core/record.ts";
import { type Field, outcome, PROBE_FIELDS, REPLY_FIELDS } from "./fields.ts";
import { type Document, measurement, resultDocument } from "./result.ts";
import { RunHolder } from "./run.ts";

function fill(line: Document, fields: readonly Field[], probe: Readonly<ProbeRecord>): Document {
  for (const [name, read] of fields) line[name] = read(probe);
  return line;
}

function event(name: string, probe: Readonly<ProbeRecord>): Document {
  return fill({ type: "event", event: name, seq: probe.seq }, REPLY_FIELDS, probe);
}

function duplicate(probe: Readonly<ProbeRecord>): Document {
  const line = event("duplicate", probe);
  line.copiedOutbound = (probe.flags & ProbeFlag.COPIED_OUTBOUND) !== 0;
  return line;
}

export const ndjson: OutputPlugin = {
  api: 1,
  kind: "output",
  name: "ndjson",
  summary: "a JSON line a probe as it finishes, and a last one with the result",
  options: [],
  create(_options, sink) {
    const run = new RunHolder();
    const write = (line: Document) => sink.write(JSON.stringify(line) + "\n");
    return {
      begin: (info) => run.keep(info),
      probe(probe) {
        const what = outcome(probe.flags);
        if (what === "duplicate") return write(duplicate(probe));
        if (what === "late") return write(event("late", probe));
        if (what === "other") return;
        write(fill({ type: "probe" }, PROBE_FIELDS, probe));
        if ((probe.flags & ProbeFlag.REORDERED) !== 0) write({ type: "event", event: "reordered", seq: probe.seq });
      },
      interval: (snapshot) => write({ type: "interval", ...measurement(snapshot) }),
      end: (summary) => write({ type: "summary", ...resultDocument(run.get(), summary) }),
    };
  },
};
