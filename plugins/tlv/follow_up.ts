/**
 * Follow-Up Telemetry (RFC 8972 section 4.7 and its errata 8339 and 8592): when the reply before this one left, by a
 * better stamp than it could carry itself.
 *
 * @module
 */
import { SlotFlag } from "../../core/batch.ts";
import type { TlvPlugin } from "../../core/plugin.ts";
import type { LateStamp } from "../../core/tlv.ts";
import { putTimestamp, readTimestamp } from "../../core/wire/timestamp.ts";
import { TlvFlag } from "../../core/wire/tlv.ts";
import {
  FOLLOW_UP_VALUE,
  METHOD_HARDWARE,
  METHOD_SOFTWARE,
  STAMP_METHODS,
  TlvType,
} from "../../core/wire/tlv_layouts.ts";

const LENGTH = 16;

function zero(view: DataView, at: number, length: number): void {
  for (let i = 0; i < length && i < LENGTH; i++) view.setUint8(at + i, 0);
}

export const followUp: TlvPlugin = {
  api: 1,
  kind: "tlv",
  name: "follow-up",
  type: TlvType.FOLLOW_UP,
  summary: "Follow-Up Telemetry: when the reply before this one really left",
  options: [],
  create() {
    const late: LateStamp = { asked: false, seq: -1, stamp: new Uint32Array(2), method: 0 };
    const words = late.stamp;
    return {
      late,
      type: TlvType.FOLLOW_UP,
      name: "follow-up",
      layout: FOLLOW_UP_VALUE,
      length: LENGTH,
      write() {},
      read(view, at, length, out, ptp) {
        if (length !== LENGTH) return;
        late.asked = true;
        // Zeros: the first of a session, or a stateless reflector.
        if (view.getUint32(at + 4) === 0 && view.getUint32(at + 8) === 0) return;
        readTimestamp(view, at + 4, ptp, words, 0);
        const method = late.method = view.getUint8(at + 12);
        out["follow-up.seq"] = late.seq = view.getUint32(at);
        out["follow-up.time"] = `${words[0]}${String(words[1]).padStart(9, "0")}`;
        out["follow-up.method"] = STAMP_METHODS[method] ?? method;
      },
    };
  },
  answer: {
    type: TlvType.FOLLOW_UP,
    reflect(context, { view }, _slot, at, length) {
      zero(view, at, length);
      if (length !== LENGTH) return TlvFlag.M;
      const { followUp: last } = context;
      context.wantsFollowUp = true;
      if (last === undefined || last.seq < 0) return 0;
      view.setUint32(at, last.seq);
      putTimestamp(view, at + 4, last.stamp[0], last.stamp[1], context.ptp);
      view.setUint8(at + 12, last.flags & SlotFlag.HARDWARE_STAMP ? METHOD_HARDWARE : METHOD_SOFTWARE);
      return 0;
    },
  },
};
