/**
 * The "simple IMIX": small, middle and large Ethernet frames, 7 to 4 to 1.
 *
 * @module
 */
import type { PacketShape, TrafficPlugin } from "../../core/plugin.ts";
import { createRandom } from "../../core/random.ts";
import { createFill, FILL_OPTION, profileName } from "./fill.ts";
import { ETHERNET_HEADER, isBetween, overhead } from "./packet.ts";

/** Octets of a frame without FCS, and how many of a block are of that size. */
const MIX = [[64, 7], [590, 4], [1514, 1]] as const;
/** Probes after which the mix is exact. */
const BLOCK = 12;

export const imix: TrafficPlugin = {
  api: 1,
  kind: "traffic",
  name: "imix",
  summary: "Ethernet frames of 64, 590 and 1514 octets, 7:4:1 in every 12 probes, in seeded order",
  options: [FILL_OPTION],
  create(options, packet) {
    const sizes = Uint16Array.from(MIX.flatMap(([frame, count]) => Array(count).fill(payloadOf(frame, packet))));
    const order = sizes.slice();
    const random = createRandom(packet.seed, "imix");
    let block = -1;
    return {
      name: profileName("imix", [], options),
      maxSize: Math.max(...sizes),
      size(seq) {
        const wanted = Math.floor(seq / BLOCK);
        if (wanted !== block) {
          // From the sorted sizes and a stream of the block's own, not from the last order: any block, any time.
          block = wanted;
          random.restart(block);
          order.set(sizes);
          for (let last = BLOCK - 1; last > 0; last--) {
            const other = random.below(last + 1);
            const size = order[other];
            order[other] = order[last];
            order[last] = size;
          }
        }
        return order[seq - block * BLOCK];
      },
      fill: createFill(options, packet),
    };
  },
};

/** What of a frame is UDP payload; where that is too little, the base packet, though the frame gets larger. */
function payloadOf(frame: number, packet: PacketShape): number {
  const payload = Math.max(frame - ETHERNET_HEADER - overhead(packet.family), packet.base);
  return isBetween(payload, packet) ? packet.base : payload;
}
