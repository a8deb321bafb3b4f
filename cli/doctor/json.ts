/**
 * The report for programs, schema `twampede/doctor/1`. Fields are added and never renamed within a schema number; spans
 * are whole nanoseconds, what is not known is null.
 *
 * @module
 */
import { VERSION } from "../version.ts";
import type { Facts } from "./facts.ts";
import type { Advice } from "./rule.ts";

const SCHEMA = "twampede/doctor/1";

/** One document, ending with a line break. */
export function reportJson(facts: Facts, advice: readonly Advice[], examinedAt: string): string {
  const tool = { name: "twampede", version: VERSION, runtime: facts.host.runtime };
  return JSON.stringify({ schema: SCHEMA, tool, examinedAt, ...facts, advice }, whole, 2) + "\n";
}

/** Spans become whole here and nowhere earlier; one that is known is no 0. */
function whole(name: string, value: unknown): unknown {
  if (typeof value !== "number") return value;
  if (!Number.isFinite(value)) return null;
  if (!name.endsWith("Ns")) return value;
  return value > 0 ? Math.max(1, Math.round(value)) : Math.round(value);
}
