/**
 * Where results go: standard output or a file. Written synchronously, so that nothing is lost when the process ends,
 * and in large pieces, so that a line a probe does not cost a system call a probe.
 *
 * @module
 */
import { closeSync, openSync, writeSync } from "node:fs";
import type { Sink } from "../core/plugin.ts";
import { Exit, Failure } from "./exit.ts";

const PIECE = 65_536;
const FLUSH_MS = 50;

/** A sink that can say that it failed. */
export interface FileSink extends Sink {
  /** Called once, when nobody reads any more (`closed`) or writing failed. */
  onFailure: (why: string, closed: boolean) => void;
}

class DescriptorSink implements FileSink {
  onFailure: (why: string, closed: boolean) => void = () => {};
  readonly #fd: number;
  readonly #name: string;
  #text = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failed = false;

  constructor(fd: number, name: string) {
    this.#fd = fd;
    this.#name = name;
  }

  write(chunk: string): void {
    if (this.#failed) return;
    this.#text += chunk;
    if (this.#text.length >= PIECE) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const octets = new TextEncoder().encode(this.#text);
    this.#text = "";
    try {
      for (let at = 0; at < octets.length && !this.#failed;) at += this.#writeSome(octets.subarray(at));
    } catch (error) {
      this.#failed = true;
      const { code, message } = error as { code?: string; message: string };
      this.onFailure(`${this.#name} cannot be written: ${message}`, code === "EPIPE");
    }
  }

  /** A pipe that nobody empties says EAGAIN when it was made non-blocking: wait for it, a moment at a time. */
  #writeSome(octets: Uint8Array): number {
    try {
      return writeSync(this.#fd, octets);
    } catch (error) {
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      return 0;
    }
  }

  close(): Promise<void> {
    this.#flush();
    if (this.#fd > 2) closeSync(this.#fd);
    return Promise.resolve();
  }
}

/** Writes `text` to standard output at once; says nothing if nobody reads it. */
export function print(text: string): void {
  const sink = stdoutSink();
  sink.write(text);
  void sink.close();
}

/** Writes `text` to standard error at once; says nothing if nobody reads it. */
export function printError(text: string): void {
  const sink = stderrSink();
  sink.write(text);
  void sink.close();
}

/** Standard output. */
export function stdoutSink(): FileSink {
  return new DescriptorSink(1, "standard output");
}

/** Standard error, for lines that accompany a document on standard output. */
export function stderrSink(): FileSink {
  return new DescriptorSink(2, "standard error");
}

/** A file, made anew. */
export function fileSink(path: string): FileSink {
  try {
    return new DescriptorSink(openSync(path, "w"), `file '${path}'`);
  } catch (error) {
    throw new Failure(Exit.USAGE, `output file '${path}' cannot be opened: ${(error as Error).message}`);
  }
}
