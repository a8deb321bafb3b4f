/**
 * `--output json`: one document when the run is over, and nothing else. Of several sessions it has a list of documents.
 *
 * @module
 */
import type { Output, OutputPlugin, PluginOptions } from "../core/plugin.ts";
import { type Document, histograms, resultDocument } from "./result.ts";
import { RunHolder } from "./run.ts";

/** Of the document that holds those of several sessions. */
const SCHEMA = "twampede/results/1";

/**
 * Puts each bin of a histogram back on one line. A line feed inside the brackets shows that it is an array of the
 * document: within a string it would be written as an escape.
 */
function joinBins(text: string): string {
  return text.replace(/\[\n\s*(-?\d+),\n\s*(-?\d+),\n\s*(\d+)\n\s*\]/g, "[$1, $2, $3]");
}

function text(document: Document, options: PluginOptions): string {
  return joinBins(JSON.stringify(document, null, Number(options.indent ?? 2))) + "\n";
}

/** Makes the document of one session at its end. */
function collector(options: PluginOptions, done: (document: Document) => void): Output {
  const run = new RunHolder();
  return {
    begin: (info) => run.keep(info),
    end(summary) {
      const document = resultDocument(run.get(), summary);
      if (options.histogram === true) document.histogramNs = histograms(summary);
      done(document);
    },
  };
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
  create: (options, sink) => collector(options, (document) => sink.write(text(document, options))),
  createGroup(options, sink) {
    const results: Document[] = [];
    return {
      session: () => collector(options, (document) => void results.push(document)),
      end: () => sink.write(text({ schema: SCHEMA, results }, options)),
    };
  },
};
