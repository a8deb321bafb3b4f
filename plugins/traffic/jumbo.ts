/**
 * Probes told by the size of their IP packet, to fill a large MTU and no more.
 *
 * @module
 */
import { MAX_PAYLOAD } from "../../core/wire/test_packet.ts";
import { OptionError } from "../../core/errors.ts";
import type { PacketShape, TrafficPlugin } from "../../core/plugin.ts";
import { createFill, FILL_OPTION, profileName } from "./fill.ts";
import { isBetween, overhead, paddingHeader } from "./packet.ts";

const DEFAULT_SIZE = 9000;

export const jumbo: TrafficPlugin = {
  api: 1,
  kind: "traffic",
  name: "jumbo",
  summary: "probes of one size, given as that of the IP packet",
  options: [
    { name: "size", type: "size", default: DEFAULT_SIZE, summary: "octets of the IP packet, its header included" },
    FILL_OPTION,
  ],
  create(options, packet) {
    const size = Number(options.size ?? DEFAULT_SIZE);
    const payload = payloadOf(size, packet);
    return {
      name: profileName("jumbo", [`size=${size}`], options),
      maxSize: payload,
      size: () => payload,
      fill: createFill(options, packet),
    };
  },
};

function payloadOf(size: number, packet: PacketShape): number {
  const headers = overhead(packet.family);
  const payload = size - headers;
  const least = packet.base + headers;
  const most = MAX_PAYLOAD + headers;
  if (Number.isInteger(payload) && payload >= packet.base && payload <= MAX_PAYLOAD) {
    if (!isBetween(payload, packet)) return payload;
    const room = least + paddingHeader(packet);
    throw new OptionError(
      `size ${size} of the jumbo profile leaves no room for a header of padding: give ${least}, or ${room} and more`,
    );
  }
  throw new OptionError(
    `size ${size} of the jumbo profile is out of range: give ${least} to ${most} octets over IPv${packet.family}`,
  );
}
