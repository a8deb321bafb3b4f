/**
 * All trials, in the order in which they are made: the harmless ones first.
 *
 * @module
 */
import type { Trial } from "../trial.ts";
import { LOOP, SHORT } from "./guard.ts";
import { MARKING, TTL } from "./header.ts";
import { NUMBERS } from "./numbers.ts";
import { SSID } from "./plain.ts";
import { LARGEST, SIZES, UNFRAGMENTED } from "./sizes.ts";
import { TLVS } from "./tlvs.ts";

/** Behind the ordinary probes, which say what else is asked. */
export const TRIALS: readonly Trial[] = [
  SSID,
  SIZES,
  MARKING,
  TTL,
  NUMBERS,
  TLVS,
  UNFRAGMENTED,
  LARGEST,
  LOOP,
  SHORT,
];
