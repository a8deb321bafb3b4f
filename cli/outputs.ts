/**
 * The outputs of a run: parsed from `--output`, each with its sink, and fed together, by one session or several at once.
 * One that throws is switched off with a line; the others go on.
 *
 * @module
 */
import { realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { OptionError } from "../core/errors.ts";
import { parsePluginOptions } from "../core/plugin_options.ts";
import type { Output, OutputGroup, OutputPlugin, PluginOptions, RunInfo } from "../core/plugin.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { createResponses, groupOf } from "../outputs/mod.ts";
import { localDateTime } from "./local_time.ts";
import type { Log } from "./log.ts";
import { registry } from "./plugins/registry.ts";
import { type FileSink, fileSink, stderrSink, stdoutSink } from "./sinks.ts";
import { withTerminal } from "./terminal.ts";
import { STEP_SUMMARY, stepSummary } from "./step_summary.ts";
import { wholeFileSink } from "./whole_file_sink.ts";

/** What of the options concerns outputs. */
export interface OutputChoice {
  readonly output: readonly string[];
  readonly telegraf: boolean;
  readonly responses: boolean;
  readonly intervals: boolean;
  /** Where diagnostics go, if that is a file. */
  readonly logfile?: string | undefined;
}

/** What a session tells while it runs; its summary comes with {@linkcode OutputSet.end}. */
export type SessionOutput = Required<Omit<Output, "end" | "exitStatus">>;

interface Named {
  readonly name: string;
  readonly group: OutputGroup;
  /** One a session, by its number less one; none of a session that was refused. */
  readonly outputs: readonly (Output | undefined)[];
  readonly sink: FileSink;
  /** What it writes while the run goes on is on standard output. */
  readonly streams: boolean;
  /** Of those that were asked for the result by. */
  readonly isResult: boolean;
}

/** All outputs of a run as one, for one session or several at once. */
export class OutputSet {
  /** The result did not reach everybody it was for. */
  failed = false;
  /** What an output has decided; undefined before the end, and where it failed. */
  exitStatus: number | undefined;
  /** Called when nobody reads standard output any more. */
  onClosed: () => void = () => {};
  #outputs: Named[] = [];
  #sessions = 1;
  /** Numbers of the sessions that there are. */
  #numbers: readonly number[] = [1];
  /** What each session began with. */
  readonly #runs: RunInfo[] = [];
  readonly #added: { readonly name: string; readonly create: () => Output }[] = [];
  readonly #choice: OutputChoice;
  readonly #parsed: ParsedOutput[];
  readonly #log: Log;

  /** Checks what was asked for; no file is touched before {@linkcode open}. */
  constructor(choice: OutputChoice, log: Log) {
    this.#log = log;
    this.#choice = choice;
    const specs = [...choice.output, ...(choice.telegraf ? ["influx"] : [])];
    this.#parsed = (specs.length === 0 ? ["table"] : specs).map(parseOutput);
    refuseShared(this.#parsed, choice.logfile);
    const summary = stepSummary(this.#parsed);
    if (summary !== undefined) this.#parsed.push({ ...parseOutput(STEP_SUMMARY), file: summary, isAdded: true });
  }

  /** Whether lines come while the run goes on where a person may read them; known once it is open. */
  get streams(): boolean {
    const { responses, intervals } = this.#choice;
    return responses || intervals ||
      this.#outputs.some(({ outputs, streams }) =>
        streams && outputs.find((output) => output !== undefined)?.probe !== undefined
      );
  }

  /** Whether one was asked for that decides on the exit status even where there is no result. */
  get decides(): boolean {
    return this.#parsed.some(({ plugin, options }) => plugin.name === "nagios" && options.exit === true);
  }

  /** What files were asked for, and the output that writes each. */
  get files(): { readonly name: string; readonly path: string }[] {
    return this.#parsed.flatMap(({ plugin: { name }, file }) => file === undefined ? [] : [{ name, path: file }]);
  }

  /** The highest of all sessions, of the first output that decides. */
  #decision(): number | undefined {
    for (const { group, outputs } of this.#outputs) {
      const asked = [group.exitStatus?.()];
      if (asked[0] === undefined) asked.push(...outputs.map((output) => output?.exitStatus?.()));
      const decided = asked.filter((status) => status !== undefined);
      if (decided.length > 0) return Math.max(...decided);
    }
    return undefined;
  }

  /** Adds an output that writes nowhere of its own, an instance a session; before {@linkcode open}. */
  add(name: string, create: () => Output): void {
    this.#added.push({ name, create });
  }

  /**
   * Opens the files for so many sessions: once nothing else can refuse the run, and before anything is sent. `numbers`:
   * those that will be measured, ascending, where others were refused.
   */
  open(sessions = 1, numbers: readonly number[] = Array.from({ length: sessions }, (_, i) => i + 1)): void {
    this.#sessions = sessions;
    this.#numbers = numbers;
    const { responses, intervals } = this.#choice;
    for (const { name, create } of this.#added) this.#add(name, nowhere(), { session: create }, false);
    if (responses || intervals) {
      // Lines come before the table that ends the run.
      const beside = this.#parsed.some(({ plugin, file }) => plugin.name === "table" && file === undefined);
      const wanted = { responses, intervals, time: localDateTime };
      const sink = beside ? stdoutSink() : stderrSink();
      this.#add("responses", sink, { session: () => createResponses(wanted, sink) }, false, beside);
    }
    // Those from files come last: whatever they do, the others have been told, and ended, before.
    const [own, loaded] = [true, false].map((builtIn) =>
      this.#parsed.filter(({ plugin }) => (registry.fileOf(plugin) === undefined) === builtIn)
    );
    for (const { plugin, options, file, isAdded } of [...own, ...loaded]) {
      const sink = isAdded ? this.#addedSink(file!) : sinkOf(plugin, file);
      if (sink === undefined) continue;
      if (isAdded) sink.empty = () => {}; // what others have put there stays
      this.#add(plugin.name, sink, this.#groupOf(plugin, options, sink), true, file === undefined && !plugin.atEnd);
    }
    for (const { sink } of this.#outputs) sink.empty();
  }

  /** Of a file that nobody has named on the command line: a run is not refused for it. */
  #addedSink(file: string): FileSink | undefined {
    try {
      return fileSink(file);
    } catch (error) {
      this.failed = true;
      this.#log.fault(`there is no summary of the step: ${(error as Error).message}`);
      return undefined;
    }
  }

  #groupOf(plugin: OutputPlugin, options: PluginOptions, sink: FileSink): OutputGroup {
    return this.#sessions > 1 ? groupOf(plugin, options, sink) : { session: () => plugin.create(options, sink) };
  }

  #add(name: string, sink: FileSink, group: OutputGroup, isResult: boolean, streams = false): void {
    const outputs = new Array<Output | undefined>(this.#sessions).fill(undefined);
    for (const number of this.#numbers) outputs[number - 1] = group.session(number);
    const named: Named = { name, group, outputs, sink, streams, isResult };
    sink.onFailure = (why, closed) => {
      if (closed) this.onClosed();
      else this.#fail(named, why);
    };
    this.#outputs.push(named);
  }

  /** Switched off for all sessions: they share what it writes. */
  #fail(named: Named, why: string): void {
    this.failed = true;
    this.#log.fault(`output ${named.name} is switched off: ${why.split("\n")[0]}`);
    this.#outputs = this.#outputs.filter((other) => other !== named);
  }

  #each(number: number, call: (output: Output) => void): void {
    for (const named of this.#outputs) {
      try {
        call(named.outputs[number - 1]!);
      } catch (error) {
        this.#fail(named, (error as Error).message);
      }
    }
  }

  /** What session `number`, from 1, tells its outputs; they learn the number with `begin` if there are several. */
  session(number: number): SessionOutput {
    const of = this.#sessions;
    const numbered = (run: RunInfo): RunInfo =>
      of === 1 ? run : { ...run, session: { ...run.session, number: { index: number, of } } };
    return {
      begin: (run) => {
        const told = this.#runs[number - 1] = numbered(run);
        this.#each(number, (output) => output.begin?.(told));
      },
      probe: (probe) => this.#each(number, (output) => output.probe?.(probe)),
      interval: (snapshot) => this.#each(number, (output) => output.interval?.(snapshot)),
    };
  }

  /** Waits until all that was told is written: for whoever tells faster than a run does. */
  async flush(): Promise<void> {
    for (const { sink } of [...this.#outputs]) await sink.flush();
  }

  /**
   * Ends every output and closes its sink, whatever the others do: with the summaries of all sessions in their order,
   * undefined for one that has none.
   */
  async end(...summaries: readonly (Snapshot | undefined)[]): Promise<void> {
    for (const named of [...this.#outputs]) {
      try {
        for (const [i, summary] of summaries.entries()) {
          if (summary === undefined) continue;
          await named.outputs[i]!.end(summary);
          // Thousands of sessions are more at once than any reader keeps up with.
          await named.sink.flush();
        }
        await named.group.end?.();
        await named.sink.close();
      } catch (error) {
        this.#fail(named, (error as Error).message);
      }
    }
    this.exitStatus = this.#decision();
    if (this.failed && !this.#outputs.some(({ isResult }) => isResult)) await this.#tellAnyway(summaries);
  }

  /** Every output has failed: the result of a measurement is not lost for that. */
  async #tellAnyway(summaries: readonly (Snapshot | undefined)[]): Promise<void> {
    const { plugin, options } = parseOutput("table");
    const sink = stderrSink();
    sink.onFailure = () => {};
    const group = this.#groupOf(plugin, options, sink);
    for (const [i, summary] of summaries.entries()) {
      if (summary === undefined || this.#runs[i] === undefined) continue;
      const output = group.session(i + 1);
      output.begin?.(this.#runs[i]);
      await output.end(summary);
    }
    await group.end?.();
    await sink.close();
  }
}

function sinkOf(plugin: OutputPlugin, file: string | undefined): FileSink {
  return file === undefined ? stdoutSink() : plugin.inOnePiece ? wholeFileSink(file) : fileSink(file);
}

function nowhere(): FileSink {
  return { write() {}, flush: async () => {}, close: async () => {}, onFailure() {}, empty() {} };
}

interface ParsedOutput {
  readonly plugin: OutputPlugin;
  readonly options: PluginOptions;
  readonly file: string | undefined;
  /** By us, to the end of a file that is not ours. */
  readonly isAdded?: boolean;
}

function parseOutput(text: string): ParsedOutput {
  const { plugin, options, extra } = parsePluginOptions("--output", text, registry.outputs, ["file"]);
  const { file } = extra;
  if (file === "") throw new OptionError(`--output '${text}': file needs a path, as ${plugin.name}:file=result.txt`);
  const shown = file === undefined || file === "-";
  return { plugin, options: withTerminal(plugin, options, shown), file: shown ? undefined : file };
}

function refuseShared(parsed: readonly ParsedOutput[], logfile: string | undefined): void {
  const seen = new Map<string, string>();
  // A device or a pipe may well get both.
  if (logfile !== undefined && mayHold(logfile)) seen.set(placeOf(logfile), "--logfile");
  for (const { plugin, file } of parsed) {
    const place = file === undefined ? "standard output" : placeOf(file);
    const other = seen.get(place);
    if (other !== undefined) {
      throw new OptionError(
        `${other} and --output ${plugin.name} both write to ${place}: give one a file of its own, as ${plugin.name}:file=PATH`,
      );
    }
    seen.set(place, `--output ${plugin.name}`);
  }
}

/** A path that is the same for all links to a file, also of one that is still to be made. */
function placeOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    try {
      return join(realpathSync(dirname(path)), basename(path));
    } catch {
      return resolve(path);
    }
  }
}

/** Whether what is written there stays: it is a file, or will be one. */
function mayHold(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
  } catch {
    return false; // whoever opens it says why
  }
}
