/**
 * Whether a test session that is asked for can be had, and how: all that can be said without opening anything.
 *
 * @module
 */
import { formatAddress, isMappedIpv4 } from "../../core/address.ts";
import { Accept, Mode, type SessionRequest } from "../../core/wire/control.ts";
import { fitsReflected, type TestMode } from "../../core/wire/format.ts";
import type { Nanos } from "../../core/time/clock.ts";
import { securityName } from "./modes.ts";

/** What one session may ask for. */
export interface RequestLimits {
  /** Octets of padding. */
  readonly padding: number;
  /** How long after Stop-Sessions probes in transit are still answered. */
  readonly timeoutNs: Nanos;
  /** Whether replies can be sent with the DSCP that was asked for. */
  readonly setTos: boolean;
}

/** Yes, with the TOS of replies; or no, with what is answered and why. */
export type Verdict =
  | { readonly accept: typeof Accept.OK; readonly tos: number }
  | { readonly accept: Accept; readonly why: string };

/** An address field of zeros stands for the control connection's (RFC 5357 section 3.5). */
export function isUnset(address: Uint8Array): boolean {
  return address.every((octet) => octet === 0);
}

/** Whether it can be the address of one host: none of all hosts, of many, or of any. */
function isOfOne(address: Uint8Array): boolean {
  if (!isMappedIpv4(address, 0)) return address[0] !== 0xff;
  const first = address[12];
  return first !== 0 && first >> 4 !== 14 && !address.subarray(12).every((octet) => octet === 0xff);
}

/** Judges a request of a connection in `mode`. */
export function judgeRequest(request: SessionRequest, mode: number, limits: RequestLimits): Verdict {
  const { ipVersion, confSender, confReceiver, typeP, padding, timeoutNs, senderAddress, receiverAddress } = request;
  const refuse = (accept: Accept, why: string): Verdict => ({ accept, why });
  if (confSender !== 0 || confReceiver !== 0) {
    return refuse(Accept.UNSUPPORTED, "Conf-Sender and Conf-Receiver must be 0");
  }
  if (ipVersion !== 4 && ipVersion !== 6) return refuse(Accept.UNSUPPORTED, `IP version ${ipVersion} is unknown`);
  const set = [senderAddress, receiverAddress].filter((address) => !isUnset(address));
  if (set.length === 2 && isMappedIpv4(set[0], 0) !== isMappedIpv4(set[1], 0)) {
    return refuse(Accept.UNSUPPORTED, "sender and receiver are of two IP versions");
  }
  const odd = set.find((address) => !isOfOne(address));
  if (odd !== undefined) return refuse(Accept.UNSUPPORTED, `${formatAddress(odd)} is no address of one host`);
  // Two bits 00, then the code point (RFC 4656 section 3.5); 01 is a PHB identification code.
  if (typeP >>> 30 !== 0) return refuse(Accept.UNSUPPORTED, `Type-P 0x${typeP.toString(16)} is no DSCP`);
  const dscp = typeP >>> 24;
  if (dscp !== 0 && !limits.setTos) {
    return refuse(Accept.UNSUPPORTED, `replies cannot be sent with DSCP ${dscp} by this transport`);
  }
  if (padding > limits.padding) {
    return refuse(Accept.PERMANENT, `${padding} octets of padding are more than ${limits.padding}`);
  }
  if (timeoutNs > limits.timeoutNs) {
    return refuse(Accept.PERMANENT, `a Timeout of ${timeoutNs / 1e9} s is more than ${limits.timeoutNs / 1e9} s`);
  }
  const { paddingToReflect } = request;
  if ((mode & Mode.REFLECT) !== 0 && paddingToReflect > 0) {
    const seal = testMode(mode);
    const [monitor, symmetrical] = [(mode & Mode.MONITOR) !== 0, (mode & Mode.SYMMETRICAL) !== 0];
    if (!fitsReflected(padding, paddingToReflect, seal, monitor, symmetrical)) {
      return refuse(Accept.UNSUPPORTED, `${padding} octets of padding have no room for ${paddingToReflect} reflected`);
    }
  }
  return { accept: Accept.OK, tos: dscp << 2 };
}

/** How test packets are sealed in `mode` (RFC 5618: in mixed mode they are not). */
export function testMode(mode: number): TestMode {
  const name = securityName(mode);
  return name === "mixed" ? "open" : name;
}
