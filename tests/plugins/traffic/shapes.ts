/**
 * The packets that profiles are tested with.
 *
 * @module
 */
import { type FormatOptions, STAMP_FORMAT, testFormat } from "../../../core/wire/format.ts";
import type { PacketShape } from "../../../core/plugin.ts";

export const SEED = Uint8Array.from({ length: 16 }, (_, i) => i);

/** A packet of `protocol` over IPv`family`. */
export function shape(protocol: "twamp" | "stamp", family: 4 | 6, seed: Uint8Array = SEED): PacketShape {
  const { senderSize, onesize } = protocol === "twamp" ? testFormat({ mode: "open" }) : STAMP_FORMAT;
  return { protocol, family, base: senderSize, onesize, seed };
}

/** A TWAMP packet of another format. */
export function agreed(options: FormatOptions): PacketShape {
  const { senderSize, onesize } = testFormat(options);
  return { ...shape("twamp", 4), base: senderSize, onesize };
}

export const SHAPES: readonly PacketShape[] = [
  shape("twamp", 4),
  shape("twamp", 6),
  shape("stamp", 4),
  shape("stamp", 6),
  agreed({ mode: "encrypted" }),
  agreed({ mode: "authenticated", symmetrical: true }),
  agreed({ mode: "open", symmetrical: true }),
  agreed({ mode: "open", monitor: true }),
];

/** Another seed. */
export const OTHER_SEED = SEED.map((octet) => octet ^ 0x80);
