/**
 * All that is measured, in the order of the table.
 *
 * @module
 */
import type { Case } from "./case.ts";
import { parsePluginOptions } from "../../core/plugin_options.ts";
import { tlvSize } from "../../core/session/tlv_writer.ts";
import { cos } from "../../plugins/tlv/cos.ts";
import { direct } from "../../plugins/tlv/direct.ts";
import { followUp } from "../../plugins/tlv/follow_up.ts";
import { location } from "../../plugins/tlv/location.ts";
import { timestampInfo } from "../../plugins/tlv/timestamp_info.ts";
import { naiveReflect, naiveSend } from "./naive.ts";
import { reflectCase, type ReflectOptions } from "./reflect.ts";
import { sealedCases } from "./sealed.ts";
import { sendCase } from "./send.ts";
import { stampCases } from "./stamp.ts";

/** The base packet of TWAMP replies, a common short probe, a full Ethernet frame. */
export const SIZES = [41, 64, 1472] as const;
/** The shortest STAMP packet, where 41 octets stand for the other protocol. */
const STAMP_BASE = 44;

const MODES: readonly Omit<ReflectOptions, "octets">[] = [
  { name: "stateless", mode: "stateless", protocol: "twamp", sessions: 1 },
  { name: "stateful, 1 session", mode: "stateful", protocol: "twamp", sessions: 1 },
  { name: "stateful, 1,000 sessions", mode: "stateful", protocol: "twamp", sessions: 1000 },
  { name: "STAMP found out, stateful", mode: "stateful", protocol: "stamp", sessions: 1 },
];

/** The STAMP extensions that are asked for most, and need most. */
function withTlvs(): ReflectOptions {
  const tlvs = [location, timestampInfo, cos, direct, followUp].map((plugin) =>
    plugin.create(parsePluginOptions("--tlv", plugin.name, [plugin]).options)
  );
  const octets = STAMP_BASE + tlvSize(tlvs);
  return { name: "STAMP, 5 TLVs, stateful", mode: "stateful", protocol: "stamp", sessions: 1, octets, tlvs };
}

/** Makes them anew; sealed ones last. */
export function createCases(): Case[] {
  return [...openCases(), reflectCase(withTlvs()), ...sealedCases(), ...stampCases()];
}

function openCases(): Case[] {
  return SIZES.flatMap((octets) => [
    naiveReflect(octets),
    ...MODES.map((mode) =>
      reflectCase({ ...mode, octets: mode.protocol === "stamp" ? Math.max(octets, STAMP_BASE) : octets })
    ),
    naiveSend(octets),
    sendCase(octets, false),
    sendCase(octets, true),
  ]);
}
