/**
 * Puts a control message into words, with what is known of its HMAC.
 *
 * @module
 */
import { type ControlKind, dissectControl } from "../../core/wire/control_dissect.ts";
import type { Explained } from "./explain.ts";
import type { Packet } from "./packet.ts";

export type { Explained } from "./explain.ts";

/**
 * Explains `packet` as `kind`. `genuine`: whether its HMAC is right, undefined in the open; from octet `sealedFrom` on
 * it could not be decrypted.
 */
export function explainControl(packet: Packet, kind: ControlKind, genuine?: boolean, sealedFrom = Infinity): Explained {
  const { view, at, length, size } = packet;
  const { fields, warnings, ...rest } = dissectControl(view, at, length, kind);
  const clear = fields.filter((field) => field.at < sealedFrom).map((field) =>
    field.name === "HMAC" && genuine === true ? { ...field, value: `${field.value}, right` } : field
  );
  const said = sealedFrom < length ? [] : [...warnings];
  if (sealedFrom < length) {
    const value = `${length - sealedFrom} octets, sealed`;
    clear.push({ at: sealedFrom, size: length - sealedFrom, name: "Start-Time and MBZ", value });
  }
  // First: what else is wrong is what came of it.
  if (genuine === false) said.unshift("the HMAC is wrong: changed on the way, or sealed with other keys");
  if (length < size) said.unshift(`the capture holds ${length} of ${size} octets; what is missing is not shown`);
  return { packet, dissection: { ...rest, fields: clear, warnings }, warnings: said, answer: undefined };
}
