/**
 * What plugins from files did wrong while they ran. Imports next to nothing: every start loads this.
 *
 * @module
 */
import { writeSync } from "node:fs";
import { basename } from "node:path";

/** Faults of all plugins of this thread. */
class PluginFaults {
  /** Gets each line; the log, once there is one. */
  tell: (line: string) => void = tellAtOnce;
  readonly #files = new Map<string, string>();
  readonly #told = new Set<string>();
  readonly #endings = new Set<() => void>();

  /** A plugin did something wrong: the exit status will not be 0. */
  get any(): boolean {
    return this.#told.size > 0;
  }

  /** A plugin was loaded: it may hold on to something that keeps the process from ending. */
  get loaded(): boolean {
    return this.#files.size > 0;
  }

  /** From now on `path` is known to be the plugin's that people call `shown`. */
  know(path: string, shown: string): void {
    this.#files.set(path, shown);
  }

  /** Tells it, the first time. */
  record(line: string): void {
    if (this.#told.has(line)) return;
    this.#told.add(line);
    this.tell(line);
  }

  /** The plugin's file, as people call it, that an error was thrown in; undefined if it was in none. */
  culprit(error: unknown): string | undefined {
    const stack = stackOf(error);
    for (const [path, shown] of this.#files) if (stack.includes(path)) return shown;
    return undefined;
  }

  /** Calls `end` when a run cannot go on for want of a plugin; returns what undoes it. */
  onEnd(end: () => void): () => void {
    this.#endings.add(end);
    return () => void this.#endings.delete(end);
  }

  /** The runs end, with what was measured so far. */
  end(): void {
    for (const end of this.#endings) end();
  }
}

function tellAtOnce(line: string): void {
  try {
    writeSync(2, `twampede: ${line}\n`);
  } catch {
    // There is nowhere left to say it.
  }
}

function stackOf(error: unknown): string {
  const stack = error instanceof Error ? error.stack : undefined;
  return typeof stack === "string" ? stack : "";
}

/** Of this thread. */
export const faults: PluginFaults = new PluginFaults();

/** What was thrown in one line, whatever it is; with its line of `file`, if it was thrown there. */
export function explainThrown(error: unknown, file: string): string {
  const message = error instanceof Error ? error.message : textOf(error);
  const [first] = message.split("\n");
  const stack = stackOf(error);
  const name = `${basename(file)}:`;
  const at = stack.indexOf(name);
  const line = at < 0 ? undefined : /^\d+/.exec(stack.slice(at + name.length))?.[0];
  return `${first === "" ? "an error without a message" : first}${line === undefined ? "" : ` (line ${line})`}`;
}

function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "something that has no text";
  }
}
