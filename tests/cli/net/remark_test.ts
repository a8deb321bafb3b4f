/** Routers that change DSCP and ECN on the way: what full TWAMP says of them, by direction (RFC 7750). */
import { test } from "node:test";
import assert from "node:assert/strict";
import type { Json } from "../parse.ts";
import { filtering, FORWARD, noFilter } from "./filter.ts";
import { assertWhole, controlled, withServer } from "./full_twamp.ts";
import { addresses, hostsInRow } from "./hosts.ts";

const { hosts, skip: noHosts } = hostsInRow(3);
const [near, router, far] = hosts;
const skip = noHosts || noFilter;
const there = addresses(2);
const COUNT = 20;
const PROBES = ["-c", `${COUNT}`, "-i", "5", "--packet-timeout", "0.5"];
const EF = 0xb8;
const AF11 = 0x28;
const CS1 = 0x20;

/** A rule for both families. */
const both = (where: string, what: string) => ["ip", "ip6"].map((family) => `${where} udp dport > 0 ${family} ${what}`);

/** What is set on the way, what arrives there and here of probes sent with `tos`, and the notes of it. */
const WAYS: readonly (readonly [
  what: string,
  rules: readonly string[],
  tos: number,
  there: number,
  here: number,
  notes: readonly RegExp[],
])[] = [
  ["nothing", [], EF, EF, EF, []],
  ["DSCP there", both('oifname "east"', "dscp set af11"), EF, AF11, EF, [
    /^probes left with EF \(TOS 0xb8\) and arrived as AF11 \(0x28\) in 20 of 20: something on the way there remarks them$/,
  ]],
  ["DSCP back", both('oifname "west"', "dscp set cs1"), EF, EF, CS1, [
    /^replies left with EF \(TOS 0xb8\) and arrived as CS1 \(0x20\) in 20 of 20: something on the way back remarks them$/,
  ]],
  ["DSCP both ways", both("", "dscp set cs1"), EF, CS1, CS1, [
    /^probes left .* on the way there remarks them$/,
    /^replies left .* on the way back remarks them$/,
  ]],
  ["CE there", both('oifname "east"', "ecn set ce"), EF | 2, EF | 3, EF, [
    /^20 of 20 probes met congestion \(CE\) on the way there$/,
  ]],
  ["CE back", both('oifname "west"', "ecn set ce"), EF | 2, EF | 2, EF | 3, [
    /^20 of 20 replies met congestion \(CE\) on the way back$/,
  ]],
  ["CE there though nobody offered it", both('oifname "east"', "ecn set ce"), EF, EF | 3, EF, [
    /^probes left with Not-ECT and arrived with CE in 20 of 20: something on the way there changes ECN$/,
  ]],
];

for (const [family, server] of [["IPv4", there.v4], ["IPv6", `[${there.v6}]`]] as const) {
  for (const [what, rules, tos, forward, backward, notes] of WAYS) {
    test(`${family}, ${what} is changed on the way: the result says where`, { skip }, async () => {
      await filtering(router, [[FORWARD, ...rules]], () =>
        withServer(far, [], async () => {
          const result = await controlled(near, server, [...PROBES, "--tos", `${tos}`]);
          assertWhole(result);
          const { marking } = result.results[0];
          // A busy machine is no matter of marking.
          const said = result.results[0].notes.filter((note: string) => !/held (up|in this host)/.test(note));
          const octets = (counts: Json) => counts.map(({ tos, count }: Json) => [tos, count]);
          assert.deepEqual([marking.sentTos, marking.replyTos & 0xfc], [tos, EF]);
          assert.deepEqual([octets(marking.outbound), octets(marking.inbound)], [[[forward, COUNT]], [[
            backward,
            COUNT,
          ]]]);
          assert.equal(said.length, notes.length, JSON.stringify(said));
          for (const [i, note] of notes.entries()) {
            assert.match(said[i], note);
            assert.ok(result.stderr.includes(`note: ${said[i]}`), result.stderr);
          }
        }));
    });
  }
}
