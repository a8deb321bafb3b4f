/**
 * `report`: results as they were saved, in any output, or two of them side by side.
 *
 * @module
 */
import { realpathSync, statSync } from "node:fs";
import { OptionError } from "../../core/errors.ts";
import type { Threshold } from "../../core/threshold.ts";
import { Exit } from "../exit.ts";
import { type Log, openLog } from "../log.ts";
import { decided } from "../nagios_exit.ts";
import { OutputSet } from "../outputs.ts";
import { faults } from "../plugins/faults.ts";
import { openSaved, type Replay, type SavedFile } from "../report/saved.ts";
import { compareSaved } from "../report/compare_text.ts";
import { print } from "../sinks.ts";
import { judged, thresholdVerdict } from "../thresholds.ts";

/** Options as the command line gives them. */
export interface ReportFlags {
  readonly output: readonly string[];
  readonly failIf: readonly Threshold[];
  readonly html?: string;
  readonly compare?: boolean;
  readonly quiet?: boolean;
}

/** Runs `report`; resolves to the exit status. */
export async function runReport(paths: readonly string[], flags: ReportFlags): Promise<number> {
  const log = openLog(flags.quiet ? "quiet" : "normal", undefined);
  try {
    if (flags.compare) {
      print(compareSaved(openSaved(paths)));
      return Exit.DONE;
    }
    if (flags.html === "") throw new OptionError("--html has no file: give one, as --html run.html");
    const output = flags.html === undefined ? flags.output : [...flags.output, `html:file=${flags.html}`];
    const outputs = new OutputSet({ output, telegraf: false, responses: false, intervals: false }, log);
    return await decided(outputs, () => {
      refuseOverwriting(paths, outputs);
      return show(openSaved(paths), flags.failIf, outputs, log);
    });
  } finally {
    await log.close();
  }
}

/** A file is made empty before it is written, and probes are read while it is: nothing of them would be left. */
function refuseOverwriting(paths: readonly string[], outputs: OutputSet): void {
  const read = new Map(paths.map((path) => [realPath(path), path]));
  for (const { name, path } of outputs.files) {
    const source = read.get(realPath(path) ?? path);
    if (source !== undefined && source !== "-") {
      throw new OptionError(`--output ${name} would write over '${source}', which is read: give it another file`);
    }
  }
}

/** Through links; undefined where there is no such file, and of what is none: a terminal is read and written. */
function realPath(path: string): string | undefined {
  try {
    return statSync(path).isFile() ? realpathSync(path) : undefined;
  } catch {
    return undefined;
  }
}

/** Tells the outputs what the runs told theirs. */
async function show(
  files: readonly SavedFile[],
  thresholds: readonly Threshold[],
  outputs: OutputSet,
  log: Log,
): Promise<number> {
  const sessions = files.flatMap((file) => file.sessions);
  outputs.open(sessions.length);
  const told = new Map(sessions.map((session, i) => [session, outputs.session(i + 1)]));
  for (const [session, output] of told) output.begin(session.run);
  const replay: Replay = {
    probe: (session, probe) => told.get(session)!.probe(probe),
    interval: (session, snapshot) => told.get(session)!.interval(snapshot),
  };
  let left = false;
  outputs.onClosed = () => left = true;
  for (const file of files) {
    for (const _ of file.replay(replay)) {
      await outputs.flush();
      if (left) break;
    }
  }
  const summaries = sessions.map((session) => judged(session.summary(), thresholds));
  await outputs.end(...summaries);
  const several = new Set(sessions.map(({ from }) => from)).size > 1;
  sessions.forEach(({ from }, i) => {
    for (const note of summaries[i].notes) log.note(`${several ? `${from}: ` : ""}note: ${note}`);
  });
  const status = outputs.failed || faults.any ? Exit.NOT_MADE : Exit.DONE;
  // What the runs themselves were held against is shown, and was told of then.
  if (thresholds.length === 0) return status;
  const silent = sessions.find((_, i) => summaries[i].received === 0);
  if (silent !== undefined) log.note(`${silent.from} has no reply: that keeps no threshold`);
  return thresholdVerdict(silent === undefined ? status : Exit.NOT_MADE, summaries, log);
}
