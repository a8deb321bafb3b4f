/**
 * Probes of one size, told by their padding, as twampy's `--padding`.
 *
 * @module
 */
import { MAX_PAYLOAD } from "../../core/wire/test_packet.ts";
import { OptionError } from "../../core/errors.ts";
import type { PacketShape, TrafficPlugin } from "../../core/plugin.ts";
import { createFill, FILL_OPTION, profileName } from "./fill.ts";
import { paddingHeader } from "./packet.ts";

export const fixed: TrafficPlugin = {
  api: 1,
  kind: "traffic",
  name: "fixed",
  summary: "probes of one size",
  options: [
    { name: "padding", type: "size", summary: "octets of padding: 27 unless told for TWAMP, 0 for STAMP" },
    FILL_OPTION,
  ],
  create(options, packet) {
    const padding = Number(options.padding ?? packet.onesize);
    const payload = payloadOf(padding, packet);
    return {
      name: profileName("fixed", [`padding=${padding}`], options),
      maxSize: payload,
      size: () => payload,
      fill: createFill(options, packet),
    };
  },
};

function payloadOf(padding: number, packet: PacketShape): number {
  const most = MAX_PAYLOAD - packet.base - paddingHeader(packet);
  if (!Number.isInteger(padding) || padding < 0 || padding > most) {
    throw new OptionError(`padding ${padding} of the fixed profile is out of range: give 0 to ${most} octets`);
  }
  return padding === 0 ? packet.base : packet.base + paddingHeader(packet) + padding;
}
