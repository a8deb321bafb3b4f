/**
 * Files that results are read from, in pieces: a line a probe may be more than fits in memory.
 *
 * @module
 */
import { closeSync, openSync, readFileSync, readSync, type Stats, statSync } from "node:fs";
import { OptionError } from "../../core/errors.ts";
import { FormatError } from "./fields.ts";

const PIECE = 1 << 20;
/** The longest line, and the longest document: histograms of many sessions are a few megabytes. */
export const LONGEST = 64 << 20;
const STDIN = 0;

/** One input, that can be read as often as wanted. */
export interface Source {
  /** As messages call it. */
  readonly name: string;
  /** Its lines without what ends them; `whole`: there was something that ended it. */
  lines(): Iterable<{ readonly text: string; readonly whole: boolean }>;
  /** All of it. */
  text(): string;
}

/** `-` is standard input. That and a pipe, as `<(zcat run.ndjson.gz)` is one, cannot be read twice: they are kept. */
export function openSource(path: string): Source {
  const name = path === "-" ? "standard input" : `'${path}'`;
  const about = path === "-" ? undefined : look(path, name);
  const kept = about === undefined || about.isFIFO() ? readAll(about === undefined ? STDIN : path, name) : undefined;
  // A run that still goes on adds lines meanwhile: each reading is of what there was at first.
  const most = about?.isFile() ? about.size : Infinity;
  const pieces = () => kept === undefined ? piecesOf(path, name, most) : [kept];
  return {
    name,
    lines: () => linesOf(pieces()),
    text() {
      let text = "";
      for (const piece of decoded(pieces())) {
        text += piece;
        if (text.length > LONGEST) throw new FormatError(`it is a document of more than ${LONGEST >> 20} MiB`);
      }
      return text;
    },
  };
}

function unreadable(name: string, error: unknown): OptionError {
  const { code, message } = error as { code?: string; message: string };
  if (code === "ENOENT") {
    return new OptionError(`${name} does not exist: give a file that --output json or ndjson wrote`);
  }
  return new OptionError(`${name} cannot be read: ${message.split("\n")[0]}`);
}

function readAll(file: string | number, name: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw unreadable(name, error);
  }
}

function look(path: string, name: string): Stats {
  try {
    const about = statSync(path);
    if (about.isDirectory()) throw new OptionError(`${name} is a directory: give the files in it`);
    return about;
  } catch (error) {
    throw error instanceof OptionError ? error : unreadable(name, error);
  }
}

/** The first `most` octets. */
function* piecesOf(path: string, name: string, most: number): Generator<Uint8Array> {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    const piece = new Uint8Array(PIECE);
    for (let left = most; left > 0;) {
      const read = readSync(fd, piece, 0, Math.min(PIECE, left), null);
      if (read === 0) return;
      left -= read;
      yield piece.subarray(0, read);
    }
  } catch (error) {
    throw error instanceof OptionError || error instanceof FormatError ? error : unreadable(name, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** UTF-8, or UTF-16 as the shell of Windows writes it behind `>`, if a mark says so. */
function* decoded(pieces: Iterable<Uint8Array>): Generator<string> {
  let decoder: TextDecoder | undefined;
  for (const piece of pieces) {
    decoder ??= new TextDecoder(piece[0] === 0xff && piece[1] === 0xfe ? "utf-16le" : "utf-8");
    yield decoder.decode(piece, { stream: true });
  }
  if (decoder !== undefined) yield decoder.decode();
}

function* linesOf(pieces: Iterable<Uint8Array>) {
  let rest = "";
  for (const piece of decoded(pieces)) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield { text: line.endsWith("\r") ? line.slice(0, -1) : line, whole: true };
    if (rest.length > LONGEST) throw new FormatError(`it has a line of more than ${LONGEST >> 20} MiB`);
  }
  if (rest.trim() !== "") yield { text: rest, whole: false };
}
