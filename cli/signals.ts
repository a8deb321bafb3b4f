/**
 * Interrupts: the first asks for the result so far, the second leaves at once.
 *
 * @module
 */
import { Exit } from "./exit.ts";

/** Calls `stop` on the first SIGINT or SIGTERM; returns what undoes it. */
export function onInterrupt(stop: () => void): () => void {
  let interrupted = false;
  const handler = () => {
    if (interrupted) process.exit(Exit.INTERRUPTED);
    interrupted = true;
    stop();
  };
  process.on("SIGINT", handler);
  process.on("SIGTERM", handler);
  return () => {
    process.off("SIGINT", handler);
    process.off("SIGTERM", handler);
  };
}
