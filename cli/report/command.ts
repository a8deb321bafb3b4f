/**
 * `report`: what it is called, what it takes, and which file runs it.
 *
 * @module
 */
import { Argument, type Command, type Option } from "commander";
import { FAIL_IF_OPTION, option, OUTPUT_OPTION } from "../options.ts";
import { PLUGIN_OPTION } from "../plugins/command.ts";
import type { ReportFlags } from "../commands/report.ts";

const EXAMPLES = `
Examples:
  twampede report run.json                     the table that the run printed
  twampede report run.ndjson --output plot     drawn in the terminal
  twampede report run.ndjson --html run.html   a page for the browser
  twampede report before.json after.json --compare
  twampede report run.json --fail-if 'rtt.p99>20ms'
  ssh probe cat run.ndjson | twampede report - --output csv
`;

const RESULT = "Result:";

/** How saved results are shown. */
export const REPORT_OPTIONS = [
  OUTPUT_OPTION,
  option(RESULT, "--html <FILE>", "same as --output html:file=FILE"),
  option(RESULT, "--compare", "the second result beside the first, and whether they differ by more than chance")
    .conflicts(["output", "html", "failIf"]),
  FAIL_IF_OPTION,
  PLUGIN_OPTION,
  option("Diagnostics:", "-q, --quiet", "no notes"),
];

type AddCommand = (program: Command, name: string, description: string, options: readonly Option[]) => Command;

/** Adds it. */
export function addReport(program: Command, command: AddCommand, done: (status: number) => void): void {
  command(program, "report", "show saved results again, in any output, or compare two", REPORT_OPTIONS)
    .addArgument(new Argument("<file...>", "what --output json or ndjson wrote, or - for standard input"))
    .addHelpText("after", EXAMPLES)
    .action(async (files: string[], values: ReportFlags) => {
      const { runReport } = await import("../commands/report.ts");
      done(await runReport(files, values));
    });
}
