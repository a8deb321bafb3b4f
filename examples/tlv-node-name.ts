/**
 * A STAMP extension (RFC 8972): the name of the host that answered. Behind an anycast address, or a balancer, it tells
 * which of several reflectors a session has met. Both ends need it:
 *
 *     twampede responder --plugin ./examples/tlv-node-name.ts
 *     twampede sender 192.0.2.1 --protocol stamp --plugin ./examples/tlv-node-name.ts --tlv node-name
 *
 * A reflector that does not know it returns it with U set, and a note says so.
 */
import { hostname } from "node:os";
import type { TlvPlugin } from "../mod.ts";

/** One of those for experiments (RFC 8972 section 5.1). */
const TYPE = 251;
/** The flag M. */
const MALFORMED = 0x40;
/** Names are not secret, and whole ones are rarely longer. */
const OWN: Uint8Array = new TextEncoder().encode(hostname());

const plugin: TlvPlugin = {
  api: 1,
  kind: "tlv",
  name: "node-name",
  summary: "the name of the host that answers, in UTF-8",
  options: [{ name: "length", type: "number", default: 32, summary: "octets that there are for it" }],
  type: TYPE,
  create(options) {
    const length = Number(options.length);
    if (!Number.isInteger(length) || length < 1 || length > 255) throw new Error(`length ${length}: give 1 to 255`);
    return {
      type: TYPE,
      name: "node-name",
      length,
      // Zeros, as they are there: room for the answer.
      write() {},
      read(view, at, size, out) {
        const octets = new Uint8Array(view.buffer, view.byteOffset + at, size);
        const end = octets.indexOf(0);
        const name = new TextDecoder().decode(end < 0 ? octets : octets.subarray(0, end));
        if (name !== "") out["node-name.name"] = name;
      },
    };
  },
  answer: {
    type: TYPE,
    reflect(_context, { bytes }, _slot, at, length) {
      if (length === 0) return MALFORMED;
      for (let i = 0; i < length; i++) bytes[at + i] = i < OWN.length ? OWN[i] : 0;
      return 0;
    },
  },
};

export default plugin;
