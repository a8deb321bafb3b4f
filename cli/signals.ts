/**
 * Interrupts: the first asks for the result so far, the second leaves at once.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { Exit } from "./exit.ts";

const STOPPING = ["SIGINT", "SIGTERM"] as const;

/** Whether this process was begun with SIGHUP ignored, as `nohup` does; undefined where the system does not tell. */
let isHangUpIgnored: boolean | undefined;
/** Its bit in a mask of signals. */
const SIGHUP = 1;

/** Finds that out, while this process may do everything. Only Linux tells; elsewhere the system does what it does. */
export function lookAtHangUp(): void {
  if (process.platform !== "linux") return;
  try {
    const [, mask] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    if (mask !== undefined) isHangUpIgnored = (parseInt(mask.slice(-1), 16) & SIGHUP) !== 0;
  } catch {
    // As elsewhere.
  }
}

/** Calls `stop` on the first SIGINT or SIGTERM, and on each SIGHUP that is not ignored; returns what undoes it. */
export function onInterrupt(stop: () => void): () => void {
  let interrupted = false;
  const handler = () => {
    if (interrupted) process.exit(Exit.INTERRUPTED);
    interrupted = true;
    stop();
  };
  // One is sent by the system and another by the shell when a terminal goes away: neither is a second thought. One that is
  // ignored has a handler too: Deno ends on it once it listens to any signal.
  const hangUp = () => isHangUpIgnored || stop();
  for (const signal of STOPPING) process.on(signal, handler);
  if (isHangUpIgnored !== undefined) process.on("SIGHUP", hangUp);
  return () => {
    for (const signal of STOPPING) process.off(signal, handler);
    if (isHangUpIgnored !== undefined) process.off("SIGHUP", hangUp);
  };
}
