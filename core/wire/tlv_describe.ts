/**
 * Values of STAMP TLVs in words, for dissections: what their layouts name, bit fields and sub-TLVs.
 *
 * @module
 */
import { describeField, describeOctets, hex } from "./describe.ts";
import { TLV_HEADER, TlvFlag } from "./tlv.ts";
import {
  ACCESS_IDS,
  ControlSub,
  LocationSub,
  RETURN_CODES,
  ReturnSub,
  STAMP_METHODS,
  SYNC_SOURCES,
  TLV_VALUES,
  TlvType,
} from "./tlv_layouts.ts";

/** `U`, `UM`, `none`; bits that have no name (RFC 8972 section 4: to be zero) as `U and reserved 0x01`. */
export function flagNames(flags: number): string {
  let names = "";
  let reserved = flags;
  for (const [name, bit] of Object.entries(TlvFlag)) {
    if (flags & bit) names += name;
    reserved &= ~bit;
  }
  if (reserved === 0) return names || "none";
  return `${names === "" ? "" : `${names} and `}reserved 0x${reserved.toString(16).padStart(2, "0")}`;
}

function named(names: readonly (string | undefined)[], value: number): string {
  return names[value] === undefined ? String(value) : `${value} (${names[value]})`;
}

/** IPv4 dotted; IPv6 in hex, as it stands there: the dissector has no packages. */
function address(view: DataView, at: number, size: number): string {
  if (size === 4) return [0, 1, 2, 3].map((i) => view.getUint8(at + i)).join(".");
  return (hex(view, at, size).match(/.{4}/g) ?? []).join(":");
}

const SUB_NAMES: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  [TlvType.LOCATION]: {
    [LocationSub.SOURCE_MAC]: "Source MAC Address",
    [LocationSub.SOURCE_EUI48]: "Source EUI-48 Address",
    [LocationSub.SOURCE_EUI64]: "Source EUI-64 Address",
    [LocationSub.DESTINATION]: "Destination IP Address",
    [LocationSub.DESTINATION_IPV4]: "Destination IPv4 Address",
    [LocationSub.DESTINATION_IPV6]: "Destination IPv6 Address",
    [LocationSub.SOURCE]: "Source IP Address",
    [LocationSub.SOURCE_IPV4]: "Source IPv4 Address",
    [LocationSub.SOURCE_IPV6]: "Source IPv6 Address",
  },
  [TlvType.RETURN_PATH]: {
    [ReturnSub.CONTROL_CODE]: "Control Code",
    [ReturnSub.ADDRESS]: "Return Address",
    [ReturnSub.SR_MPLS]: "SR-MPLS Label Stack",
    [ReturnSub.SRV6]: "SRv6 Segment List",
  },
  [TlvType.CONTROL]: {
    0: "no sub-TLV",
    [ControlSub.LAYER2_GROUP]: "Layer 2 Address Group",
    [ControlSub.LAYER3_GROUP]: "Layer 3 Address Group",
  },
};

/** The value of a sub-TLV of `type` in a TLV of type `of`. */
function subValue(view: DataView, of: number, type: number, at: number, size: number): string {
  const isIpv4 = type === LocationSub.DESTINATION_IPV4 || type === LocationSub.SOURCE_IPV4;
  const isIpv6 = type === LocationSub.DESTINATION_IPV6 || type === LocationSub.SOURCE_IPV6;
  if (of === TlvType.LOCATION && size === 16 && (isIpv4 || isIpv6)) return address(view, at, isIpv4 ? 4 : 16);
  if (of === TlvType.RETURN_PATH && type === ReturnSub.ADDRESS && (size === 4 || size === 16)) {
    return address(view, at, size);
  }
  if (of === TlvType.RETURN_PATH && type === ReturnSub.CONTROL_CODE && size === 4) {
    return view.getUint32(at) & 1 ? "reply on the same link" : "no reply";
  }
  return describeOctets(view, at, size);
}

/** The sub-TLVs at `at` to `end`. */
function subTlvs(view: DataView, of: number, at: number, end: number, parts: string[], warnings: string[]): void {
  while (at < end) {
    const left = end - at - TLV_HEADER;
    if (left < 0 || view.getUint16(at + 2) > left) {
      warnings.push(`a sub-TLV runs over the end of its TLV: ${describeOctets(view, at, end - at)}`);
      return;
    }
    const type = view.getUint8(at + 1);
    const size = view.getUint16(at + 2);
    const name = SUB_NAMES[of]?.[type] ?? `sub-TLV type ${type}`;
    const value = size === 0 ? "empty" : subValue(view, of, type, at + TLV_HEADER, size);
    parts.push(`${name} (flags ${flagNames(view.getUint8(at))}) ${value}`);
    at += TLV_HEADER + size;
  }
}

/** TLVs that can have sub-TLVs behind what is fixed. */
const WITH_SUBS: readonly number[] = [
  TlvType.LOCATION,
  TlvType.TIMESTAMP_INFO,
  TlvType.RETURN_PATH,
  TlvType.CONTROL,
];

/** The value of `size` octets at `at` in words; `ptp` is the form of timestamps in it. */
export function describeTlvValue(
  view: DataView,
  at: number,
  type: number,
  size: number,
  ptp: boolean,
  warnings: string[],
): string {
  if (size === 0) return "";
  const layout = TLV_VALUES[type];
  if (type === TlvType.DESTINATION && (size === 4 || size === 16)) return address(view, at, size);
  if (type === TlvType.COS && size === 4) {
    const bits = view.getUint16(at);
    return `DSCP1 ${bits >> 10}, DSCP2 ${(bits >> 4) & 0x3f}, ECN ${(bits >> 2) & 3}, RP ${bits & 3}`;
  }
  if (type === TlvType.ACCESS && size === 4) {
    const id = named(ACCESS_IDS, view.getUint8(at) >> 4);
    return `Access ID ${id}, Return Code ${named(RETURN_CODES, view.getUint8(at + 1))}`;
  }
  const hasSubs = WITH_SUBS.includes(type);
  const rest = layout === undefined ? size : size - layout.size;
  if (layout === undefined || (layout.size === 0 && !hasSubs) || rest < 0 || (rest > 0 && !hasSubs)) {
    return describeOctets(view, at, size);
  }
  const parts = layout.fields.filter(({ kind }) => kind !== "mbz").map((field) => {
    const octet = field.size === 1 ? view.getUint8(at + field.at) : 0;
    if (field.name.startsWith("Sync")) return `${field.name} ${named(SYNC_SOURCES, octet)}`;
    if (field.name.startsWith("Timestamp ")) return `${field.name} ${named(STAMP_METHODS, octet)}`;
    return `${field.name} ${describeField(view, at, field, ptp, warnings)}`;
  });
  if (hasSubs) subTlvs(view, type, at + layout.size, at + size, parts, warnings);
  return parts.join(", ");
}
