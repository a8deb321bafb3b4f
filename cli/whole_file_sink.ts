/**
 * A file that is put in place in one piece, when it is complete: whoever reads it in between has the one before. A
 * collector that looks every few seconds never finds half of one.
 *
 * @module
 */
import {
  accessSync,
  chmodSync,
  constants,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import { Exit, Failure } from "./exit.ts";
import { type FileSink, fileSink } from "./sinks.ts";

/** UTF-16 units; thousands of sessions are a few tens of millions. */
const MOST = 2 ** 26;

/** Refuses a folder where nothing can be put before the run, and writes nothing before its end. */
export function wholeFileSink(path: string): FileSink {
  try {
    const before = statSync(path, { throwIfNoEntry: false });
    // A pipe or a device is written into: a rename would put a file in its place.
    if (before !== undefined && !before.isFile()) return fileSink(path);
    // Through a link to what it stands for, so that the link stays one.
    const target = before === undefined ? missing(path) : realpathSync(path);
    // Deno lets only those ask who may know the user's number (`sys`).
    accessSync(dirname(target), constants.W_OK);
    return new WholeFileSink(target, before && before.mode & 0o777);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(Exit.USAGE, `output file '${path}' cannot be put in place: ${(error as Error).message}`);
  }
}

/** What is not there yet, through links that lead to it. */
function missing(path: string): string {
  let link: string;
  try {
    link = readlinkSync(path);
  } catch {
    return path;
  }
  return missing(resolve(dirname(path), link));
}

class WholeFileSink implements FileSink {
  onFailure: (why: string, closed: boolean) => void = () => {};
  readonly #path: string;
  /** Of the file that was there before: who could read it can go on. */
  readonly #mode: number | undefined;
  #text = "";
  #failed = false;

  constructor(path: string, mode: number | undefined) {
    this.#path = path;
    this.#mode = mode;
  }

  write(chunk: string): void {
    if (this.#failed) return;
    this.#text += chunk;
    if (this.#text.length > MOST) this.#fail("it is too much for one piece");
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  empty(): void {}

  close(): Promise<void> {
    if (this.#failed) return Promise.resolve();
    // A hidden name in the same folder: a rename across file systems is a copy, and collectors read by ending.
    const unfinished = join(dirname(this.#path), `.${basename(this.#path)}.${process.pid}.new`);
    try {
      writeFileSync(unfinished, this.#text, { flush: true });
      if (this.#mode !== undefined) chmodSync(unfinished, this.#mode);
      renameSync(unfinished, this.#path);
    } catch (error) {
      rmSync(unfinished, { force: true });
      this.#fail((error as Error).message);
    }
    return Promise.resolve();
  }

  #fail(why: string): void {
    this.#failed = true;
    this.#text = "";
    this.onFailure(`file '${this.#path}' cannot be written: ${why}`, false);
  }
}
