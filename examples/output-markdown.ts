/**
 * An output: the result as a table in Markdown, for a summary page, a ticket or a wiki.
 *
 *     twampede demo --plugin ./examples/output-markdown.ts --output markdown
 *     twampede sender 192.0.2.1 --plugin ./examples/output-markdown.ts --output markdown:file=result.md,unit=us
 */
import type { Distribution, OutputPlugin } from "../mod.ts";

const COLUMNS = ["min", "p50", "p99", "max", "jitter"] as const;

const plugin: OutputPlugin = {
  api: 1,
  kind: "output",
  name: "markdown",
  summary: "the result as a table in Markdown",
  options: [
    { name: "unit", type: "string", choices: ["ms", "us"], default: "ms", summary: "unit of delays" },
    { name: "heading", type: "boolean", default: true, summary: "a heading that says what was measured" },
  ],
  create(options, sink) {
    const nanoseconds = options.unit === "us" ? 1e3 : 1e6;
    // What is not known is null, and no 0.
    const cell = (value: number | null) => value === null ? "n/a" : (value / nanoseconds).toFixed(3);
    const row = (cells: readonly string[]) => sink.write(`| ${cells.join(" | ")} |\n`);
    const delays = (name: string, of: Distribution) => row([name, ...COLUMNS.map((column) => cell(of[column]))]);
    return {
      begin({ session, startedAt }) {
        if (options.heading) sink.write(`## ${session.local} to ${session.remote}, ${startedAt}\n\n`);
      },
      end({ sent, received, lost, reordered, forward, backward, rtt }) {
        const percent = sent === 0 ? "n/a" : `${(100 * lost / sent).toFixed(1)} %`;
        sink.write(`${received} of ${sent} probes came back (loss ${percent}), ${reordered} out of order.\n\n`);
        row([`Delay, ${options.unit}`, ...COLUMNS]);
        row(["---", ...COLUMNS.map(() => "--:")]);
        delays("Outbound", forward);
        delays("Inbound", backward);
        delays("Round trip", rtt);
        sink.write("\n"); // another session may follow
      },
    };
  },
};

export default plugin;
