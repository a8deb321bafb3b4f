/**
 * What became of each TLV: understood, refused by a flag, copied, dropped, or spoilt.
 *
 * @module
 */
import { STAMP_SIZE } from "../../../core/wire/test_packet.ts";
import { TLV_HEADER, TlvFlag } from "../../../core/wire/tlv.ts";
import { type Asked, type Evidence, pairsOf } from "./evidence.ts";
import { field, same } from "./packets.ts";
import { TLV_CASES, type TlvCase } from "./tlv_table.ts";

export type Outcome =
  | "understood"
  /** U set, by a reflector that sets flags. */
  | "unrecognized"
  /** M or I set, as they should be. */
  | "refused"
  /** Sent back untouched by a reflector that knows no TLVs (RFC 8762 section 4.3). */
  | "copied"
  /** Pushed back as padding: the probe was taken for TWAMP. */
  | "as-padding"
  /** No reply, as asked. */
  | "no-reply"
  | "silent"
  | "dropped"
  | "broken";

/** What is right about each, in a word of the table. */
export const OUTCOME_TEXT: Readonly<Record<Outcome, string>> = {
  understood: "understood",
  unrecognized: "returned as unrecognized",
  refused: "refused by its flag",
  copied: "copied untouched",
  "as-padding": "taken for padding of TWAMP",
  "no-reply": "no reply, as asked",
  silent: "NO REPLY",
  dropped: "DROPPED",
  broken: "BROKEN",
};

/** One TLV's fate; `text` says what is wrong, and is null where nothing is. */
export interface Verdict {
  readonly tlv: TlvCase;
  readonly outcome: Outcome;
  readonly text: string | null;
  /** The reply, and what in it is wrong. */
  readonly reply: Uint8Array | null;
  readonly marks: readonly (readonly [at: number, size: number])[];
}

/** Flags that no section gives a meaning; 0x10 is that of a draft, for one type. */
const RESERVED = 0x0f;

/** In the order of the table; those that were not asked are left out. */
export function verdicts(evidence: Evidence): Verdict[] {
  const copies = isCopier(evidence);
  return TLV_CASES.flatMap((tlv) => {
    const all = evidence.asked.filter((one) => one.trial === "tlv" && one.detail === tlv.id);
    const asked = all.find((one) => one.answers.length > 0) ?? all[0];
    return asked === undefined ? [] : [verdict(tlv, asked, evidence, copies)];
  });
}

/** Whether it returns what is behind the base packet octet for octet, even where a flag must change. */
export function isCopier(evidence: Evidence): boolean {
  const sure = pairsOf(evidence, "tlv").filter(({ asked }) =>
    ["unknown-u-clear", "overrun", "extra-padding"].includes(asked.detail)
  );
  return sure.length > 0 && sure.every(({ asked, answer }) => {
    const size = asked.octets.length - STAMP_SIZE;
    return same(asked.octets, STAMP_SIZE, answer.octets, STAMP_SIZE, size);
  });
}

function verdict(tlv: TlvCase, asked: Asked, evidence: Evidence, copies: boolean): Verdict {
  const is = (outcome: Outcome, text: string | null = null, marks: Verdict["marks"] = []): Verdict => ({
    tlv,
    outcome,
    text,
    reply: asked.answers[0]?.octets ?? null,
    marks,
  });
  if (asked.answers.length === 0) {
    return tlv.expects === "silence"
      ? is("no-reply")
      : is("silent", "there was no reply, as if the probe had not come");
  }
  const answer = asked.answers[0];
  const reply = answer.octets;
  const sent = asked.octets.subarray(STAMP_SIZE);
  const got = reply.subarray(STAMP_SIZE);
  if (isShifted(asked.octets, reply)) return is("as-padding");
  if (copies && same(sent, 0, got, 0, sent.length)) return is("copied");
  if (got.length < TLV_HEADER) return is("dropped", `the reply has ${reply.length} octets, the TLV is not in it`);
  if (got.length < sent.length) {
    return is("broken", `the reply ends within the TLV: ${reply.length} octets of ${asked.octets.length}`, [
      [STAMP_SIZE, got.length],
    ]);
  }
  if (got[1] !== sent[1] || field(got, 2, 2) !== field(sent, 2, 2)) {
    return is("broken", "its type or length is not what was sent", [[STAMP_SIZE + 1, 3]]);
  }
  return byFlags(tlv, sent, got, is, () => tlv.wrong?.(valueOf(sent), valueOf(got), { asked, answer }, evidence));
}

type Is = (outcome: Outcome, text?: string | null, marks?: Verdict["marks"]) => Verdict;

function byFlags(
  tlv: TlvCase,
  sent: Uint8Array,
  got: Uint8Array,
  is: Is,
  wrong: () => ReturnType<NonNullable<TlvCase["wrong"]>>,
): Verdict {
  const [flags] = got;
  const u = (flags & TlvFlag.U) !== 0;
  const m = (flags & TlvFlag.M) !== 0;
  const i = (flags & TlvFlag.I) !== 0;
  const bad = (text: string) => is("broken", text, [[STAMP_SIZE, 1]]);
  const { expects } = tlv;
  if (flags & RESERVED) return bad(`it sets reserved flags: 0x${flags.toString(16)}`);
  if (expects === "overrun") {
    return m ? is("refused") : bad("M is clear, though the TLV is longer than what is left of the packet");
  }
  if (expects === "malformed") {
    if (m) return is("refused");
    return u ? is("unrecognized") : bad("U and M are clear: it took a length that is not valid for the type");
  }
  if (m) return bad("M is set, and the TLV was well formed");
  if (expects === "integrity") return byIntegrity(got, i, is, bad);
  if (i) return bad("I is set, and there was no HMAC to fail");
  if (!u && expects === "silence") return bad("U is clear, and it replied where no reply was asked for");
  if (!u && expects === "unrecognized") return bad("U is clear, as if it had understood what it cannot");
  if (u) {
    if (same(sent, TLV_HEADER, got, TLV_HEADER, sent.length - TLV_HEADER)) return is("unrecognized");
    return is("broken", "U says that it was not understood, and its value was changed", [[
      STAMP_SIZE + TLV_HEADER,
      sent.length - TLV_HEADER,
    ]]);
  }
  const fault = wrong();
  if (fault === undefined) return is("understood");
  return is("broken", fault.text, [[STAMP_SIZE + TLV_HEADER + fault.at, fault.size]]);
}

/** Padding, then the HMAC: both have I where it was checked. */
function byIntegrity(got: Uint8Array, i: boolean, is: Is, bad: (text: string) => Verdict): Verdict {
  const second = TLV_HEADER + (field(got, 2, 2) ?? 0);
  const flags = field(got, second, 1) ?? 0;
  if (i !== ((flags & TlvFlag.I) !== 0)) return bad("I is set in one TLV and not in the other");
  if (i) return is("refused");
  if (flags & TlvFlag.U) return is("unrecognized");
  return is("broken", "U and I are clear in an HMAC TLV that no key makes: what it protects is not checked", [[
    STAMP_SIZE + second,
    1,
  ]]);
}

/** What a TWAMP reflector does: octets 14 and on of the probe stand behind its 41. */
function isShifted(sent: Uint8Array, reply: Uint8Array): boolean {
  return reply.length > STAMP_SIZE && reply.length <= sent.length + 27 && (field(reply, 14, 2) ?? 0) === 0 &&
    same(reply, 41, sent, 14, reply.length - 41);
}

function valueOf(tlv: Uint8Array): Uint8Array {
  return tlv.subarray(TLV_HEADER, TLV_HEADER + (field(tlv, 2, 2) ?? 0));
}
