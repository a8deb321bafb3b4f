/**
 * Values of options: text in, a checked value out, or one line that says what is wrong and what would be right.
 *
 * @module
 */
import { availableParallelism } from "node:os";
import { OptionError } from "../core/errors.ts";
import type { RateLimit } from "../core/session/rate_limit.ts";
import { parseDuration } from "../core/time/duration.ts";
import { DSCP_NAMES, parseDscp } from "../core/dscp.ts";
import { offering, shaped } from "./shapes.ts";

/** A whole number within bounds; decimal or 0x. */
export function integer(option: string, least: number, most: number): (text: string) => number {
  const parse = (text: string) => {
    const value = /^-?(\d+|0x[0-9a-f]+)$/i.test(text) ? toNumber(text) : NaN;
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    const upper = most === Infinity ? `${least} upward` : `${least} to ${most}`;
    throw new OptionError(`${option} '${text}' is not a whole number from ${upper}`);
  };
  const number = { type: "integer", minimum: least, ...(most < Infinity ? { maximum: most } : {}) };
  return shaped(parse, { anyOf: [number, { type: "string", pattern: "^-?([0-9]+|0[xX][0-9a-fA-F]+)$" }] });
}

/** More threads than this serve no machine there is. */
const MOST_WORKERS = 256;

/** How many threads; `auto` is as many as there are processors for this process. */
export function workers(text: string): number {
  if (text === "auto") return Math.min(availableParallelism(), MOST_WORKERS);
  const value = /^\d{1,3}$/.test(text) ? Number(text) : NaN;
  if (value >= 1 && value <= MOST_WORKERS) return value;
  throw new OptionError(`--workers '${text}' is neither auto nor a whole number from 1 to ${MOST_WORKERS}`);
}
shaped(workers, {
  anyOf: [{ type: "integer", minimum: 1, maximum: MOST_WORKERS }, { type: "string", pattern: "^(auto|[0-9]{1,3})$" }],
});
offering(workers, () => ["auto"]);

function toNumber(text: string): number {
  return text.startsWith("-") ? -Number(text.slice(1)) : Number(text);
}

/** A percentage as a rate from 0 to 1. */
export function percentage(option: string): (text: string) => number {
  const parse = (text: string) => {
    const value = /^\d+(\.\d+)?%?$/.test(text) ? Number(text.replace("%", "")) : NaN;
    if (value >= 0 && value <= 100) return value / 100;
    throw new OptionError(`${option} '${text}' is not a percentage from 0 to 100`);
  };
  const number = { type: "number", minimum: 0, maximum: 100 };
  return shaped(parse, { anyOf: [number, { type: "string", pattern: "^[0-9]+(\\.[0-9]+)?%?$" }] });
}

const SPAN = "^([0-9]+\\.?[0-9]*|\\.[0-9]+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)?$";
/** The longest time that timers of every runtime keep: 2^31 - 1 ms, 24 days. */
const MOST_NS = (2 ** 31 - 1) * 1e6;

/** A span in nanoseconds; a bare number counts in `unitNs`. */
export function duration(option: string, unitNs: number, leastNs: number): (text: string) => number {
  const unit = unitNs === 1e9 ? "seconds" : "milliseconds";
  const parse = (text: string) => {
    const value = parseDuration(text, unitNs);
    if (value !== undefined && value >= leastNs && value <= MOST_NS) return Math.round(value);
    const least = leastNs > 0 ? " above 0 and up to 24 days" : " up to 24 days";
    throw new OptionError(
      `${option} '${text}' is not a time${least}: a number of ${unit}, or with a unit as 500us, 10ms, 2s`,
    );
  };
  const number = { type: "number", [leastNs > 0 ? "exclusiveMinimum" : "minimum"]: 0, maximum: MOST_NS / unitNs };
  return shaped(parse, { anyOf: [number, { type: "string", pattern: SPAN }] });
}

/** `PPS`, `PPS/V4LEN` or `PPS/V4LEN/V6LEN`. */
export function rateLimit(option: string): (text: string) => RateLimit {
  const parse = (text: string) => {
    const [pps, ipv4 = 32, ipv6 = 128] = /^\d+(\/\d+){0,2}$/.test(text) ? text.split("/").map(Number) : [NaN];
    if (pps >= 1 && pps <= 1e9 && ipv4 <= 32 && ipv6 <= 128) return { pps, ipv4, ipv6 };
    throw new OptionError(
      `${option} '${text}' is no rate: a whole number from 1 to 1000000000, and lengths of prefixes if wanted, up to ` +
        `/32 of IPv4 and then /128 of IPv6, as 100/24/56`,
    );
  };
  const number = { type: "integer", minimum: 1, maximum: 1e9 };
  return shaped(parse, { anyOf: [number, { type: "string", pattern: "^[0-9]+(/[0-9]+){0,2}$" }] });
}

/** A code point by name or number. */
export function dscp(option: string): (text: string) => number {
  const parse = (text: string) => {
    const value = parseDscp(text);
    if (value !== undefined) return value;
    throw new OptionError(
      `${option} '${text}' is no code point: a name as ef, af41, cs6 (see twampede dscptable) or 0 to 63`,
    );
  };
  const shape = { anyOf: [{ type: "integer", minimum: 0, maximum: 63 }, { type: "string" }] };
  return offering(shaped(parse, shape), () => DSCP_NAMES);
}

/** 16 octets from up to 32 hex digits, filled up with zeros on the left. */
export function seed(text: string): Uint8Array {
  const digits = text.replace(/^0x/i, "");
  if (!/^[0-9a-f]{1,32}$/i.test(digits)) throw new OptionError(`--seed '${text}' is not 1 to 32 hex digits`);
  const padded = digits.padStart(32, "0");
  return Uint8Array.from({ length: 16 }, (_, i) => parseInt(padded.slice(2 * i, 2 * i + 2), 16));
}
shaped(seed, {
  anyOf: [{ type: "integer", minimum: 0 }, { type: "string", pattern: "^(0[xX])?[0-9a-fA-F]{1,32}$" }],
});

/** One of `choices`. */
export function choice<T extends string>(option: string, choices: readonly T[]): (text: string) => T {
  const parse = (text: string) => {
    if ((choices as readonly string[]).includes(text)) return text as T;
    throw new OptionError(`${option} '${text}' is not one of ${choices.join(", ")}`);
  };
  return shaped(parse, { enum: choices });
}

/** Octets as hex digits. */
export function toHex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}
