/**
 * Destination Node Address (RFC 9503 section 3): which node a probe is for, where its destination address does not say.
 *
 * @module
 */
import { isMappedIpv4, parseAddress } from "../../core/address.ts";
import { type Batch, LOCAL_SIZE, PEER_SIZE } from "../../core/batch.ts";
import { OptionError } from "../../core/errors.ts";
import type { TlvPlugin } from "../../core/plugin.ts";
import type { TlvHost } from "../../core/tlv.ts";
import { TlvFlag } from "../../core/wire/tlv.ts";
import { DESTINATION_VALUE, TlvType } from "../../core/wire/tlv_layouts.ts";
import { isLoopback, isSame, isUnicast, isUnknown, putAddress } from "./octets.ts";

/** The address that was looked at last. */
const asked = new Uint8Array(16);

/**
 * Whether the address at `at` names one node. Loopback is every node's own: it names this one to those alone that are
 * on it, and to others nothing can leave from there.
 */
function isNode({ view, peer }: Batch, slot: number, at: number, size: number): boolean {
  putAddress(view, at, size, asked, 0);
  if (!isUnicast(asked, 0) || isMappedIpv4(asked, 0) !== (size === 4)) return false;
  return !isLoopback(asked, 0) || isLoopback(peer, slot * PEER_SIZE);
}

/** Whether the address at `at` is of this socket, or, if that is bound to any, of this host. */
function isOurs(host: TlvHost, batch: Batch, slot: number, at: number, size: number): boolean {
  const { view, local } = batch;
  if (isSame(view, at, size, local, slot * LOCAL_SIZE)) return true;
  if (!isUnknown(host.address, 0)) return isSame(view, at, size, host.address, 0);
  const { addresses } = host;
  for (let i = 0; i < addresses.length; i += 16) if (isSame(view, at, size, addresses, i)) return true;
  return false;
}

export const destination: TlvPlugin = {
  api: 1,
  kind: "tlv",
  name: "destination",
  type: TlvType.DESTINATION,
  summary: "Destination Node Address: which node probes are for; needs --ssid",
  options: [{ name: "address", type: "string", summary: "its address" }],
  create(options) {
    const address = parseAddress(String(options.address ?? ""));
    if (address === undefined) {
      const what = options.address === undefined ? "is missing" : `'${options.address}' is no address`;
      throw new OptionError(`address of the destination TLV ${what}: write destination:address=192.0.2.1`);
    }
    const octets = address.family === 4 ? address.octets.slice(12) : address.octets;
    return {
      type: TlvType.DESTINATION,
      name: "destination",
      layout: DESTINATION_VALUE,
      length: octets.length,
      write(view, at) {
        for (let i = 0; i < octets.length; i++) view.setUint8(at + i, octets[i]);
      },
    };
  },
  answer: {
    type: TlvType.DESTINATION,
    reflect(context, batch, slot, at, length) {
      const { host, leaveFrom } = context;
      if (length !== 4 && length !== 16) return TlvFlag.M;
      if (!isNode(batch, slot, at, length) || !isOurs(host, batch, slot, at, length)) return TlvFlag.U;
      // The reply leaves from there, if it is of the family of its way.
      if (isUnknown(host.address, 0) && (length === 4) === isMappedIpv4(batch.peer, slot * PEER_SIZE)) {
        context.relocated = true;
        leaveFrom.set(asked);
      }
      return 0;
    },
  },
};
