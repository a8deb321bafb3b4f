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
  let mark = "";
  const info = (line: string) => log.info(`${stamp()} INFO     ${mark}${line}`);
  const ms = (nanos: number) => Number.isNaN(nanos) ? "n/a" : `${(nanos / 1e6).toFixed(3)}ms`;
  return {
    begin(run) {
      peer = run.session.remote;
      const { protocol, local, number } = run.session;
      if (number !== undefined && number.of > 1) mark = `[session ${number.index}] `;
      info(`${protocol} to ${peer} from ${local}, ${run.tool.transport} transport`);
    },
    probe(probe) {
      if (probe.flags & ProbeFlag.LOST) {
        return info(`No reply from ${peer} [sseq=${probe.seq}]`);
      }
      const what = probe.flags & ProbeFlag.DUPLICATE
        ? "Duplicate"
        : probe.flags & ProbeFlag.LATE
        ? "Late reply"
        : "Reply";
      const times = `rtt=${ms(probe.rtt)} outbound=${ms(probe.forward)} inbound=${ms(probe.backward)}`;
      info(`${what} from ${peer} [rseq=${probe.reflectorSeq} sseq=${probe.seq} ${times}]`);
    },
    end() {},
  };
}

/** `26/11/20 14:10:10,706`, local time. */
function stamp(): string {
  const now = Date.now();
  return `${localDateTime(now / 1000)},${String(now % 1000).padStart(3, "0")}`;
}
