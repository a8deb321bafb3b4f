/**
 * A line a probe in the log, as twampy's `--verbose` has it.
 *
 * @module
 */
import type { Output } from "../core/plugin.ts";
import { ProbeFlag } from "../core/record.ts";
import { localDateTime } from "./local_time.ts";
import type { Log } from "./log.ts";

/** An output that logs. */
export function createVerboseOutput(log: Log): Output {
  let peer = "";
  const ms = (nanos: number) => Number.isNaN(nanos) ? "n/a" : `${(nanos / 1e6).toFixed(3)}ms`;
  return {
    begin(run) {
      peer = run.session.remote;
      log.info(
        `${stamp()} INFO     ${run.session.protocol} to ${peer} from ${run.session.local}, ${run.tool.transport} transport`,
      );
    },
    probe(probe) {
      if (probe.flags & ProbeFlag.LOST) {
        return log.info(`${stamp()} INFO     No reply from ${peer} [sseq=${probe.seq}]`);
      }
      const what = probe.flags & ProbeFlag.DUPLICATE
        ? "Duplicate"
        : probe.flags & ProbeFlag.LATE
        ? "Late reply"
        : "Reply";
      const times = `rtt=${ms(probe.rtt)} outbound=${ms(probe.forward)} inbound=${ms(probe.backward)}`;
      log.info(`${stamp()} INFO     ${what} from ${peer} [rseq=${probe.reflectorSeq} sseq=${probe.seq} ${times}]`);
    },
    end() {},
  };
}

/** `26/11/20 14:10:10,706`, local time. */
function stamp(): string {
  const now = Date.now();
  return `${localDateTime(now / 1000)},${String(now % 1000).padStart(3, "0")}`;
}
