/**
 * The TLVs that are asked for, as octets, and what a right answer of a reflector that understood has. All that the trials
 * and rules know of single TLVs is in this file.
 *
 * @module
 */
import { TlvFlag } from "../../../core/wire/tlv.ts";
import type { Evidence, Pair } from "./evidence.ts";
import { field, isZero, same, tlv } from "./packets.ts";

/** What a reflector is to do with a TLV. */
export type Expects =
  /** Understand it, or return it with U set. */
  | "answer"
  /** Set M, at least if it knows the type. */
  | "malformed"
  /** Set M whatever the type: the packet ends before the TLV does. */
  | "overrun"
  /** Set U, also if it knows the type. */
  | "unrecognized"
  /** Set I in each TLV. */
  | "integrity"
  /** Send no reply, if it knows the type. */
  | "silence";

/** What is wrong about a value; `at` and `size` are octets of the value. */
export interface Wrong {
  readonly text: string;
  readonly at: number;
  readonly size: number;
}

export interface TlvCase {
  readonly id: string;
  readonly name: string;
  readonly rfc: string;
  readonly expects: Expects;
  /** What stands behind the base packet; `address` is the far end's, 4 or 16 octets. */
  octets(address: Uint8Array): Uint8Array;
  /** Of an answer with U, M and I clear. */
  wrong?(sent: Uint8Array, got: Uint8Array, pair: Pair, evidence: Evidence): Wrong | undefined;
}

const { U } = TlvFlag;
const HEADER = 4;
const zeros = (size: number) => new Uint8Array(size);
const bytes = (...values: number[]) => Uint8Array.from(values);
/** RFC 5612: a number for examples. */
const EXAMPLE_PEN = [0, 0, 0x7e, 0xd9];
/** A code point that a reply has only if it was asked for: AF11. */
const DSCP_WANTED = 10;

const kept = (what: string, at: number, size: number) => (sent: Uint8Array, got: Uint8Array): Wrong | undefined =>
  same(sent, at, got, at, size) ? undefined : { text: `${what} is not what was sent`, at, size };

const oneOf = (value: number, most: number) => (value >= 1 && value <= most) || (value >= 240 && value <= 254);

export const TLV_CASES: readonly TlvCase[] = [
  {
    id: "extra-padding",
    name: "Extra Padding",
    rfc: "RFC 8972 section 4.1",
    expects: "answer",
    octets: () => tlv(1, zeros(32), U),
  },
  {
    id: "location",
    name: "Location",
    rfc: "RFC 8972 section 4.2",
    expects: "answer",
    // The addresses that the probe has at the far end: destination (4) and source (7).
    octets: () => tlv(2, bytes(0, 0, 0, 0, ...tlv(4, zeros(16), U), ...tlv(7, zeros(16), U)), U),
    wrong: wrongLocation,
  },
  {
    id: "timestamp-information",
    name: "Timestamp Information",
    rfc: "RFC 8972 section 4.3",
    expects: "answer",
    octets: () => tlv(3, zeros(4), U),
    wrong: (_sent, got) => {
      const at = [5, 3, 5, 3].findIndex((most, i) => !oneOf(got[i], most));
      return at < 0 ? undefined : { text: `its value ${got[at]} is in no table of RFC 8972`, at, size: 1 };
    },
  },
  {
    id: "class-of-service",
    name: "Class of Service",
    rfc: "RFC 8972 section 4.4",
    expects: "answer",
    octets: () => tlv(4, bytes(DSCP_WANTED << 2, 0, 0, 0), U),
    wrong: wrongClass,
  },
  {
    id: "direct-measurement",
    name: "Direct Measurement",
    rfc: "RFC 8972 section 4.5",
    expects: "answer",
    octets: () => tlv(5, bytes(1, 2, 3, 4, ...zeros(8)), U),
    wrong: (sent, got) =>
      kept("S_TxC", 0, 4)(sent, got) ??
        (isZero(got, 4, 8)
          ? { text: "both of its own counters are 0, and it has had packets", at: 4, size: 8 }
          : undefined),
  },
  {
    id: "access-report",
    name: "Access Report",
    rfc: "RFC 8972 section 4.6",
    expects: "answer",
    octets: () => tlv(6, bytes(0x10, 1, 0, 0), U),
    wrong: kept("Access ID or Return Code", 0, 2),
  },
  {
    id: "follow-up-telemetry",
    name: "Follow-Up Telemetry",
    rfc: "RFC 8972 section 4.7",
    expects: "answer",
    octets: () => tlv(7, zeros(16), U),
    wrong: (_sent, got) =>
      isZero(got, 0, 12) || oneOf(got[12], 3)
        ? undefined
        : { text: `no such Timestamp Mode as ${got[12]}`, at: 12, size: 1 },
  },
  {
    id: "hmac",
    name: "HMAC that no key makes",
    rfc: "RFC 8972 section 4.8",
    expects: "integrity",
    octets: () => bytes(...tlv(1, zeros(8), U), ...tlv(8, zeros(16).fill(0xa5), U)),
  },
  {
    id: "destination-node-address",
    name: "Destination Node Address",
    rfc: "RFC 9503 section 3",
    expects: "answer",
    octets: (address) => tlv(9, address, U),
    wrong: (sent, got) => kept("the address", 0, sent.length)(sent, got),
  },
  {
    id: "destination-not-here",
    name: "Destination Node Address of another",
    rfc: "RFC 9503 section 3",
    expects: "unrecognized",
    // RFC 5737 and RFC 3849: addresses that nobody has.
    octets: ({ length }) => tlv(9, length === 4 ? bytes(192, 0, 2, 1) : bytes(0x20, 1, 0xd, 0xb8, ...zeros(11), 1), U),
  },
  {
    id: "return-path",
    name: "Return Path, same link",
    rfc: "RFC 9503 section 4",
    expects: "answer",
    octets: () => tlv(10, tlv(1, bytes(0, 0, 0, 1), U), U),
  },
  {
    id: "return-path-none",
    name: "Return Path, no reply",
    rfc: "RFC 9503 section 4.1.1",
    expects: "silence",
    octets: () => tlv(10, tlv(1, zeros(4), U), U),
  },
  {
    id: "micro-session-id",
    name: "Micro-session ID",
    rfc: "RFC 9534 section 3.1",
    expects: "answer",
    octets: () => tlv(11, bytes(0, 7, 0, 0), U),
    wrong: (sent, got) =>
      kept("the Sender Micro-session ID", 0, 2)(sent, got) ??
        (isZero(got, 2, 2) ? { text: "it leaves its own Micro-session ID 0", at: 2, size: 2 } : undefined),
  },
  {
    id: "reflected-control",
    name: "Reflected Test Packet Control",
    rfc: "draft-ietf-ippm-asymmetrical-pkts section 3",
    expects: "answer",
    // One reply of no particular length; an empty sub-TLV fills it up to the 12 octets that some ask for.
    octets: () => tlv(12, bytes(0, 0, 0, 1, 0, 0, 0, 0, ...zeros(4)), U),
    wrong: (_sent, _got, { asked }) =>
      asked.answers.length === 1
        ? undefined
        : { text: `${asked.answers.length} replies came where one was asked for`, at: 2, size: 2 },
  },
  {
    id: "unknown",
    name: "a type that nobody has assigned (200)",
    rfc: "RFC 8972 section 4",
    expects: "unrecognized",
    octets: () => tlv(200, bytes(1, 2, 3, 4, 5, 6, 7, 8), U),
  },
  {
    id: "private",
    name: "a type for private use (252)",
    rfc: "RFC 8972 section 4",
    expects: "unrecognized",
    octets: () => tlv(252, bytes(...EXAMPLE_PEN, 1, 2, 3, 4), U),
  },
  {
    id: "unknown-u-clear",
    name: "an unknown type, sent with U clear",
    rfc: "RFC 8972 section 4",
    expects: "unrecognized",
    octets: () => tlv(201, zeros(8), 0),
  },
  {
    id: "wrong-length",
    name: "Class of Service of 8 octets",
    rfc: "RFC 8972 section 4",
    expects: "malformed",
    octets: () => tlv(4, zeros(8), U),
  },
  {
    id: "overrun",
    name: "a TLV that ends behind the packet",
    rfc: "RFC 8972 section 4",
    expects: "overrun",
    octets: () => tlv(1, zeros(16), U, 200),
  },
];

/** Ports, then sub-TLVs that have become specific: 5 and 8 for IPv4, 6 and 9 for IPv6 (RFC 8972 section 4.2.1). */
function wrongLocation(_sent: Uint8Array, got: Uint8Array, _pair: Pair, evidence: Evidence): Wrong | undefined {
  if (field(got, 0, 2) !== evidence.port && !isZero(got, 0, 2)) {
    return {
      text: `its Destination Port is ${field(got, 0, 2)}, and the probe went to ${evidence.port}`,
      at: 0,
      size: 2,
    };
  }
  const [destination, source] = evidence.family === 4 ? [5, 8] : [6, 9];
  let at = 4;
  for (const [type, generic, what] of [[destination, 4, "destination"], [source, 7, "source"]] as const) {
    if (got[at + 1] === generic || field(got, at + 2, 2) !== 16 || got[at + 1] !== type) {
      return {
        text: `in place of its ${what} address it has no sub-TLV of type ${type} and 16 octets behind a header of 4`,
        at,
        size: HEADER,
      };
    }
    const told = got.subarray(at + HEADER, at + HEADER + (evidence.family === 4 ? 4 : 16));
    const actual = type === destination ? addressOf(evidence.host) : addressOf(evidence.source);
    if (
      actual !== undefined && !same(told, 0, actual, 0, actual.length) &&
      same(told.toReversed(), 0, actual, 0, actual.length)
    ) {
      return {
        text: `its ${what} address has its octets in reverse (${told.join(".")})`,
        at: at + HEADER,
        size: told.length,
      };
    }
    at += HEADER + 16;
  }
  return undefined;
}

/** Of IPv4 alone: nobody has been seen to reverse the other. */
function addressOf(host: string | null): Uint8Array | undefined {
  return host !== null && /^\d+\.\d+\.\d+\.\d+$/.test(host) ? Uint8Array.from(host.split("."), Number) : undefined;
}

/** DSCP1 is returned, DSCP2 is that of the probe, and RP says whether the reply has DSCP1 (with erratum 8199). */
function wrongClass(sent: Uint8Array, got: Uint8Array, { asked, answer }: Pair): Wrong | undefined {
  if (got[0] >> 2 !== sent[0] >> 2) {
    return { text: `its DSCP1 is ${got[0] >> 2}, and ${DSCP_WANTED} was sent`, at: 0, size: 1 };
  }
  const dscp2 = ((got[0] & 3) << 4) | (got[1] >> 4);
  if (asked.tos !== null && dscp2 !== asked.tos >> 2) {
    return {
      text: `its DSCP2 is ${dscp2}, and the probe left with ${asked.tos >> 2} (or the path changed it)`,
      at: 0,
      size: 2,
    };
  }
  const refused = (got[1] & 3) !== 0;
  if (!refused && answer.tos !== null && answer.tos >> 2 !== DSCP_WANTED) {
    return {
      text: `RP = 0 says that the reply has DSCP1 = ${DSCP_WANTED}, and it came with ${
        answer.tos >> 2
      } (or the path changed it)`,
      at: 1,
      size: 1,
    };
  }
  return undefined;
}
