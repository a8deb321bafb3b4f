/**
 * Class of Service (RFC 8972 section 4.4 and its erratum 8199): with which DSCP and ECN probes arrive, and which DSCP
 * their replies shall have.
 *
 * @module
 */
import { SlotFlag } from "../../core/batch.ts";
import { parseDscp } from "../../core/dscp.ts";
import { OptionError } from "../../core/errors.ts";
import type { TlvPlugin } from "../../core/plugin.ts";
import { TlvFlag } from "../../core/wire/tlv.ts";
import { COS_VALUE, TlvType } from "../../core/wire/tlv_layouts.ts";

const LENGTH = 4;
/** RP: DSCP1 was not used. */
const NOT_APPLIED = 1;

export const cos: TlvPlugin = {
  api: 1,
  kind: "tlv",
  name: "cos",
  type: TlvType.COS,
  summary: "Class of Service: the DSCP and ECN that probes arrive with, and a DSCP for their replies",
  options: [
    { name: "dscp", type: "string", default: "be", summary: "DSCP wanted of replies: a name or a number" },
  ],
  create(options) {
    const dscp = parseDscp(String(options.dscp));
    if (dscp === undefined) {
      throw new OptionError(
        `dscp '${options.dscp}' of the cos TLV is unknown: give a name as ef or 0 to 63 (dscptable)`,
      );
    }
    return {
      type: TlvType.COS,
      name: "cos",
      layout: COS_VALUE,
      length: LENGTH,
      write(view, at) {
        view.setUint8(at, dscp << 2);
      },
      read(view, at, length, out) {
        if (length !== LENGTH) return;
        const bits = view.getUint16(at);
        out["cos.dscp1"] = bits >> 10;
        out["cos.dscp2"] = (bits >> 4) & 0x3f;
        out["cos.ecn"] = (bits >> 2) & 3;
        out["cos.rp"] = bits & 3;
      },
    };
  },
  answer: {
    type: TlvType.COS,
    reflect({ host }, { view, flags, tos, txTos }, slot, at, length) {
      if (length !== LENGTH) return TlvFlag.M;
      // Where the TOS cannot be read there is nothing to tell: 0 would be a DSCP.
      if ((flags[slot] & SlotFlag.TOS) === 0) return TlvFlag.U;
      const dscp1 = view.getUint8(at) >> 2;
      const used = host.perPacketTos && host.mayUseDscp(dscp1);
      // What is not permitted leaves with the DSCP that its probe came with; ECN is not copied.
      if (host.perPacketTos) txTos[slot] = used ? dscp1 << 2 : tos[slot] & 0xfc;
      view.setUint16(at, (dscp1 << 10) | (tos[slot] << 2) | (used ? 0 : NOT_APPLIED));
      view.setUint16(at + 2, 0); // reserved
      return 0;
    },
  },
};
