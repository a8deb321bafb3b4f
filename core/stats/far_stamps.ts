/**
 * What takes the far end's stamps, as far as it says so itself (Timestamp Information and Follow-Up Telemetry, RFC 8972
 * sections 4.3 and 4.7).
 *
 * @module
 */
import type { Snapshot, TlvReport } from "../snapshot.ts";
import { METHOD_HARDWARE, METHOD_SOFTWARE, STAMP_METHODS } from "../tlv.ts";

type Sources = Pick<Snapshot["stamps"], "t2" | "t3">;

const HARDWARE = STAMP_METHODS[METHOD_HARDWARE];
const SOFTWARE = STAMP_METHODS[METHOD_SOFTWARE];

/**
 * Of the stamps that replies carry. T2 by software is not told: the wire has one word for a program and its kernel. T3 by
 * software is the program's: what a packet carries was written before the kernel had it.
 */
export function farStamps(tlvs: readonly TlvReport[]): Sources {
  const value = (tlv: string, key: string) => tlvs.find(({ name }) => name === tlv)?.values[`${tlv}.${key}`];
  const stampIn = value("timestamp-info", "stampIn");
  const stampOut = value("timestamp-info", "stampOut");
  return {
    t2: stampIn === HARDWARE ? "hardware" : null,
    t3: stampOut === HARDWARE ? "hardware" : stampOut === SOFTWARE ? "user" : null,
  };
}
