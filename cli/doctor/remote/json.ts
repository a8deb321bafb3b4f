/**
 * The report for programs, schema `twampede/doctor-remote/1`. Fields are added and never renamed within a schema number;
 * spans are whole nanoseconds, what is not known is null.
 *
 * @module
 */
import { toHex } from "../../values.ts";
import { VERSION } from "../../version.ts";
import { clockOffset } from "./error_rules.ts";
import { askedOf, type Evidence, pairsOf } from "./evidence.ts";
import { numbering } from "./number_rules.ts";
import { residences } from "./path_rules.ts";
import type { Finding } from "./rule.ts";
import type { Fine } from "./rules.ts";
import { largestOf } from "./size_rules.ts";
import { verdicts } from "./tlv_verdict.ts";

const SCHEMA = "twampede/doctor-remote/1";

/** One document, ending with a line break. */
export function remoteJson(
  evidence: Evidence,
  findings: readonly Finding[],
  fine: readonly Fine[],
  examinedAt: string,
  runtime: string,
): string {
  const { host, port, family, transport, strays, skipped, asked } = evidence;
  const document = {
    schema: SCHEMA,
    tool: { name: "twampede", version: VERSION, runtime },
    examinedAt,
    remote: { host, port, family },
    transport,
    datagrams: { sent: asked.length, answered: asked.filter((one) => one.answers.length > 0).length, strays },
    protocols: (["twamp", "stamp"] as const).map((protocol) => ({
      protocol,
      asked: askedOf(evidence, "plain", protocol).length,
      answered: pairsOf(evidence, "plain", protocol).length,
    })),
    seen: seen(evidence),
    findings: findings.map(({ id, severity, text, means, rfc, shown }) => ({
      id,
      severity,
      text,
      means,
      rfc,
      octets: shown === undefined
        ? null
        : { what: shown.what, hex: toHex(shown.octets), marks: shown.marks.map(([at, size]) => ({ at, size })) },
    })),
    tlvs: verdicts(evidence).map(({ tlv, outcome, text }) => ({
      id: tlv.id,
      name: tlv.name,
      rfc: tlv.rfc,
      outcome,
      text,
    })),
    fine,
    skipped,
  };
  return JSON.stringify(document, null, 2) + "\n";
}

function seen(evidence: Evidence) {
  const all = residences(evidence);
  const rounds = pairsOf(evidence, "plain").map(({ answer }) => answer.roundNs);
  const offset = clockOffset(evidence);
  const whole = (ns: number | undefined) => ns === undefined || !Number.isFinite(ns) ? null : Math.round(ns);
  return {
    roundTripMinNs: whole(rounds.length === 0 ? undefined : Math.min(...rounds)),
    residenceP50Ns: whole(all[all.length >> 1]),
    residenceMaxNs: whole(all[all.length - 1]),
    clockOffsetNs: whole(offset?.offsetNs),
    clockOffsetBoundNs: whole(offset?.boundNs),
    numbering: numbering(evidence) ?? null,
    largest: largestOf(evidence, "largest") ?? null,
    largestUnfragmented: largestOf(evidence, "unfragmented") ?? null,
    replyTtl: pairsOf(evidence, "plain")[0]?.answer.ttl ?? null,
  };
}
