/**
 * `--output html`: one page that needs nothing else, for a browser, on paper and without a script.
 *
 * Not in `outputs`: it carries a library for its charts. What makes the page is loaded when there is one to be made.
 *
 * @module
 */
import type { Output, OutputPlugin, RunInfo, Sink } from "../../core/plugin.ts";
import { Timeline } from "../../outputs/picture/timeline.ts";
import type { Told } from "./page/data.ts";

async function write(told: readonly Told[], sink: Sink): Promise<void> {
  const { assemble } = await import("./page/assemble.ts");
  sink.write(assemble(told));
}

/** Keeps what one session tells until its end. */
function collector(done: (told: Told) => void | Promise<void>): Output {
  let run: RunInfo;
  let timeline: Timeline;
  return {
    begin(info) {
      run = structuredClone(info);
      timeline = new Timeline(info);
    },
    probe: (probe) => timeline.record(probe),
    end: (summary) => done({ run, summary, timeline }),
  };
}

/** An output of the command line; the list of `outputs/mod.ts` has none that needs a package. */
export const html: OutputPlugin = {
  api: 1,
  kind: "output",
  atEnd: true,
  name: "html",
  summary: "a page for the browser: bands over time, distribution, clock offset, all facts",
  options: [],
  create: (_options, sink) => collector((told) => write([told], sink)),
  createGroup(_options, sink) {
    const sessions: Told[] = [];
    return {
      session: () => collector((told) => void sessions.push(told)),
      end: () => write(sessions, sink),
    };
  },
};
