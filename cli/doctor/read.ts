/**
 * Reads what may not be there, or not be allowed: undefined then, whatever the reason.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";

/** What `what` returns, or null if it throws. */
export function attempt<T>(what: () => T): T | null {
  try {
    return what();
  } catch {
    return null;
  }
}

/** A file as text, without blanks around it. */
export function readText(path: string): string | null {
  return attempt(() => readFileSync(path, "utf8").trim());
}

/** A file that holds one number. */
export function readNumber(path: string): number | null {
  const text = readText(path);
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : null;
}

/** The names in a folder, in order. */
export function readFolder(path: string): string[] | null {
  return attempt(() => readdirSync(path).sort());
}
