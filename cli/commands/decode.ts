/**
 * `decode`: packets given as hex or in capture files, annotated.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { OptionError } from "../../core/errors.ts";
import { decodeHex, decodeInput, type DecodeOptions } from "../decode/decode.ts";
import { readDecodeKeys } from "../decode/keys.ts";
import { Exit, Failure } from "../exit.ts";
import { stdoutSink } from "../sinks.ts";

const STDIN = 0;

/** Lines after which the reader is waited for: what is decoded is not held in memory. */
const LINES = 1000;

/** What was said on the command line. */
export interface DecodeValues extends Pick<DecodeOptions, "as" | "json" | "port"> {
  readonly keyFile?: string | undefined;
}

/** Runs `decode`; every input is a file, hex, or `-` for standard input. Resolves to the exit status. */
export async function runDecode(inputs: readonly string[], values: DecodeValues): Promise<number> {
  const { keyFile, ...chosen } = values;
  const options = keyFile === undefined ? chosen : { ...chosen, ...readDecodeKeys(keyFile) };
  const sink = stdoutSink();
  let failure: string | undefined;
  let left = false;
  sink.onFailure = (why, closed) => {
    left = true;
    if (!closed) failure = why;
  };
  let count = 0;
  try {
    for (const lines of decodeAll(inputs, options)) {
      for (const line of lines) {
        sink.write(`${line}\n`);
        if (++count % LINES === 0) await sink.flush();
        if (left) break;
      }
      if (left) break;
    }
  } finally {
    await sink.close();
  }
  if (failure !== undefined) throw new Failure(Exit.NOT_MADE, failure);
  return Exit.DONE;
}

/** Hex may be spread over several arguments, as a shell splits it; a file is one argument. */
function* decodeAll(inputs: readonly string[], options: DecodeOptions): Generator<Iterable<string>> {
  const hex: string[] = [];
  for (const input of inputs.length === 0 ? ["-"] : inputs) {
    if (input !== "-" && !existsSync(input)) {
      refusePath(input);
      hex.push(input);
    } else {
      if (hex.length > 0) yield decodeHex(hex.splice(0).join(" "), options);
      yield decodeInput(read(input), options);
    }
  }
  if (hex.length > 0) yield decodeHex(hex.join(" "), options);
}

function refusePath(input: string): void {
  if (/[/\\]|\.[a-z]+$/i.test(input)) {
    throw new OptionError(`file '${input}' does not exist: give a capture, hex, or - for standard input`);
  }
}

function read(input: string): Uint8Array {
  try {
    return readFileSync(input === "-" ? STDIN : input);
  } catch (error) {
    throw new OptionError(
      `${input === "-" ? "standard input" : `file '${input}'`} cannot be read: ${(error as Error).message}`,
    );
  }
}
