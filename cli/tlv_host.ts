/**
 * What the STAMP extensions of a responder may know of its host, and do.
 *
 * @module
 */
import { networkInterfaces } from "node:os";
import { parseAddress } from "../core/address.ts";
import { createAccess, type Prefix } from "../core/session/access.ts";
import type { TlvHost } from "../core/tlv.ts";
import type { DatagramSocket } from "../core/transport.ts";
import { isWildcard } from "./resolve.ts";

/** What STAMP extensions may have a responder do. */
export interface TlvPlan {
  readonly allowReturnPath: boolean;
  readonly allowControl: boolean;
  readonly maxAmplification: number;
  /** DSCPs that replies may have; all, if there are none. */
  readonly dscps: readonly number[];
  readonly hideLocation: boolean;
  /** 0 for none. */
  readonly microSession: number;
}

/** Nothing that somebody else could suffer from. */
export const NOTHING_ALLOWED: TlvPlan = {
  allowReturnPath: false,
  allowControl: false,
  maxAmplification: 1,
  dscps: [],
  hideLocation: false,
  microSession: 0,
};

/** Octets of the longest reply that a sender may ask for: it fits an Ethernet frame over IPv6. */
const MAX_REPLY = 1452;

/** What STAMP extensions may know and do here; `sameLink`: replies leave as their probes came in. */
export function describeHost(
  socket: DatagramSocket,
  sameLink: boolean,
  { allow, deny }: { readonly allow: readonly Prefix[]; readonly deny: readonly Prefix[] },
  plan: TlvPlan,
): TlvHost {
  const access = createAccess({ allow, deny, rate: undefined, seed: 0 });
  const { hostname, port } = socket.address;
  const own = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  const addresses = own.flatMap(({ address }) => [...parseAddress(address)?.octets ?? []]);
  return {
    port,
    address: (isWildcard(hostname) ? undefined : parseAddress(hostname)?.octets) ?? new Uint8Array(16),
    addresses: Uint8Array.from(addresses),
    perPacketTos: socket.capabilities.perPacketTos ?? false,
    mayUseDscp: (dscp) => plan.dscps.length === 0 || plan.dscps.includes(dscp),
    sameLink,
    maxReply: MAX_REPLY,
    mayReturnTo: (address, at) => access === undefined || access.isAllowed(address, at),
    ...plan,
  };
}
