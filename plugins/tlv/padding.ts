/**
 * Extra Padding (RFC 8972 section 4.1): octets that mean nothing, besides those of the traffic profile.
 *
 * @module
 */
import { OptionError } from "../../core/errors.ts";
import type { TlvPlugin } from "../../core/plugin.ts";
import { createRandom } from "../../core/random.ts";
import { PADDING_VALUE, TlvType } from "../../core/wire/tlv_layouts.ts";

const MOST = 65_000;

export const padding: TlvPlugin = {
  api: 1,
  kind: "tlv",
  name: "padding",
  type: TlvType.PADDING,
  summary: "Extra Padding: octets that mean nothing; may be given several times",
  options: [
    { name: "length", type: "size", default: 64, summary: "octets of it" },
    { name: "fill", type: "string", choices: ["random", "zeros"], default: "random", summary: "what it consists of" },
  ],
  create(options) {
    const length = Number(options.length);
    if (!Number.isInteger(length) || length < 0 || length > MOST) {
      throw new OptionError(`length ${options.length} of the padding TLV is out of range: give 0 to ${MOST} octets`);
    }
    const octets = new Uint8Array(length);
    if (options.fill === "random") createRandom(new Uint8Array(16), "tlv padding").fill(octets, 0, length);
    return {
      type: TlvType.PADDING,
      name: "padding",
      layout: PADDING_VALUE,
      length,
      write(view, at) {
        for (let i = 0; i < length; i++) view.setUint8(at + i, octets[i]);
      },
    };
  },
};
