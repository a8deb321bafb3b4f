/** What `doctor REMOTE` says of reflectors with one fault each, of those that are deployed, and of a good one. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import type { Evidence } from "../../../cli/doctor/remote/evidence.ts";
import { Exchange, LIMITS, Spent } from "../../../cli/doctor/remote/exchange.ts";
import { remoteJson } from "../../../cli/doctor/remote/json.ts";
import { judge, RULES } from "../../../cli/doctor/remote/rules.ts";
import { remoteText } from "../../../cli/doctor/remote/text.ts";
import { TLV_CASES } from "../../../cli/doctor/remote/tlv_table.ts";
import { createRandom } from "../../../core/random.ts";
import { MemoryNetwork } from "../../../plugins/transport/memory.ts";
import * as makers from "./makers.ts";
import { examined, type Heard, isReply, type Quirks, type Reflector, reply } from "./reflectors.ts";

const FOLDER = new URL("../../golden/", import.meta.url);

/** `UPDATE_GOLDEN=1` writes it anew. */
function golden(name: string, actual: string): void {
  const file = new URL(name, FOLDER);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, actual);
  assert.equal(actual, readFileSync(file, "utf8"), name);
}

const ids = (evidence: Evidence, ...severities: string[]) =>
  judge(evidence).findings.filter((one) => severities.includes(one.severity)).map(({ id }) => id);
const wrong = (evidence: Evidence) => ids(evidence, "fault", "weakness");

/** Of RFC 8762, with numbers of its own for each session. */
function stateful(quirks: (heard: Heard) => Quirks = () => ({})): Reflector {
  return () => {
    const next = new Map<string, number>();
    return (heard) => {
      if (heard.octets.length < 14 || isReply(heard.octets)) return undefined;
      const anew = heard.octets.length >= 4 && heard.octets.subarray(0, 4).every((octet) => octet === 0);
      const rseq = anew ? 0 : next.get(heard.from) ?? 0;
      next.set(heard.from, rseq + 1);
      return reply(heard, { rseq, ...quirks(heard) });
    };
  };
}

/** TLVs of a reflector that knows Extra Padding alone, as RFC 8972 section 4 wants it. */
function flags(sent: Uint8Array): Uint8Array {
  const out = sent.slice();
  let at = 0;
  while (at + 4 <= out.length) {
    const next = at + 4 + (out[at + 2] << 8 | out[at + 3]);
    out[at] = (out[at + 1] === 1 ? 0 : 0x80) | (next > out.length ? 0x40 : 0);
    at = next;
  }
  return out;
}

const good = stateful(() => ({ tlvs: flags }));

/** Changes one TLV, by its type, in what is otherwise good. */
function spoil(type: number, change: (tlv: Uint8Array) => Uint8Array | void): Reflector {
  return stateful(() => ({
    tlvs: (sent) => {
      const out = flags(sent);
      return sent[1] === type ? change(out) ?? out : out;
    },
  }));
}

test("a good reflector gets a clean bill", async () => {
  const evidence = await examined(good);
  // It leaves TOS and TTL of its replies to the system, as most do.
  assert.deepEqual(ids(evidence, "fault", "weakness", "note"), ["tos", "reply-ttl"]);
  const fine = judge(evidence).fine.map(({ id }) => id);
  for (
    const id of [
      "equal-stamps",
      "ttl-fixed",
      "ssid-not-returned",
      "asymmetric-size",
      "numbers-odd",
      "answers-short",
      "tlv-flags",
    ]
  ) {
    assert.ok(fine.includes(id), `${id} in ${fine}`);
  }
  assert.deepEqual(evidence.skipped, []);
});

test("each rule has an id of its own and names its section", () => {
  assert.equal(new Set(RULES.map(({ id }) => id)).size, RULES.length);
  for (const { rfc, id } of RULES) assert.match(rfc, /^(RFC \d+|draft-\S+) section \d/, id);
});

let wavering = 0;

/** One fault each, in what is otherwise good, and all that is to be found besides notes. */
const FAULTS: readonly (readonly [what: string, reflector: Reflector, found: readonly string[]])[] = [
  ["stamps in another order", stateful(() => ({ tlvs: flags, swapped: true })), ["swapped-stamps"]],
  ["T1 not as it was sent", stateful(() => ({ tlvs: flags, altered: true })), ["echo-altered"]],
  ["no stamps", stateful(() => ({ tlvs: flags, noStamps: true })), ["missing-stamps"]],
  ["T2 = T3", stateful(() => ({ tlvs: flags, equal: true })), ["equal-stamps"]],
  ["nanoseconds as fraction", stateful(() => ({ tlvs: flags, nanos: true })), ["nanosecond-fraction"]],
  ["T3 before T2", stateful(() => ({ tlvs: flags, early: true })), ["negative-residence"]],
  ["T3 long after T2", stateful(() => ({ tlvs: flags, late: true })), ["implausible-residence", "residence"]],
  ["multiplier 0", stateful(() => ({ tlvs: flags, error: 0x1400 })), ["no-error-estimate"]],
  ["an error of 2^-32 s", stateful(() => ({ tlvs: flags, error: 0x0001 })), ["false-error-estimate"]],
  ["S and an error of 2^-32 s", stateful(() => ({ tlvs: flags, error: 0x8001 })), ["false-error-estimate"]],
  [
    "PTP, S and a clock 3 s ahead",
    stateful(() => ({ tlvs: flags, ptp: true, error: 0xd480, ahead: 3 })),
    ["false-synchronisation"],
  ],
  ["PTP, and T3 9 s after T2", stateful(() => ({ tlvs: flags, ptp: true, late: true })), [
    "implausible-residence",
    "residence",
  ]],
  ["S and a clock 3 s ahead", stateful(() => ({ tlvs: flags, error: 0x9480, ahead: 3 })), ["false-synchronisation"]],
  ["S that comes and goes", stateful(() => ({ tlvs: flags, error: wavering++ % 2 ? 0x9480 : 0x1480 })), [
    "wavering-synchronisation",
  ]],
  ["TTL 0", stateful(() => ({ tlvs: flags, ttl: 0 })), ["ttl-fixed"]],
  ["TTL 64 always", stateful(() => ({ tlvs: flags, ttl: 64 })), ["ttl-fixed"]],
  ["reserved octets that are not zero", stateful(() => ({ tlvs: flags, mbz: 7 })), ["reserved-octets"]],
  ["the SSID elsewhere", stateful(() => ({ tlvs: flags, ssidAt: 38 })), ["ssid-misplaced"]],
  ["no SSID", stateful(() => ({ tlvs: flags, ssidAt: -1 })), ["ssid-not-returned"]],
  ["other ports", () => {
    const all = good();
    return (heard) => {
      const octets = all(heard) as Uint8Array | undefined;
      return octets && [{ octets, through: "another port" }];
    };
  }, ["other-source"]],
  ["more than came", stateful(({ octets }) => ({ tlvs: flags, size: Math.min(octets.length + 100, 65_507) })), [
    "asymmetric-size",
    "amplifies",
  ]],
  ["each reply twice", () => {
    const all = good();
    return (heard) => {
      const octets = all(heard) as Uint8Array | undefined;
      return octets && [{ octets }, { octets }];
    };
  }, ["duplicates", "amplifies"]],
  ["numbers of all sessions together", () => {
    let rseq = 0;
    const all = good();
    return (heard) => {
      const octets = all(heard) as Uint8Array | undefined;
      if (octets) new DataView(octets.buffer).setUint32(0, rseq++);
      return octets;
    };
  }, ["numbers-shared"]],
  ["one number for all", stateful(() => ({ tlvs: flags, rseq: 5 })), ["numbers-odd"]],
  ["short datagrams answered", () => (heard) => isReply(heard.octets) ? undefined : reply(heard, { tlvs: flags }), [
    "answers-short",
  ]],
  ["replies answered", () => (heard) => heard.octets.length < 14 ? undefined : reply(heard, { tlvs: flags }), [
    "answers-replies",
  ]],
  ["ended by one octet", () => {
    const all = good();
    let ended = false;
    return (heard) => {
      ended ||= heard.octets.length < 3;
      return ended ? undefined : all(heard);
    };
  }, ["ended-by-short"]],
  ["TLVs left out", stateful(() => ({ tlvs: () => new Uint8Array() })), ["asymmetric-size", "tlv-dropped"]],
  ["U clear in unknown types", spoil(200, (tlv) => void (tlv[0] = 0)), ["tlv-unknown"]],
  ["M set in a good one", spoil(6, (tlv) => void (tlv[0] = 0xc0)), ["tlv-access-report"]],
  ["I set without HMAC", spoil(5, (tlv) => void (tlv[0] = 0xa0)), ["tlv-direct-measurement"]],
  [
    "a forged HMAC taken",
    stateful(() => ({
      tlvs: (sent) => {
        const out = flags(sent);
        if (sent[13] === 8) out[12] = 0;
        return out;
      },
    })),
    ["tlv-hmac"],
  ],
  ["an unknown value changed", spoil(252, (tlv) => void (tlv[5] ^= 1)), ["tlv-private"]],
  ["a TLV of another type", spoil(3, (tlv) => void (tlv[1] = 9)), ["tlv-timestamp-information"]],
  ["a wrong length taken", spoil(4, (tlv) => void (tlv[0] = tlv[3] === 8 ? 0 : tlv[0])), ["tlv-wrong-length"]],
  [
    "an overrun not seen",
    stateful(() => ({
      tlvs: (sent) => {
        const out = flags(sent);
        if (sent[3] === 200) out[0] = 0;
        return out;
      },
    })),
    ["tlv-overrun"],
  ],
  [
    "an address of another taken",
    stateful(() => ({
      tlvs: (sent) => {
        const out = flags(sent);
        if (sent[1] === 9) out[0] = 0;
        return out;
      },
    })),
    ["tlv-destination-not-here"],
  ],
  [
    "a reply where none was asked for",
    stateful(() => ({
      tlvs: (sent) => {
        const out = flags(sent);
        if (sent[1] === 10) out[0] = 0;
        return out;
      },
    })),
    ["tlv-return-path-none"],
  ],
  ["no reply to a TLV", () => {
    const all = good();
    return (heard) => heard.octets[45] === 11 ? undefined : all(heard);
  }, ["tlv-silent"]],
  ["a cut TLV", spoil(7, (tlv) => tlv.slice(0, 10)), ["tlv-follow-up-telemetry"]],
  ["values that a TLV cannot have", spoil(3, (tlv) => void tlv.set([0, 3, 0, 4, 99])), ["tlv-timestamp-information"]],
  ["counters of 0", spoil(5, (tlv) => void (tlv[0] = 0)), ["tlv-direct-measurement"]],
  ["a class that was not applied", spoil(4, (tlv) => void (tlv[0] = tlv[3] === 4 ? 0 : tlv[0])), [
    "tlv-class-of-service",
  ]],
  ["a Micro-session ID of 0", spoil(11, (tlv) => void (tlv[0] = 0)), ["tlv-micro-session-id"]],
  ["reserved flags", spoil(12, (tlv) => void (tlv[0] = 0x81)), ["tlv-reflected-control"]],
  ["nothing above 1000 octets", () => {
    const all = good();
    return (heard) => heard.octets.length > 1000 ? undefined : all(heard);
  }, ["size-unanswered"]],
];

for (const [what, reflector, found] of FAULTS) {
  test(`found: ${what}`, async () => {
    assert.deepEqual(wrong(await examined(reflector)).toSorted(), [...found].toSorted());
  });
}

/** A single TLV whose value is spoilt, understood otherwise. */
function location(destination: readonly number[]): Reflector {
  return spoil(2, (tlv) => {
    tlv.set([0, 2, 0, 44, 0x03, 0x5e, 0, 0, 0, 5, 0, 16, ...destination]);
    tlv.set([0, 8, 0, 16, 192, 0, 2, 1], 28);
  });
}

test("a right Location is understood, one in reverse is told with its octets", async () => {
  assert.deepEqual(wrong(await examined(location([192, 0, 2, 7]))), []);
  const [finding] = judge(await examined(location([7, 2, 0, 192]))).findings;
  assert.deepEqual([finding.id, finding.shown?.marks], ["tlv-location", [[56, 4]]]);
  assert.match(finding.text, /reverse \(7\.2\.0\.192\)/);
});

test("whose clock is wrong is said only where ours has a keeper", async () => {
  const evidence = await examined(stateful(() => ({ tlvs: flags, error: 0x9480, ahead: 3 })), { quick: true });
  const told = (errorEstimate: number) => {
    const { severity, text } = judge({ ...evidence, errorEstimate }).findings.find(({ id }) =>
      id === "false-synchronisation"
    )!;
    return [severity, /it may be ours/.test(text)];
  };
  assert.deepEqual(told(0x9480), ["fault", false]);
  assert.deepEqual(told(0x1480), ["weakness", true]);
});

test("a limit of the path is no limit of the far end", async () => {
  const evidence = await examined(good, { most: 5000 });
  const largest = judge(evidence).findings.filter(({ id }) => id === "largest-size");
  assert.match(largest[0].text, /has 5000 octets; of 5001/);
});

/** All that is wrong with those that are deployed; the first is what matters most about them. */
const DEPLOYED: Readonly<Record<keyof typeof makers, readonly string[]>> = {
  NOKIA: [
    "equal-stamps",
    "false-error-estimate",
    "ttl-absent",
    "short-reply",
    "asymmetric-size",
    "tlv-dropped",
    "ended-by-short",
    "ssid-not-returned",
    "answers-short",
    "answers-replies",
  ],
  CHKWOK: [
    "equal-stamps",
    "false-error-estimate",
    "ttl-absent",
    "short-reply",
    "asymmetric-size",
    "tlv-dropped",
    "ssid-not-returned",
    "loss",
    "duplicates",
    "answers-short",
    "answers-replies",
  ],
  CUJO: ["false-error-estimate", "ttl-fixed", "short-reply", "asymmetric-size", "answers-replies"],
  DOMOS: ["swapped-stamps", "false-error-estimate", "ttl-fixed", "short-reply", "asymmetric-size", "answers-replies"],
  EMIRICA: ["false-error-estimate", "answers-replies"],
  TCAINE: ["nanosecond-fraction", "false-error-estimate"],
  STAMP_SUITE: [
    "false-error-estimate",
    "asymmetric-size",
    "reply-cut",
    "padding-dropped",
    "tlv-location",
    "answers-short",
    "answers-replies",
  ],
  STAMP_SUITE_STRICT: [
    "false-error-estimate",
    "asymmetric-size",
    "reply-cut",
    "padding-dropped",
    "tlv-location",
    "answers-replies",
  ],
  TEAPARTY: ["tlv-location"],
  YUU61: [],
  DEMIRTEN: ["asymmetric-size", "ended-by-short", "answers-replies"],
  OWAMP: ["reserved-octets"],
  RECORDED_TWAMPD: ["false-error-estimate", "answers-replies"],
  RECORDED: [
    "equal-stamps",
    "false-error-estimate",
    "ttl-absent",
    "short-reply",
    "asymmetric-size",
    "tlv-dropped",
    "ssid-not-returned",
    "answers-short",
    "answers-replies",
  ],
};

for (const [who, found] of Object.entries(DEPLOYED)) {
  test(`deployed: ${who}`, async () => {
    const evidence = await examined(makers[who as keyof typeof makers]);
    assert.deepEqual(wrong(evidence), found);
  });
}

test("replies too short for a number have none, instead of one of -1", async () => {
  const evidence = await examined(() => () => new Uint8Array(2));
  assert.ok(!wrong(evidence).includes("numbers-odd"));
  assertPresentable(evidence);
});

test("what is worth knowing of them", async () => {
  const notes = async (reflector: Reflector) => ids(await examined(reflector), "note");
  assert.ok((await notes(makers.DEMIRTEN)).includes("ttl-fixed"), "255 always");
  assert.ok((await notes(makers.CUJO)).includes("largest-size"), "1472 octets");
  assert.ok((await notes(makers.YUU61)).includes("tlv-unsupported"), "RFC 8762 alone");
  assert.ok((await notes(makers.YUU61)).includes("numbers-copied"), "stateless");
  assert.ok((await notes(makers.EMIRICA)).includes("tlv-as-padding"), "TWAMP alone");
});

test("the report, octet for octet", async () => {
  for (const [name, reflector] of [["nokia", makers.NOKIA], ["good", good]] as const) {
    const evidence = await examined(reflector);
    const { findings, fine } = judge(evidence);
    golden(`doctor-remote-${name}.txt`, remoteText(evidence, findings, fine, "0.0.0"));
  }
});

/** As if routers on the way dropped what they would have to break up. */
async function behindNarrowPath(): Promise<Evidence> {
  const evidence = await examined(good);
  const asked = evidence.asked.flatMap((one) =>
    one.trial !== "unfragmented" ? [one] : [
      { ...one, octets: one.octets.slice(0, 1372) },
      { ...one, octets: one.octets.slice(0, 1373), answers: [] },
    ]
  );
  return { ...evidence, asked };
}

test("every report is of 80 columns, every document whole, and no rule is without a reflector here", async () => {
  const all = [...Object.values(makers), good, ...FAULTS.map(([, one]) => one), stateful(() => ({ ptp: true }))];
  const seen = new Set<string>();
  for (const evidence of [await behindNarrowPath(), ...await Promise.all(all.map((one) => examined(one)))]) {
    assertPresentable(evidence);
    for (const { id } of judge(evidence).findings) seen.add(id);
  }
  const table = TLV_CASES.map(({ id }) => `tlv-${id}`);
  const unseen = RULES.map(({ id }) => id).filter((id) => !seen.has(id) && !table.includes(id));
  assert.deepEqual(unseen, ["tlv-flags"], "which only says what is fine");
});

function assertPresentable(evidence: Evidence): void {
  const { findings, fine } = judge(evidence);
  const text = remoteText(evidence, findings, fine, "0.0.0");
  assert.deepEqual(text.split("\n").filter((line) => line.length > 80), []);
  assert.doesNotMatch(text, /undefined|NaN|\[object|Infinity/);
  const document = JSON.parse(remoteJson(evidence, findings, fine, "2026-11-21T09:00:00.000Z", "none"));
  assert.equal(document.schema, "twampede/doctor-remote/1");
  assert.equal(document.findings.length, findings.length);
}

test("octets that mean nothing are survived, however many", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = createRandom(new Uint8Array(16).fill(seed), "doctor");
    const garbage: Reflector = () => (heard) => {
      const good = reply(heard, {}).slice(0, random.below(120));
      const copies = random.below(4);
      return Array.from({ length: copies === 3 ? 40 : copies }, () => {
        const octets = new Uint8Array(random.below(90));
        for (let i = 0; i < octets.length; i++) octets[i] = random.below(3) === 0 ? random.below(256) : good[i] ?? 0;
        return { octets };
      });
    };
    const evidence = await examined(garbage, { quick: seed % 4 !== 0 });
    assert.ok(evidence.asked.every(({ answers }) => answers.length <= 16));
    assertPresentable(evidence);
  }
});

test("politeness: 50 datagrams a second and 400 at the most", async () => {
  let last: readonly [number, number] = [0, 0];
  let least = Infinity;
  let heardOf = 0;
  await examined(() => (heard) => {
    heardOf++;
    least = Math.min(least, (heard.t2[0] - last[0]) * 1e9 + heard.t2[1] - last[1]);
    last = heard.t2;
    return heardOf > 24 ? undefined : reply(heard);
  });
  assert.ok(least >= 20e6, `${least} ns`);
  assert.ok(heardOf > 24 && heardOf <= 400, String(heardOf));
});

test("limits end the trials, and that is said", async () => {
  const network = new MemoryNetwork();
  const socket = network.open({ hostname: "0.0.0.0", port: 1 });
  const line = { socket, peer: socket.peer("192.0.2.7", 2), tos: 0, ttl: 64 };
  const question = { trial: "plain", protocol: "twamp", octets: new Uint8Array(41) } as const;
  const few = new Exchange(network, "192.0.2.7", 2, { ...LIMITS, datagrams: 2 });
  await few.ask(line, question);
  await few.ask(line, question);
  await assert.rejects(few.ask(line, question), Spent);
  const short = new Exchange(network, "192.0.2.7", 2, { ...LIMITS, timeNs: 1.5e9 });
  await short.ask(line, question);
  await short.ask(line, question);
  await assert.rejects(short.ask(line, question), Spent);
  socket.close();
});
