/**
 * `dscptable`: code points by name, number and TOS octet.
 *
 * @module
 */
import { dscpTable } from "../../core/dscp.ts";

/** The table as lines. */
export function dscpLines(): string[] {
  const rule = "-".repeat(51);
  const rows = dscpTable().map(({ dscp, name, aliases }) => {
    const bits = dscp.toString(2).padStart(6, "0");
    const tos = `0x${(dscp << 2).toString(16).padStart(2, "0")}`;
    const also = aliases.length > 0 ? `  (${aliases.join(", ")})` : "";
    return `  ${name.padEnd(6)} ${String(dscp).padStart(4)}   ${bits}   ${tos} ${String(dscp << 2).padStart(5)}${also}`;
  });
  return ["  Name   DSCP   Bits     TOS    TOS", rule, ...rows, rule];
}
