/**
 * What stands between the program and a plugin from a file. Built-in ones have nothing of it, and pay nothing.
 *
 * @module
 */
import { OptionError } from "../../core/errors.ts";
import type { Plugin } from "../../core/plugin.ts";
import { explainThrown, faults } from "./faults.ts";

/** One plugin, as the messages about it have it. */
export class Guard {
  readonly kind: string;
  readonly name: string;
  readonly #shown: string;
  readonly #path: string;
  /** It did something wrong, and is not called any more. */
  off = false;

  /** `shown`: the file as people call it; `path`: where it is. */
  constructor({ kind, name }: Plugin, shown: string, path: string) {
    this.kind = kind;
    this.name = name;
    this.#shown = shown;
    this.#path = path;
  }

  /** What went wrong, with the file: `./mine.ts: next threw: boom (line 3)`. */
  threw(doing: string, error: unknown): string {
    return this.says(`${doing} threw: ${explainThrown(error, this.#path)}`);
  }

  says(what: string): string {
    return `${this.#shown}: ${what}`;
  }

  /** Calls the plugin's `create`. What it throws there is about its options, or makes it useless: the user's to mend. */
  create<T>(create: () => T): T {
    try {
      return create();
    } catch (error) {
      throw new OptionError(`${this.kind} ${this.name} (${this.#shown}): ${explainThrown(error, this.#path)}`);
    }
  }

  /** What `create` came to cannot be used. */
  refuse(why: string): never {
    throw new OptionError(`${this.kind} ${this.name} (${this.#shown}): ${why}`);
  }

  /** Switched off, once. */
  fail(why: string, then = ""): void {
    if (this.off) return;
    this.off = true;
    faults.record(`${this.kind} ${this.name} is switched off: ${why}${then}`);
  }

  /** Switched off, and the run ends with what was measured so far: nothing can stand in for it. */
  failForGood(why: string): void {
    if (this.off) return;
    this.fail(why, "; the run ends here");
    faults.end();
  }
}

/** An object with these methods; the name of the first that is missing, else undefined. */
export function lacks(value: unknown, methods: readonly string[]): string | undefined {
  const object = typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
  return methods.find((name) => typeof object[name] !== "function");
}
