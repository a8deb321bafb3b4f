/**
 * What a run comes to: the exit status, and a line where it is not 0.
 *
 * @module
 */
import type { Snapshot } from "../core/snapshot.ts";
import { Exit } from "./exit.ts";
import type { Log } from "./log.ts";
import { plural } from "./plural.ts";
import type { Target } from "./resolve.ts";

/** The exit status of a run, and a line where it is not 0; `isSealed`: by a key that the far end must have. */
export function verdict(
  summary: Snapshot,
  interrupted: boolean,
  remote: Target,
  log: Log,
  isSealed: boolean = false,
): number {
  if (summary.received > 0) return Exit.DONE;
  const where = `${remote.host} port ${remote.port}`;
  if (interrupted && summary.lost === 0) return Exit.INTERRUPTED;
  if (summary.sendErrors > 0 && summary.sendErrors >= summary.sent) {
    log.note(`nothing could be sent to ${where}: see the note above; check the route and the address`);
    return Exit.NOT_MADE;
  }
  if (summary.malformed > 0) {
    log.note(
      `${where} sent ${
        plural(summary.malformed, "datagram")
      } too short to be a reply: is it a TWAMP or STAMP reflector?`,
    );
    return Exit.PROTOCOL;
  }
  const check = summary.late > 0
    ? `${plural(summary.late, "probe")} ${summary.late === 1 ? "was" : "were"} answered too late: give a longer ` +
      "--packet-timeout"
    : summary.forged > 0
    ? "see the note on those that do not verify"
    : summary.unexpected > 0
    ? "see the note on what came instead"
    : `check that a responder runs there${
      isSealed ? ", that it has this session's key," : ""
    } and that UDP gets through`;
  const what = summary.late > 0 ? "no reply in time" : "no reply";
  log.note(`${what} from ${where} to ${plural(summary.sent, "probe")}: ${check}`);
  return Exit.NOT_MADE;
}

/** The exit status of several sessions: the highest, but an interrupt that left one with a result has come after that. */
export function verdictOfAll(statuses: readonly number[]): number {
  const hasResult = statuses.includes(Exit.DONE);
  return Math.max(...statuses.map((status) => status === Exit.INTERRUPTED && hasResult ? Exit.DONE : status));
}
