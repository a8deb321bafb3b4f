/**
 * Rules about the other fields of a reply: TTL, reserved octets, the SSID.
 *
 * @module
 */
import { REFLECTOR } from "../../../core/wire/test_packet.ts";
import { type Evidence, type Pair, pairsOf, speaks, whole } from "./evidence.ts";
import { field, isZero } from "./packets.ts";
import type { Rule } from "./rule.ts";
import { shownReply } from "./stamp_rules.ts";
import { SSID_SENT } from "./trials/plain.ts";

const TTL_RFC = "RFC 5357 section 4.2, RFC 8762 section 4.3.1";
const UNREADABLE = 255;
const ttlOf = ({ answer }: Pair) => field(answer.octets, REFLECTOR.SENDER_TTL, 1);
const lacksTtl = "What the TTL was at the far end is unknown: changes of the way there cannot be seen by it.";

/** Reserved octets of both, and those that STAMP has at its end. */
function spoiltMbz(e: Evidence): { pair: Pair; at: number; size: number } | undefined {
  for (const pair of pairsOf(e, "plain")) {
    const { octets } = pair.answer;
    const places: [number, number][] = [[REFLECTOR.SSID, 2], [REFLECTOR.SENDER_ERROR + 2, 2]];
    if (pair.asked.protocol === "stamp") places.push([REFLECTOR.SENDER_TTL + 1, 3]);
    const place = places.find(([at, size]) => !isZero(octets, at, size));
    if (place !== undefined) return { pair, at: place[0], size: place[1] };
  }
  return undefined;
}

/** Where the SSID stands instead. */
function ssidPlace(octets: Uint8Array): number | undefined {
  for (let at = 0; at + 2 <= octets.length; at++) {
    if (at !== REFLECTOR.SSID && field(octets, at, 2) === SSID_SENT) return at;
  }
  return undefined;
}

export const FIELD_RULES: readonly Rule[] = [
  {
    id: "ttl-absent",
    severity: "fault",
    rfc: TTL_RFC,
    find: (e) => {
      const pairs = whole(e);
      const bad = pairs.filter((pair) => ttlOf(pair) === undefined);
      if (bad.length === 0) return undefined;
      return {
        text: `Of ${pairs.length} replies ${bad.length} end after ${
          bad[0].answer.octets.length
        } octets, before Sender TTL (octet 40).`,
        means: lacksTtl,
        shown: shownReply(bad[0]),
      };
    },
  },
  {
    id: "ttl-fixed",
    severity: "fault",
    rfc: TTL_RFC,
    find: (e) => {
      const pairs = [...whole(e), ...pairsOf(e, "ttl")].filter((pair) => ttlOf(pair) !== undefined);
      if (pairs.length === 0) return undefined;
      const value = ttlOf(pairs[0])!;
      if (pairs.some((pair) => ttlOf(pair) !== value)) return undefined;
      const sent = new Set(pairs.map(({ asked }) => asked.ttl));
      if (value !== 0 && value !== UNREADABLE && (sent.size < 2 || sent.has(null))) return undefined;
      const shown = shownReply(pairs[0], [REFLECTOR.SENDER_TTL, 1]);
      const left = [...sent].filter((one) => one !== null);
      const at = left.length > 0 ? `, and probes left with ${left.join(" and ")}` : "";
      if (value === UNREADABLE) {
        if (sent.has(UNREADABLE)) return undefined;
        return {
          text: `Sender TTL is 255 in all ${pairs.length} replies${at}: the far end cannot read the TTL, and says so.`,
          means: lacksTtl,
          severity: "note",
          shown,
        };
      }
      return {
        text:
          `Sender TTL is ${value} in all ${pairs.length} replies${at}: it is not that of the probe. A reflector that ` +
          "cannot read it has to say 255.",
        means: lacksTtl,
        shown,
      };
    },
    fine: (e) => {
      const values = new Set(pairsOf(e, "ttl").map(ttlOf).filter((value) => value !== undefined));
      const plain = new Set(whole(e).map(ttlOf));
      if (values.size === 0 || [...values].some((value) => plain.has(value))) return undefined;
      return `Sender TTL follows the TTL of the probe (${[...plain, ...values].join(", ")})`;
    },
  },
  {
    id: "reserved-octets",
    severity: "weakness",
    rfc: "RFC 5357 section 4.2.1, RFC 8762 section 4.3.1",
    find: (e) => {
      const bad = spoiltMbz(e);
      if (bad === undefined) return undefined;
      return {
        text: `Reserved octets are not zero, from octet ${bad.at} on.`,
        means: "Receivers are to ignore them, and some reject such replies: they would count as lost.",
        shown: shownReply(bad.pair, [bad.at, bad.size]),
      };
    },
    fine: (e) => whole(e).length > 0 ? "reserved octets are zero" : undefined,
  },
  {
    id: "ssid-misplaced",
    severity: "fault",
    rfc: "RFC 8972 section 3",
    find: (e) => {
      const [pair] = pairsOf(e, "ssid").filter(({ answer }) => field(answer.octets, REFLECTOR.SSID, 2) !== SSID_SENT);
      const at = pair && ssidPlace(pair.answer.octets);
      if (at === undefined) return undefined;
      if (at === 41) {
        return {
          text: "The SSID comes back in octets 41 and 42, as padding of TWAMP: it takes STAMP probes for TWAMP.",
          means: "Base packets of both are read alike; several sessions of one sender cannot be told apart.",
          severity: "note",
          shown: shownReply(pair, [at, 2]),
        };
      }
      return {
        text: `The SSID comes back in octets ${at} and ${at + 1}, and belongs in 14 and 15.`,
        means: "A sender that checks the SSID takes these replies for those of another session, or for lost.",
        shown: shownReply(pair, [REFLECTOR.SSID, 2], [at, 2]),
      };
    },
  },
  {
    id: "ssid-not-returned",
    severity: "weakness",
    rfc: "RFC 8972 section 3",
    find: (e) => {
      const bad = pairsOf(e, "ssid").find(({ answer }) =>
        field(answer.octets, REFLECTOR.SSID, 2) !== SSID_SENT && ssidPlace(answer.octets) === undefined
      );
      if (bad === undefined) return undefined;
      const got = field(bad.answer.octets, REFLECTOR.SSID, 2);
      return {
        text: `The SSID 0x${SSID_SENT.toString(16)} is not returned in octets 14 and 15 (${
          got === undefined ? "the reply is too short" : `there is 0x${got.toString(16).padStart(4, "0")}`
        }): it knows RFC 8762 and not RFC 8972.`,
        means: "Sessions that share ports cannot be told apart, and it has no TLVs to be relied on.",
        shown: shownReply(bad, [REFLECTOR.SSID, 2]),
      };
    },
    fine: (e) =>
      speaks(e, "stamp") && pairsOf(e, "ssid").length > 0 ? "the SSID comes back in octets 14 and 15" : undefined,
  },
];
