/**
 * Keeps what `begin` was told until `end` needs it.
 *
 * @module
 */
import type { RunInfo } from "../core/plugin.ts";

/** The number of a session that is one of several; undefined where it is the only one. */
export function numberOf({ session: { number } }: RunInfo): number | undefined {
  return number === undefined || number.of < 2 ? undefined : number.index;
}

/** A place for one {@linkcode RunInfo}. */
export class RunHolder {
  #run: RunInfo | undefined;

  /** Copies it: arguments of an output are borrowed. */
  keep(run: RunInfo): void {
    const { control, number } = run.session;
    this.#run = {
      ...run,
      tool: { ...run.tool },
      session: {
        ...run.session,
        control: control && { ...control, modes: [...control.modes] },
        number: number && { ...number },
      },
    };
  }

  /** Throws when nothing was kept: calling `end` without `begin` is a mistake of the host. */
  get(): RunInfo {
    if (this.#run === undefined) throw new Error("an output was ended that had not begun");
    return this.#run;
  }
}
