/**
 * Direct Measurement (RFC 8972 section 4.5): how many packets each end has counted. In profile are the packets of the
 * test session itself.
 *
 * @module
 */
import type { TlvPlugin } from "../../core/plugin.ts";
import { TlvFlag } from "../../core/wire/tlv.ts";
import { DIRECT_VALUE, TlvType } from "../../core/wire/tlv_layouts.ts";

const LENGTH = 12;

export const direct: TlvPlugin = {
  api: 1,
  kind: "tlv",
  name: "direct",
  type: TlvType.DIRECT,
  summary: "Direct Measurement: packets sent and received, as each end counts them",
  options: [],
  create: () => ({
    type: TlvType.DIRECT,
    name: "direct",
    layout: DIRECT_VALUE,
    length: LENGTH,
    write(view, at, seq) {
      view.setUint32(at, seq + 1); // with this one
    },
    read(view, at, length, out) {
      if (length !== LENGTH) return;
      out["direct.sent"] = view.getUint32(at);
      out["direct.received"] = view.getUint32(at + 4);
      out["direct.reflected"] = view.getUint32(at + 8);
    },
  }),
  answer: {
    type: TlvType.DIRECT,
    reflect({ received, sent }, { view }, _slot, at, length) {
      if (length !== LENGTH) return TlvFlag.M;
      if (received < 0) return TlvFlag.U; // a stateless reflector counts nothing
      view.setUint32(at + 4, received);
      view.setUint32(at + 8, sent);
      return 0;
    },
  },
};
