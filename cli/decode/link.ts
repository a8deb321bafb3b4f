/**
 * The link layers a capture can start with: finds where IP starts.
 *
 * @module
 */
import type { Frame, Skip } from "./frame.ts";

/** LINKTYPE_ values, as registered by the tcpdump group; 12 and 14 are what some systems write for RAW. */
const Link = {
  NULL: 0,
  ETHERNET: 1,
  RAW_BSD: 12,
  RAW_OPENBSD: 14,
  RAW: 101,
  LOOP: 108,
  COOKED: 113,
  IPV4: 228,
  IPV6: 229,
  COOKED2: 276,
};

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
/** VLAN tags: customer, service, and the older number for the latter. */
const VLAN_TAGS: readonly number[] = [0x8100, 0x88a8, 0x9100];

/** Where the IP header of `frame` starts, or why there is none. */
export function findIp(view: DataView, frame: Frame): number | Skip {
  const end = frame.at + frame.length;
  switch (frame.link) {
    case Link.ETHERNET:
      return behindEtherType(view, frame.at + 12, frame.at + 14, end);
    case Link.COOKED:
      return behindEtherType(view, frame.at + 14, frame.at + 16, end);
    case Link.COOKED2:
      return behindEtherType(view, frame.at, frame.at + 20, end);
    // Four octets of address family, in the byte order and numbering of the system that captured: IP itself says more.
    case Link.NULL:
    case Link.LOOP:
      return frame.at + 4;
    case Link.RAW:
    case Link.RAW_BSD:
    case Link.RAW_OPENBSD:
    case Link.IPV4:
    case Link.IPV6:
      return frame.at;
    default:
      return "unknownLink";
  }
}

function behindEtherType(view: DataView, typeAt: number, next: number, end: number): number | Skip {
  while (next <= end) {
    const type = view.getUint16(typeAt);
    if (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6) return next;
    if (!VLAN_TAGS.includes(type)) return "notIp";
    typeAt = next + 2;
    next += 4;
  }
  return "cut";
}
