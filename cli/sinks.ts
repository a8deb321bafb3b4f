/**
 * Where results go: standard output or a file. Written beside the measurement, never in its way: a reader who is slow
 * must not delay a probe; and in large pieces, so that a line a probe does not cost a system call a probe.
 *
 * @module
 */
import { closeSync, constants, ftruncateSync, openSync, statSync, write, writeSync } from "node:fs";
import type { Sink } from "../core/plugin.ts";
import { Exit, Failure } from "./exit.ts";

const PIECE = 65_536;
const FLUSH_MS = 50;
/** What a slow reader may leave waiting, in UTF-16 units; beyond it the output is switched off. */
const MOST_WAITING = 2 ** 23;
/** A pipe made non-blocking says EAGAIN while nobody empties it. */
const RETRY_MS = 5;
/** A named pipe is looked at for its reader. */
const READER_MS = 50;

/** An open file, or what opens it as soon as somebody reads it; it gives up where nothing is to be written any more. */
type Opened = number | ((isOver: () => boolean) => Promise<number | undefined>);

/** A sink that can say that it failed. */
export interface FileSink extends Sink {
  /** Called once, when nobody reads any more (`closed`) or writing failed. */
  onFailure: (why: string, closed: boolean) => void;
  /** Takes away what a file held before. */
  empty(): void;
  /** Writes what waits; resolves when nothing does. For whoever makes text faster than it can be written. */
  flush(): Promise<void>;
}

let abandoned = false;

/** Whether something is still being written to a reader who is not waited for any more: it would keep the process. */
export function isWritingInVain(): boolean {
  return abandoned;
}

class DescriptorSink implements FileSink {
  onFailure: (why: string, closed: boolean) => void = () => {};
  #fd: Opened;
  readonly #name: string;
  readonly #flushMs: number;
  #text = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> | undefined;
  #failed = false;

  constructor(fd: Opened, name: string, flushMs = FLUSH_MS) {
    this.#fd = fd;
    this.#name = name;
    this.#flushMs = flushMs;
  }

  empty(): void {
    try {
      if (typeof this.#fd === "number" && this.#fd > 2) ftruncateSync(this.#fd);
    } catch {
      // A pipe or a device holds nothing.
    }
  }

  write(chunk: string): void {
    if (this.#failed) return;
    // By what waited before: a document of many sessions is longer, and no reader had a chance at it yet.
    const isSlow = this.#text.length > MOST_WAITING;
    this.#text += chunk;
    if (isSlow) {
      abandoned = true;
      this.#fail(`${this.#name} is not read fast enough`, false);
    } else if (this.#text.length >= PIECE || this.#flushMs === 0) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), this.#flushMs);
  }

  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#text === "") return this.#writing ?? Promise.resolve();
    return this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    try {
      const fd = typeof this.#fd === "number" ? this.#fd : await this.#fd(() => this.#failed);
      if (fd === undefined) return;
      this.#fd = fd;
      while (this.#text !== "" && !this.#failed) {
        const octets = new TextEncoder().encode(this.#text);
        this.#text = "";
        for (let at = 0; at < octets.length;) at += await writeSome(fd, octets.subarray(at));
      }
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      this.#fail(`${this.#name} cannot be written: ${message}`, code === "EPIPE");
    } finally {
      // Here and not a turn later: what is said in between would wait for the next to be said.
      this.#writing = undefined;
    }
  }

  #fail(why: string, closed: boolean): void {
    this.#failed = true;
    this.#text = "";
    this.onFailure(why, closed);
  }

  /** Waits for the reader, however slow: an interrupt ends that. */
  async close(): Promise<void> {
    await this.flush();
    if (typeof this.#fd === "number" && this.#fd > 2) closeSync(this.#fd);
  }
}

interface DenoStreams {
  readonly stdout: { write(octets: Uint8Array): Promise<number> };
  readonly stderr: { write(octets: Uint8Array): Promise<number> };
}
const streams = (globalThis as { Deno?: DenoStreams }).Deno;

/** One write; 0 octets where the descriptor is not ready yet. */
async function writeSome(fd: number, octets: Uint8Array): Promise<number> {
  try {
    // On Deno, node:fs holds up everything while a pipe is full; its own streams do not.
    if (streams !== undefined && fd <= 2) return await (fd === 1 ? streams.stdout : streams.stderr).write(octets);
    return await new Promise((resolve, reject) => {
      write(fd, octets, 0, octets.length, null, (error, written) => error === null ? resolve(written) : reject(error));
    });
  } catch (error) {
    if (!isNotReady(error)) throw error;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    return 0;
  }
}

function isNotReady(error: unknown): boolean {
  return (error as { code?: string }).code === "EAGAIN";
}

/** Writes a short text to standard output at once. A reader who has left is no failure; a disk that is full is. */
export function print(text: string): void {
  try {
    printTo(1, text);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code !== "EPIPE") throw new Failure(Exit.NOT_MADE, `standard output cannot be written: ${message}`);
  }
}

/** Writes a short text to standard error at once; says nothing if nobody reads it. */
export function printError(text: string): void {
  try {
    printTo(2, text);
  } catch {
    // There is nowhere left to say it.
  }
}

function printTo(fd: number, text: string): void {
  const octets = new TextEncoder().encode(text);
  for (let at = 0; at < octets.length;) {
    try {
      at += writeSync(fd, octets.subarray(at));
    } catch (error) {
      if (!isNotReady(error)) throw error;
      // As long as one that blocks would hold it up.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}

/** Standard output. */
export function stdoutSink(): FileSink {
  return new DescriptorSink(1, "standard output");
}

/** Standard error, for lines that accompany a document on standard output; what is said is said at once. */
export function stderrSink(): FileSink {
  return new DescriptorSink(2, "standard error", 0);
}

/**
 * Opens a file to add to it. To open a named pipe would hold up everything, interrupts included, until somebody reads it,
 * and so would to write into one under Deno: it is opened without waiting, later if it has no reader yet.
 */
function openToAdd(path: string): Opened {
  if (!statSync(path, { throwIfNoEntry: false })?.isFIFO()) return openSync(path, "a");
  const openIfRead = () => {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as { code?: string }).code === "ENXIO") return undefined;
      throw error;
    }
  };
  return openIfRead() ?? (async (isOver) => {
    let fd: number | undefined;
    while (fd === undefined && !isOver()) {
      await new Promise((resolve) => setTimeout(resolve, READER_MS));
      fd = openIfRead();
    }
    return fd;
  });
}

/** A file that diagnostics are added to. */
export function logSink(path: string): FileSink {
  try {
    return new DescriptorSink(openToAdd(path), `log file '${path}'`, 0);
  } catch (error) {
    throw new Failure(Exit.USAGE, `log file '${path}' cannot be opened: ${(error as Error).message}`);
  }
}

/** A file, opened as it is: {@linkcode FileSink.empty} makes it anew once all files of a run could be opened. */
export function fileSink(path: string): FileSink {
  try {
    return new DescriptorSink(openToAdd(path), `file '${path}'`);
  } catch (error) {
    throw new Failure(Exit.USAGE, `output file '${path}' cannot be opened: ${(error as Error).message}`);
  }
}
