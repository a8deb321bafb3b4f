/**
 * Counts in sentences.
 *
 * @module
 */

/** `1 probe`, `2 probes`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
