/**
 * Keeps what `begin` was told until `end` needs it.
 *
 * @module
 */
import type { RunInfo } from "../core/plugin.ts";

/** A place for one {@linkcode RunInfo}. */
export class RunHolder {
  #run: RunInfo | undefined;

  /** Copies it: arguments of an output are borrowed. */
  keep(run: RunInfo): void {
    this.#run = { ...run, tool: { ...run.tool }, session: { ...run.session } };
  }

  /** Throws when nothing was kept: calling `end` without `begin` is a mistake of the host. */
  get(): RunInfo {
    if (this.#run === undefined) throw new Error("an output was ended that had not begun");
    return this.#run;
  }
}
