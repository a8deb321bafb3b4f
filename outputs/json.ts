/**
 * `--output json`: one document when the run is over, and nothing else.
 *
 * @module
 */
import type { OutputPlugin } from "../core/plugin.ts";
import { histograms, resultDocument } from "./result.ts";
import { RunHolder } from "./run.ts";

/**
 * Puts each bin of a histogram back on one line. A line feed inside the brackets shows that it is an array of the
 * document: within a string it would be written as an escape.
 */
function joinBins(text: string): string {
  return text.replace(/\[\n\s*(-?\d+),\n\s*(-?\d+),\n\s*(\d+)\n\s*\]/g, "[$1, $2, $3]");
}

export const json: OutputPlugin = {
  api: 1,
  kind: "output",
  name: "json",
  summary: "one JSON document at the end of the run",
  options: [
    { name: "histogram", type: "boolean", default: false, summary: "add the bins of the histograms" },
    { name: "indent", type: "number", default: 2, summary: "blanks a level; 0 puts everything on one line" },
  ],
  create(options, sink) {
    const run = new RunHolder();
    return {
      begin: (info) => run.keep(info),
      end(summary) {
        const document = resultDocument(run.get(), summary);
        if (options.histogram === true) document.histogramNs = histograms(summary);
        sink.write(joinBins(JSON.stringify(document, null, Number(options.indent ?? 2))) + "\n");
      },
    };
  },
};
