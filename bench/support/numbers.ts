/**
 * Medians and how far the middle half of the runs lies apart: what a shared machine leaves of a measurement. Means and
 * single runs show who else was busy.
 *
 * @module
 */

/** The value that `part` (0 to 1) of `values` do not exceed, interpolated. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = part * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Half the distance between the quartiles as text, in per cent of the median. */
export function spread(values: readonly number[]): string {
  const half = (quantile(values, 0.75) - quantile(values, 0.25)) / 2;
  return `±${Math.round(100 * half / Math.abs(median(values)))}%`;
}

/** The median over pairs of the same round: what both suffered together falls out of a ratio. */
export function medianRatio(values: readonly number[], base: readonly number[]): number {
  return median(values.map((value, round) => value / base[round]));
}

/** Three significant digits, thousands set apart; a dash for what is not known. */
export function show(value: number | undefined, digits = 3): string {
  if (value === undefined || Number.isNaN(value)) return "-";
  const whole = Math.ceil(Math.log10(Math.max(Math.abs(value), 1e-9)));
  const decimals = Math.min(Math.max(digits - Math.max(whole, 1), 0), 2);
  return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** A count, thousands set apart; a dash for what is not known. */
export function showCount(value: number): string {
  return Number.isNaN(value) ? "-" : value.toLocaleString("en-US");
}
