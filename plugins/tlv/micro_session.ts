/**
 * Micro-session ID (RFC 9534): which member link of a group a session measures, at each end.
 *
 * @module
 */
import { OptionError } from "../../core/errors.ts";
import type { TlvPlugin } from "../../core/plugin.ts";
import { TlvFlag } from "../../core/wire/tlv.ts";
import { MICRO_SESSION_VALUE, TlvType } from "../../core/wire/tlv_layouts.ts";

const LENGTH = 4;

function identifier(option: string, value: unknown, least: number): number {
  const id = Number(value);
  if (Number.isInteger(id) && id >= least && id <= 65_535) return id;
  const what = value === undefined ? "is missing" : `${value} is out of range`;
  throw new OptionError(`${option} of the micro-session TLV ${what}: give ${least} to 65535`);
}

export const microSession: TlvPlugin = {
  api: 1,
  kind: "tlv",
  name: "micro-session",
  type: TlvType.MICRO_SESSION,
  summary: "Micro-session ID: the member link at each end; the responder needs --micro-session",
  options: [
    { name: "id", type: "number", summary: "identifier of the member link here" },
    { name: "reflector", type: "number", default: 0, summary: "that of the far end; 0: not known" },
  ],
  create(options) {
    const id = identifier("id", options.id, 1);
    const reflector = identifier("reflector", options.reflector, 0);
    return {
      type: TlvType.MICRO_SESSION,
      name: "micro-session",
      layout: MICRO_SESSION_VALUE,
      length: LENGTH,
      write(view, at) {
        view.setUint16(at, id);
        view.setUint16(at + 2, reflector);
      },
      /** A reply of another link is discarded (section 3.2). */
      read(view, at, length, out) {
        if (length !== LENGTH) return;
        const back = view.getUint16(at + 2);
        if (view.getUint16(at) !== id || (reflector !== 0 && back !== reflector)) return false;
        out["micro-session.id"] = id;
        out["micro-session.reflector"] = back;
      },
    };
  },
  answer: {
    type: TlvType.MICRO_SESSION,
    reflect(context, { view }, _slot, at, length) {
      if (length !== LENGTH) return TlvFlag.M;
      const { microSession: own } = context.host;
      if (own === 0) return TlvFlag.U; // nobody said which link this is
      const asked = view.getUint16(at + 2);
      if (asked !== 0 && asked !== own) context.drop = true;
      view.setUint16(at + 2, own);
      return 0;
    },
  },
};
