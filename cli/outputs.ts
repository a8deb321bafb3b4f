/**
 * The outputs of a run: parsed from `--output`, each with its sink, and fed together. One that throws is switched off
 * with a line; the others go on.
 *
 * @module
 */
import { resolve } from "node:path";
import { OptionError } from "../core/errors.ts";
import { parsePluginOptions } from "../core/plugin_options.ts";
import type { Output, OutputPlugin, PluginOptions, RunInfo, Sink } from "../core/plugin.ts";
import type { ProbeRecord } from "../core/record.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { createResponses, OUTPUTS } from "../outputs/mod.ts";
import { localDateTime } from "./local_time.ts";
import type { Log } from "./log.ts";
import { type FileSink, fileSink, stderrSink, stdoutSink } from "./sinks.ts";

/** What of the options concerns outputs. */
export interface OutputChoice {
  readonly output: readonly string[];
  readonly telegraf: boolean;
  readonly responses: boolean;
  readonly intervals: boolean;
}

interface Named {
  readonly name: string;
  readonly output: Output;
  readonly sink: FileSink;
  /** On standard output. */
  readonly shown: boolean;
}

/** All outputs of a run as one. */
export class OutputSet implements Output {
  /** The result did not reach everybody it was for. */
  failed = false;
  /** Called when nobody reads standard output any more. */
  onClosed: () => void = () => {};
  #outputs: Named[] = [];
  readonly #choice: OutputChoice;
  readonly #parsed: readonly ParsedOutput[];
  readonly #log: Log;

  /** Checks what was asked for; no file is touched before {@linkcode open}. */
  constructor(choice: OutputChoice, log: Log) {
    this.#log = log;
    this.#choice = choice;
    const specs = [...choice.output, ...(choice.telegraf ? ["influx"] : [])];
    this.#parsed = (specs.length === 0 ? ["table"] : specs).map(parseOutput);
    refuseShared(this.#parsed);
  }

  /** Whether lines come while the run goes on where a person may read them; known once it is open. */
  get streams(): boolean {
    const { responses, intervals } = this.#choice;
    return responses || intervals || this.#outputs.some(({ output, shown }) => shown && output.probe !== undefined);
  }

  /** Opens the files: once nothing else can refuse the run, and before anything is sent. */
  open(): void {
    const { responses, intervals } = this.#choice;
    if (responses || intervals) {
      // Lines come before the table that ends the run.
      const beside = this.#parsed.some(({ plugin, file }) => plugin.name === "table" && file === undefined);
      const wanted = { responses, intervals, time: localDateTime };
      this.#add("responses", beside ? undefined : stderrSink(), (sink) => createResponses(wanted, sink));
    }
    for (const { plugin, options, file } of this.#parsed) {
      const sink = file === undefined ? undefined : fileSink(file);
      this.#add(plugin.name, sink, (target) => plugin.create(options, target));
    }
    for (const { sink } of this.#outputs) sink.empty();
  }

  /** Adds an output that writes nowhere of its own. */
  add(name: string, output: Output): void {
    this.#outputs.unshift({
      name,
      output,
      sink: { write() {}, flush: async () => {}, close: async () => {}, onFailure() {}, empty() {} },
      shown: false,
    });
  }

  /** Without a sink of its own an output goes to standard output. */
  #add(name: string, own: FileSink | undefined, create: (sink: Sink) => Output): void {
    const sink = own ?? stdoutSink();
    const named: Named = { name, sink, output: create(sink), shown: own === undefined };
    sink.onFailure = (why, closed) => {
      if (closed) this.onClosed();
      else this.#fail(named, why);
    };
    this.#outputs.push(named);
  }

  #fail(named: Named, why: string): void {
    this.failed = true;
    this.#log.note(`output ${named.name} is switched off: ${why.split("\n")[0]}`);
    this.#outputs = this.#outputs.filter((other) => other !== named);
  }

  #each(call: (output: Output) => void): void {
    for (const named of this.#outputs) {
      try {
        call(named.output);
      } catch (error) {
        this.#fail(named, (error as Error).message);
      }
    }
  }

  begin(run: RunInfo): void {
    this.#each((output) => output.begin?.(run));
  }
  probe(probe: Readonly<ProbeRecord>): void {
    this.#each((output) => output.probe?.(probe));
  }
  interval(snapshot: Snapshot): void {
    this.#each((output) => output.interval?.(snapshot));
  }

  /** Ends every output and closes its sink, whatever the others do. */
  async end(summary: Snapshot): Promise<void> {
    for (const named of [...this.#outputs]) {
      try {
        await named.output.end(summary);
        await named.sink.close();
      } catch (error) {
        this.#fail(named, (error as Error).message);
      }
    }
  }
}

interface ParsedOutput {
  readonly plugin: OutputPlugin;
  readonly options: PluginOptions;
  readonly file: string | undefined;
}

function parseOutput(text: string): ParsedOutput {
  const { plugin, options, extra } = parsePluginOptions("--output", text, OUTPUTS, ["file"]);
  const { file } = extra;
  if (file === "") throw new OptionError(`--output '${text}': file needs a path, as ${plugin.name}:file=result.txt`);
  return { plugin, options, file: file === "-" ? undefined : file };
}

function refuseShared(parsed: readonly ParsedOutput[]): void {
  const seen = new Map<string, string>();
  for (const { plugin, file } of parsed) {
    const place = file === undefined ? "standard output" : resolve(file);
    const other = seen.get(place);
    if (other !== undefined) {
      throw new OptionError(
        `--output ${other} and --output ${plugin.name} both write to ${place}: give one a file, as ${plugin.name}:file=PATH`,
      );
    }
    seen.set(place, plugin.name);
  }
}
