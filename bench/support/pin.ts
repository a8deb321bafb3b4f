/**
 * A processor of its own for each side, so that a rate is that of one core and the other side does not take from it.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import os from "node:os";

/** What goes before a command so that it stays on that processor; nothing where that cannot be had. */
export function pinned(core: 0 | 1): readonly string[] {
  const pin = ["taskset", "-c", String(core)];
  const can = os.cpus().length > 1 && spawnSync(pin[0], [...pin.slice(1), "true"]).status === 0;
  return can ? pin : [];
}

/** A sentence for the notes. */
export function pinning(): string {
  return pinned(0).length + pinned(1).length === 6
    ? "Each side has a processor of its own."
    : "The two sides share the processors: there is no second one, or no taskset.";
}
