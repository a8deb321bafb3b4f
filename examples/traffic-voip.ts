/**
 * A traffic profile: probes as large as the packets of a telephone call.
 *
 *     twampede demo --plugin ./examples/traffic-voip.ts --profile voip:codec=opus -i 20
 */
import type { TrafficPlugin } from "../mod.ts";

/** RTP header (RFC 3550 section 5.1). */
const RTP = 12;
/** Octets of 20 ms of speech. */
const SPEECH: Readonly<Record<string, number>> = { g711: 160, g722: 160, g729: 20, opus: 60 };
/** The header of the TLV that padding is in STAMP (RFC 8972 section 4.1). */
const TLV_HEADER = 4;

const plugin: TrafficPlugin = {
  api: 1,
  kind: "traffic",
  name: "voip",
  summary: "the packets of a call: 20 ms of speech each, behind an RTP header",
  options: [
    { name: "codec", type: "string", choices: Object.keys(SPEECH), default: "g711", summary: "who made the speech" },
  ],
  create({ codec }, { base, protocol }) {
    const size = RTP + SPEECH[String(codec)];
    const least = base + (protocol === "stamp" ? TLV_HEADER : 0);
    if (size !== base && size < least) {
      throw new Error(`a packet of ${codec} has ${size} octets, and a probe of this kind at least ${least}: take g711`);
    }
    return {
      name: `voip:codec=${codec}`,
      maxSize: size,
      size: () => size,
      // Nothing that a link could compress: the same octets for the same probe.
      fill(bytes, at, end, seq) {
        let state = (seq + 1) * 0x9e3779b1;
        for (let i = at; i < end; i++) {
          state ^= state << 13;
          state ^= state >>> 17;
          state ^= state << 5;
          bytes[i] = state;
        }
      },
    };
  },
};

export default plugin;
