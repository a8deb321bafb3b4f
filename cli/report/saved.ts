/**
 * Files with results: which sessions are in them, and their probes in the order in which they were written.
 *
 * A file is read twice where it has lines: what a session was is said in its last line, and outputs want it first.
 *
 * @module
 */
import { OptionError } from "../../core/errors.ts";
import { createRecord, ProbeFlag, type ProbeRecord } from "../../core/record.ts";
import type { RunInfo } from "../../core/plugin.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { readResult, readSnapshot, type SavedResult } from "./document.ts";
import { clean, Fields, FormatError } from "./fields.ts";
import { readProbe } from "./probe.ts";
import { CutSession } from "./cut_session.ts";
import { type Found, MOST_SESSIONS, Sessions } from "./sessions.ts";
import { openSource, type Source } from "./source.ts";
import { withBins } from "./bins.ts";

const RESULT = "twampede/result/1";
const RESULTS = "twampede/results/1";

/** What a session told while it ran, told again. */
export interface Replay {
  probe(session: SavedSession, probe: Readonly<ProbeRecord>): void;
  interval?(session: SavedSession, snapshot: Snapshot): void;
}

/** One session of a file. */
export interface SavedSession {
  /** The file, as messages call it. */
  readonly from: string;
  readonly run: RunInfo;
  /** Complete when the file has been replayed: until then of a histogram that is made of probes nothing is known. */
  readonly summary: () => Snapshot;
  readonly hasProbes: boolean;
  readonly hasHistograms: boolean;
}

/** A file with results. */
export interface SavedFile {
  readonly name: string;
  readonly sessions: readonly SavedSession[];
  /** Tells everything once more, a piece at a time: between two of them a writer may be waited for. */
  replay(to: Replay): Iterable<void>;
}

/** Reads what is in the files; a mistake in one is a line that names it. */
export function openSaved(paths: readonly string[]): SavedFile[] {
  if (paths.filter((path) => path === "-").length > 1) {
    throw new OptionError("standard input (-) is given twice: it can be read once");
  }
  return paths.map((path) => {
    const source = openSource(path);
    return naming(source.name, () => openOne(source));
  });
}

/** Runs what reads a file; what is wrong with it is said with its name. */
function naming<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatError) throw new OptionError(`${name}: ${error.message}`);
    throw error;
  }
}

function openOne(source: Source): SavedFile {
  for (const { text } of source.lines()) {
    if (text.trim() === "") continue;
    return parsed(text) === undefined ? openDocument(source) : openLines(source);
  }
  throw new FormatError("it is empty: a run writes its json when it is over");
}

/** Undefined where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function openDocument(source: Source): SavedFile {
  const text = source.text().trim();
  const document = parsed(text);
  if (document === undefined) throw notJson(text);
  const sessions = resultsOf(document).map((result) => justResult(source.name, result));
  return { name: source.name, sessions, replay: () => [] };
}

function notJson(text: string): FormatError {
  if (text.startsWith("{") && text.includes('"twampede/result')) {
    return new FormatError("its JSON is cut or damaged: nothing of it can be trusted");
  }
  if (text.startsWith('{"type":"')) return new FormatError("it is cut within its first line");
  return new FormatError("it is no JSON: give what --output json or --output ndjson wrote");
}

function justResult(from: string, { run, summary, hasHistograms }: SavedResult): SavedSession {
  return { from, run, summary: () => summary, hasProbes: false, hasHistograms };
}

function resultsOf(value: unknown): SavedResult[] {
  const document = new Fields(value);
  const schema = document.text("schema");
  if (schema === RESULT) return [readResult(document)];
  if (schema === RESULTS) {
    const results = document.objects("results");
    if (results.length === 0 || results.length > MOST_SESSIONS) {
      throw new FormatError(`it has ${results.length} results: 1 to ${MOST_SESSIONS} are read`);
    }
    return results.flatMap((one, i) => {
      const inner = one.text("schema");
      if (inner !== RESULT) throw new FormatError(`results[${i}]: ${wrongSchema(inner)}`);
      return [readResult(one)];
    });
  }
  throw new FormatError(wrongSchema(schema));
}

function wrongSchema(schema: string | null): string {
  if (schema === null) return "it has no schema: no result of twampede";
  const [, what, version] = /^twampede\/(results?)\/(\d+)$/.exec(schema) ?? [];
  if (version !== undefined && Number(version) > 1) {
    return `its schema is ${schema}, later than this version of twampede reads (twampede/${what}/1): use a newer one`;
  }
  return `its schema is '${schema}', not ${RESULT}`;
}

/** Quick to tell without reading all of the line: in a first pass nothing else of a probe counts. */
const PROBE = /^\{"type":"(probe|event)",(?:"session":(\d{1,4}),)?/;

function openLines(source: Source): SavedFile {
  const sessions = new Sessions(source.name);
  for (const { line, text, at, whole } of numbered(source)) {
    const quick = PROBE.exec(text);
    if (quick !== null && whole) {
      sessions.count(Number(quick[2] ?? 0), quick[1]);
      continue;
    }
    const value = line();
    if (value === undefined) {
      if (whole) throw new FormatError(`line ${at} is no JSON`);
      break; // cut: what comes before counts
    }
    readFirst(new Fields(value, `line ${at}: `), sessions);
  }
  if (sessions.found.length === 0) {
    throw new FormatError("it has neither probes nor a result");
  }
  const cut = sessions.all().filter(({ result }) => result === undefined);
  if (cut.length > 0) {
    for (const one of cut) one.cut = new CutSession(cut.length > 1 || sessions.all().length > 1);
    for (const _ of replayed(source, sessions, { probe: (found, probe) => found.cut?.look(probe) }));
    for (const one of cut) one.cut?.begin();
    for (const _ of replayed(source, sessions, { probe: (found, probe) => found.cut?.record(probe) }));
  }
  const made = new Map(sessions.inOrder().map((found) => [found, finished(found)]));
  return {
    name: source.name,
    sessions: [...made.values()].map(({ session }) => session),
    *replay(to) {
      yield* replayed(source, sessions, {
        probe(found, probe) {
          const { session, bins } = made.get(found)!;
          bins?.record(probe);
          to.probe(session, probe);
        },
        interval: (found, snapshot) => to.interval?.(made.get(found)!.session, snapshot),
      });
    },
  };
}

/** Lines that are not empty; the first is 1. */
function* numbered(source: Source) {
  let at = 0;
  for (const { text, whole } of source.lines()) {
    at++;
    if (text.trim() !== "") yield { text, at, whole, line: () => parsed(text) };
  }
}

/** What a line says of the sessions there are. */
function readFirst(line: Fields, sessions: Sessions): void {
  const type = line.text("type");
  if (type === "summary" || (type === null && line.raw("schema") !== undefined)) {
    const schema = line.text("schema");
    if (type === null && schema === RESULTS) {
      const document = Object.fromEntries(line.names().map((name) => [name, line.raw(name)]));
      for (const result of resultsOf(document)) sessions.end(0, result);
      return;
    }
    if (schema !== RESULT) throw new FormatError(wrongSchema(schema));
    const result = readResult(line);
    sessions.end(result.run.session.number?.index ?? 0, result);
  } else if (type === "probe" || type === "event" || type === "interval") {
    sessions.count(sessionOf(line), type);
  } else if (type === null) throw new FormatError("it has no schema: no result of twampede");
  else throw line.wrong("type", clean(type), "probe, event, interval or summary");
}

function sessionOf(line: Fields): number {
  const number = line.countOrNull("session") ?? 0;
  if (number > MOST_SESSIONS) throw line.wrong("session", number, `a number up to ${MOST_SESSIONS}`);
  return number;
}

/** Lines read between two moments at which a writer may be waited for. */
const AT_ONCE = 1000;

interface FoundReplay {
  probe(found: Found, probe: Readonly<ProbeRecord>): void;
  interval?(found: Found, snapshot: Snapshot): void;
}

function* replayed(source: Source, sessions: Sessions, to: FoundReplay): Generator<void> {
  const record = createRecord();
  sessions.rewind();
  let count = 0;
  for (const { line, at, whole } of numbered(source)) {
    const value = line();
    if (value === undefined && !whole) break; // cut, as the first pass has found
    if (value === undefined) throw new OptionError(`${source.name}: line ${at} is no JSON`);
    naming(source.name, () => replayLine(new Fields(value, `line ${at}: `), record, sessions, to));
    if (++count % AT_ONCE === 0) yield;
  }
}

function replayLine(line: Fields, record: ProbeRecord, sessions: Sessions, to: FoundReplay): void {
  const type = line.text("type");
  if (type === "probe" || type === "event") {
    const found = type === "probe" ? sessions.ofProbe(sessionOf(line)) : sessions.of(sessionOf(line));
    if (!readProbe(line, record)) return;
    // A line does not tell it of its probe, the result does of all; unknown is no claim.
    if (found.result?.summary.peer.synchronized !== true) record.flags |= ProbeFlag.UNSYNCHRONIZED;
    to.probe(found, record);
  } else if (type === "interval") to.interval?.(sessions.of(sessionOf(line)), readSnapshot(line));
  else if (line.text("schema") === RESULTS) {
    for (const _ of line.list("results")) sessions.end(0);
  } else sessions.end(line.objectOrEmpty("session").object("number")?.count("index") ?? 0);
}

function finished({ from, result, probes, cut }: Found) {
  if (result === undefined) {
    const { run, summary } = cut!;
    const session: SavedSession = { from, run: run(), summary, hasProbes: true, hasHistograms: true };
    return { session, bins: undefined };
  }
  const { run, summary, hasHistograms } = result;
  const hasProbes = probes > 0;
  const bins = hasProbes && !hasHistograms ? withBins(summary) : undefined;
  const session: SavedSession = {
    from,
    run,
    summary: () => bins?.summary ?? summary,
    hasProbes,
    hasHistograms: hasHistograms || hasProbes,
  };
  return { session, bins };
}
