/**
 * Session Identifiers as RFC 4656 section 3.5 makes them: an address of this host, the time, and chance.
 *
 * @module
 */
import { networkInterfaces } from "node:os";
import { isMappedIpv4, parseAddress } from "../../core/address.ts";
import { SID_SIZE } from "../../core/control/session_id.ts";
import { putNtp } from "../../core/wire/timestamp.ts";
import { randomOctets } from "./derive.ts";

const TIME_AT = 4;
const CHANCE_AT = 12;

/** A SID that is told apart from all others; `local` is the address of the control connection. */
export function createSid(local: string): Uint8Array {
  const sid = new Uint8Array(SID_SIZE);
  sid.set(machine(local));
  const now = Date.now();
  putNtp(new DataView(sid.buffer), TIME_AT, Math.floor(now / 1000), (now % 1000) * 1e6);
  // Fractions of a millisecond are chance as well: the SID is the key under which test keys are made.
  sid.set(randomOctets(SID_SIZE - CHANCE_AT + 2), CHANCE_AT - 2);
  return sid;
}

/** Four octets of this machine: an IPv4 address that is no loopback, else the last of the IPv6 address. */
function machine(local: string): Uint8Array {
  const octets = parseAddress(local)?.octets ?? new Uint8Array(16);
  if (isMappedIpv4(octets, 0) && octets[12] !== 127) return octets.subarray(12);
  own ??= ownIpv4() ?? NONE;
  return (own === NONE ? octets : own).subarray(12);
}

const NONE = new Uint8Array(16);
/** Looked up once: it takes files, of which there may be none left when a client wants a session. */
let own: Uint8Array | undefined;

function ownIpv4(): Uint8Array | undefined {
  try {
    const all = Object.values(networkInterfaces()).flat();
    const found = all.find((entry) => entry?.family === "IPv4" && !entry.internal);
    return found && parseAddress(found.address)?.octets;
  } catch {
    return undefined;
  }
}
