/**
 * `--output twping`: what perfSONAR's `twping` prints, for programs that read it: its summary, `-M` for machines
 * (`form=M`), and `-R`, a line a probe (`form=R`).
 *
 * @module
 */
import type { OutputPlugin } from "../core/plugin.ts";
import { RunHolder } from "./run.ts";
import { machineText } from "./twping_machine.ts";
import { localClock, rawLine } from "./twping_raw.ts";
import { summaryText } from "./twping_summary.ts";
import { Watch } from "./twping_watch.ts";

/** As wide as they are there; the same as the option's default. */
const BUCKET_NS = 100e3;

export const twping: OutputPlugin = {
  api: 1,
  kind: "output",
  name: "twping",
  summary: "what perfSONAR's twping prints: its summary, -M or -R",
  options: [
    {
      name: "form",
      type: "string",
      default: "summary",
      choices: ["summary", "M", "R"],
      summary: "M: names and values; R: a line a probe",
    },
    { name: "bucket", type: "duration", default: "100us", summary: "width of a bucket of M's histogram, as -b there" },
  ],
  create(options, sink) {
    const run = new RunHolder();
    if (options.form === "R") {
      let ours = "0 0";
      return {
        begin: (info) => void (ours = localClock(info)),
        probe(probe) {
          const line = rawLine(probe, ours);
          if (line !== "") sink.write(line);
        },
        end() {},
      };
    }
    const watch = new Watch();
    const bucketNs = typeof options.bucket === "number" ? Math.max(1, options.bucket) : BUCKET_NS;
    return {
      begin: (info) => run.keep(info),
      probe: (probe) => watch.see(probe),
      end(summary) {
        const info = run.get();
        sink.write(
          options.form === "M" ? machineText(info, summary, watch, bucketNs) : summaryText(info, summary, watch),
        );
      },
    };
  },
};
