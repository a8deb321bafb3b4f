/**
 * Timestamp Information (RFC 8972 section 4.3): what sets the far end's clock, and what takes its stamps.
 *
 * @module
 */
import { SlotFlag } from "../../core/batch.ts";
import type { TlvPlugin } from "../../core/plugin.ts";
import { TlvFlag } from "../../core/wire/tlv.ts";
import {
  METHOD_HARDWARE,
  METHOD_SOFTWARE,
  STAMP_METHODS,
  SYNC_LOCAL,
  SYNC_NTP,
  SYNC_SOURCES,
  TIMESTAMP_INFO_VALUE,
  TlvType,
} from "../../core/wire/tlv_layouts.ts";

const LENGTH = 4;

export const timestampInfo: TlvPlugin = {
  api: 1,
  kind: "tlv",
  name: "timestamp-info",
  type: TlvType.TIMESTAMP_INFO,
  summary: "Timestamp Information: what sets the far end's clock, and what takes its stamps",
  options: [],
  create: () => ({
    type: TlvType.TIMESTAMP_INFO,
    name: "timestamp-info",
    layout: TIMESTAMP_INFO_VALUE,
    length: LENGTH,
    write() {},
    read(view, at, length, out) {
      if (length < LENGTH) return;
      const [syncIn, stampIn, syncOut, stampOut] = [0, 1, 2, 3].map((i) => view.getUint8(at + i));
      out["timestamp-info.syncIn"] = SYNC_SOURCES[syncIn] ?? syncIn;
      out["timestamp-info.stampIn"] = STAMP_METHODS[stampIn] ?? stampIn;
      out["timestamp-info.syncOut"] = SYNC_SOURCES[syncOut] ?? syncOut;
      out["timestamp-info.stampOut"] = STAMP_METHODS[stampOut] ?? stampOut;
    },
  }),
  answer: {
    type: TlvType.TIMESTAMP_INFO,
    /** Sub-TLVs are optional, and none are defined: they go back as they came. */
    reflect({ synchronized }, { view, flags }, slot, at, length) {
      if (length < LENGTH) return TlvFlag.M;
      const source = synchronized ? SYNC_NTP : SYNC_LOCAL;
      view.setUint8(at, source);
      view.setUint8(at + 1, flags[slot] & SlotFlag.HARDWARE_STAMP ? METHOD_HARDWARE : METHOD_SOFTWARE);
      view.setUint8(at + 2, source);
      view.setUint8(at + 3, METHOD_SOFTWARE); // T3 is in the packet before a card sees it
      return 0;
    },
  },
};
