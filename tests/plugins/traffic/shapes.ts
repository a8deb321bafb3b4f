/**
 * The packets that profiles are tested with.
 *
 * @module
 */
import type { PacketShape } from "../../../core/plugin.ts";

export const SEED = Uint8Array.from({ length: 16 }, (_, i) => i);

/** A packet of `protocol` over IPv`family`. */
export function shape(protocol: "twamp" | "stamp", family: 4 | 6, seed: Uint8Array = SEED): PacketShape {
  return { protocol, family, base: protocol === "twamp" ? 14 : 44, seed };
}

export const SHAPES: readonly PacketShape[] = [
  shape("twamp", 4),
  shape("twamp", 6),
  shape("stamp", 4),
  shape("stamp", 6),
];

/** Another seed. */
export const OTHER_SEED = SEED.map((octet) => octet ^ 0x80);
