/**
 * Numbers at the edge of a picture: round ones, in a unit that all of an axis share.
 *
 * @module
 */
import type { Nanos } from "../../core/time/clock.ts";
import { niceStep } from "./distribution.ts";

/** A unit of time and how many nanoseconds it has. */
export interface Unit {
  readonly name: string;
  readonly ns: Nanos;
}

const UNITS: readonly Unit[] = [
  { name: "s", ns: 1e9 },
  { name: "ms", ns: 1e6 },
  { name: "us", ns: 1e3 },
  { name: "ns", ns: 1 },
];

/** The unit in which the greatest of `values` has one digit or more before the point. */
export function unitFor(...values: readonly Nanos[]): Unit {
  const greatest = Math.max(...values.map(Math.abs));
  return UNITS.find(({ ns }) => greatest >= ns) ?? UNITS[UNITS.length - 1];
}

/** Round numbers from `low` to `high`, about `most` of them, and how many digits after the point they need. */
export function ticksOf(low: number, high: number, most: number): { readonly at: number[]; readonly digits: number } {
  if (!(high > low)) return { at: [low], digits: 3 };
  const step = niceStep((high - low) / most);
  const at: number[] = [];
  for (let i = Math.ceil(low / step); i * step <= high + step * 1e-9; i++) at.push(i * step);
  return { at, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

/** `0.25ms`: a value in its own unit, with three digits that count. */
export function shortDelay(ns: Nanos | null): string {
  if (ns === null || Number.isNaN(ns)) return "n/a";
  // As it will be read: 999.95us is 1.00ms, not 1000us.
  const rounded = Number(ns.toPrecision(3));
  const unit = unitFor(rounded);
  const value = ns / unit.ns;
  const size = Math.max(1, Math.abs(rounded / unit.ns));
  const digits = unit.ns === 1 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(size) + 1e-9));
  return `${value.toFixed(digits)}${unit.name}`;
}
