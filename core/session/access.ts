/**
 * Who is answered: prefixes allowed and denied, and replies a second to one source.
 *
 * @module
 */
import { isMappedIpv4, parseAddress } from "../address.ts";
import { type RateLimit, Sources } from "./rate_limit.ts";
import type { Access } from "./reflector_types.ts";

/** A prefix over 16 octets (IPv4 mapped). */
export interface Prefix {
  readonly octets: Uint8Array;
  readonly bits: number;
  readonly family: 4 | 6;
}

/** Bits that all IPv4-mapped addresses share. */
const MAPPED_BITS = 96;

/**
 * Reads `192.0.2.0/24`, `2001:db8::/32` or an address alone; undefined if it is none of them. `::ffff:192.0.2.0/120` is
 * the first in another form: packets of IPv4 are all that it can mean.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const [host, length, ...rest] = text.split("/");
  const address = parseAddress(host);
  if (address === undefined || rest.length > 0) return undefined;
  const most = address.family === 4 ? 32 : 128;
  if (length !== undefined && (!/^\d{1,3}$/.test(length) || Number(length) > most)) return undefined;
  const bits = 128 - most + Number(length ?? most);
  const isIpv4 = bits >= MAPPED_BITS && isMappedIpv4(address.octets, 0);
  return { octets: address.octets, bits, family: isIpv4 ? 4 : 6 };
}

/** Whether the address at `at` is in `prefix`. */
export function inPrefix(prefix: Prefix, address: Uint8Array, at: number): boolean {
  if ((prefix.family === 4) !== isMappedIpv4(address, at)) return false;
  const whole = prefix.bits >> 3;
  for (let i = 0; i < whole; i++) if (address[at + i] !== prefix.octets[i]) return false;
  const rest = prefix.bits & 7;
  return rest === 0 || ((address[at + whole] ^ prefix.octets[whole]) >> (8 - rest)) === 0;
}

/** Sources at once, where nobody says. */
const SOURCES = 8192;

/** What is asked of peers. */
export interface AccessOptions {
  /** None given admits everybody who is not denied. */
  readonly allow: readonly Prefix[];
  readonly deny: readonly Prefix[];
  /** Replies a second to one source; undefined for no limit. */
  readonly rate: RateLimit | undefined;
  /** Any number: see `PeerHash`. */
  readonly seed: number;
  /** Sources at once that do not disturb each other. */
  readonly sources?: number | undefined;
  /** From `createSharedSources`, with the same `rate`, `seed` and `sources` in each thread that has them. */
  readonly tokens?: Float64Array | undefined;
}

/** Makes the `access` of a reflector; undefined if nothing is asked. */
export function createAccess(options: AccessOptions): Access | undefined {
  const { allow, deny, rate, seed, sources = SOURCES, tokens } = options;
  if (allow.length === 0 && deny.length === 0 && rate === undefined) return undefined;
  const limit = rate === undefined ? undefined : new Sources(rate, sources, seed, tokens);
  const within = (prefixes: readonly Prefix[], peer: Uint8Array, at: number) => {
    for (let i = 0; i < prefixes.length; i++) if (inPrefix(prefixes[i], peer, at)) return true;
    return false;
  };
  return {
    isAllowed: (peer, at) => !within(deny, peer, at) && (allow.length === 0 || within(allow, peer, at)),
    spend: (words, at, now) => limit === undefined || limit.spend(words, at, now),
  };
}
