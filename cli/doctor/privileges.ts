/**
 * What this user may do.
 *
 * @module
 */
import process from "node:process";
import { TransportError } from "../../core/errors.ts";
import type { Transport } from "../../core/transport.ts";
import type { PrivilegeFacts } from "./facts.ts";
import { notKnown, number, row, section, UNREADABLE } from "./layout.ts";
import { parseCapabilities } from "./proc.ts";
import { attempt, readNumber, readText } from "./read.ts";

/** The port of TWAMP and STAMP (RFC 5357 section 6, RFC 8762 section 4.1). */
const PORT = 862;

/** Reads them, and tries to bind the port. */
export async function readPrivileges(transport: Transport | undefined): Promise<PrivilegeFacts> {
  const status = readText("/proc/self/status");
  return {
    user: attempt(() => process.getuid?.() ?? null),
    capabilities: status === null ? null : parseCapabilities(status),
    unprivilegedPortStart: readNumber("/proc/sys/net/ipv4/ip_unprivileged_port_start"),
    canBind862: transport === undefined ? null : await canBind(transport),
  };
}

async function canBind(transport: Transport): Promise<boolean | null> {
  try {
    (await transport.openDatagram({ hostname: "127.0.0.1", port: PORT })).close();
    return true;
  } catch (error) {
    const code = error instanceof TransportError ? error.code : undefined;
    // Whether it is allowed is decided before whether it is free.
    return code === "in-use" ? true : code === "permission" ? false : null;
  }
}

/** As text. */
export function privilegeLines(privileges: PrivilegeFacts): string[] {
  const { user, capabilities, unprivilegedPortStart, canBind862 } = privileges;
  const names = (has: boolean) =>
    Object.entries(capabilities ?? {}).filter(([, is]) => is === has).map(([name]) => name);
  return section("Privileges", [
    ...row("user", user === 0 ? "root" : number(user)),
    ...row("has", capabilities === null ? notKnown(UNREADABLE) : names(true).join(", ") || "nothing beyond any user's"),
    ...row(
      "has not",
      capabilities === null ? notKnown(UNREADABLE) : names(false).join(", ") || "(nothing of use is missing)",
    ),
    ...row(
      "ports for everyone",
      unprivilegedPortStart === null ? notKnown(UNREADABLE) : `from ${unprivilegedPortStart}`,
    ),
    ...row(
      "port 862 (TWAMP)",
      canBind862 === null ? notKnown(UNREADABLE) : canBind862 ? "can be bound" : "cannot be bound",
    ),
  ]);
}
