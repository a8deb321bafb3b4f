/**
 * Who is answered: prefixes allowed and denied, and datagrams a second from one address. Fixed memory, whatever comes.
 *
 * @module
 */
import { isMappedIpv4, parseAddress } from "../address.ts";
import type { Admit } from "./reflector.ts";

/** A prefix over 16 octets (IPv4 mapped). */
export interface Prefix {
  readonly octets: Uint8Array;
  readonly bits: number;
  readonly family: 4 | 6;
}

/** Reads `192.0.2.0/24`, `2001:db8::/32` or an address alone; undefined if it is none of them. */
export function parsePrefix(text: string): Prefix | undefined {
  const [host, length, ...rest] = text.split("/");
  const address = parseAddress(host);
  if (address === undefined || rest.length > 0) return undefined;
  const most = address.family === 4 ? 32 : 128;
  if (length !== undefined && (!/^\d{1,3}$/.test(length) || Number(length) > most)) return undefined;
  return { octets: address.octets, bits: 128 - most + Number(length ?? most), family: address.family };
}

/** Whether the address at `at` is in `prefix`. */
export function inPrefix(prefix: Prefix, address: Uint8Array, at: number): boolean {
  if ((prefix.family === 4) !== isMappedIpv4(address, at)) return false;
  const whole = prefix.bits >> 3;
  for (let i = 0; i < whole; i++) if (address[at + i] !== prefix.octets[i]) return false;
  const rest = prefix.bits & 7;
  return rest === 0 || ((address[at + whole] ^ prefix.octets[whole]) >> (8 - rest)) === 0;
}

const ROWS = 4096;
/** Burst that a source may save up, in seconds of its rate; at least two datagrams, or jitter would cost a steady one. */
const BURST_S = 0.1;

/** What is asked of peers. */
export interface AccessOptions {
  /** None given admits everybody who is not denied. */
  readonly allow: readonly Prefix[];
  readonly deny: readonly Prefix[];
  /** Datagrams a second from one address; undefined for no limit. */
  readonly rate: number | undefined;
  /** Any number: sources share a row by a hash that nobody can aim at. */
  readonly seed: number;
  /** From {@linkcode createSharedTokens}, with the same `rate` and `seed` in each thread that has them. */
  readonly tokens?: Float64Array | undefined;
}

/**
 * Tokens that threads with one clock share, so that `rate` holds for all of them together. There is no lock: where two
 * look at one row in the same moment a token may be taken twice, which is cheaper than to have all wait for each other.
 */
export function createSharedTokens(rate: number): Float64Array {
  return fill(new Float64Array(new SharedArrayBuffer(2 * ROWS * Float64Array.BYTES_PER_ELEMENT)), rate);
}

/** What each row has, and behind all of that since when. */
function fill(tokens: Float64Array, rate: number): Float64Array {
  return tokens.fill(burstOf(rate), 0, ROWS);
}

function burstOf(rate: number): number {
  return Math.max(2, rate * BURST_S);
}

/** Makes the `admit` of a reflector; undefined if nothing is asked. */
export function createAccess(options: AccessOptions): Admit | undefined {
  const { allow, deny, rate, seed } = options;
  if (allow.length === 0 && deny.length === 0 && rate === undefined) return undefined;
  const burst = burstOf(rate ?? 0);
  const rows = options.tokens ?? fill(new Float64Array(2 * ROWS), rate ?? 0);
  const tokens = rows.subarray(0, ROWS);
  const filled = rows.subarray(ROWS);
  const within = (prefixes: readonly Prefix[], peer: Uint8Array, at: number) => {
    for (let i = 0; i < prefixes.length; i++) if (inPrefix(prefixes[i], peer, at)) return true;
    return false;
  };
  return (peer, at, now) => {
    if (within(deny, peer, at) || (allow.length > 0 && !within(allow, peer, at))) return "denied";
    if (rate === undefined) return "ok";
    let hash = seed;
    for (let i = 0; i < 16; i++) hash = Math.imul(hash ^ peer[at + i], 0x9e3779b1) ^ (hash >>> 13);
    const row = (hash ^ (hash >>> 16)) & (ROWS - 1);
    tokens[row] = Math.min(burst, tokens[row] + (now - filled[row]) * rate / 1e9);
    filled[row] = now;
    if (tokens[row] < 1) return "rate-limited";
    tokens[row]--;
    return "ok";
  };
}
