/** The formats of /proc, as Linux wrote them. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { parseCapabilities, parseHypervisor, parseSnmp, parseSnmp6 } from "../../../cli/doctor/proc.ts";

test("effective capabilities", () => {
  const status = (mask: string) =>
    `Name:\tbun\nCapInh:\t0000000000000000\nCapPrm:\tffffffffffffffff\nCapEff:\t${mask}\n`;
  const root = parseCapabilities(status("000001fffeffffff"));
  assert.deepEqual(root, { CAP_NET_BIND_SERVICE: true, CAP_NET_ADMIN: true, CAP_NET_RAW: true, CAP_SYS_NICE: true });
  const nobody = parseCapabilities(status("0000000000000000"));
  assert.deepEqual(Object.values(nobody!), [false, false, false, false]);
  const one = parseCapabilities(status("0000000000000400"));
  assert.deepEqual(Object.entries(one!).filter(([, has]) => has), [["CAP_NET_BIND_SERVICE", true]]);
  assert.equal(parseCapabilities("Name:\tbun\n"), null);
});

test("UDP counters of IPv4, and not those of UDP-Lite", () => {
  const text = `Ip: Forwarding DefaultTTL
Ip: 1 64
Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors
Udp: 109028835 9107 16446670 125492364 16446669 3 0 0 0
UdpLite: InDatagrams NoPorts
UdpLite: 7 8
`;
  const udp = parseSnmp(text, "Udp");
  assert.deepEqual([udp?.InDatagrams, udp?.RcvbufErrors, udp?.SndbufErrors], [109_028_835, 16_446_669, 3]);
  assert.equal(parseSnmp(text, "Tcp"), null);
  assert.equal(parseSnmp("Udp: InDatagrams\n", "Udp"), null);
});

test("UDP counters of IPv6", () => {
  const text =
    "Ip6InReceives                   \t4711\nUdp6InDatagrams                 \t42\nUdp6RcvbufErrors        \t1\n";
  assert.deepEqual(parseSnmp6(text, "Udp6"), { InDatagrams: 42, RcvbufErrors: 1 });
  assert.equal(parseSnmp6("", "Udp6"), null);
});

test("a hypervisor, by the flags of the processors", () => {
  assert.equal(parseHypervisor("processor\t: 0\nflags\t\t: fpu tsc hypervisor lahf_lm\n"), true);
  assert.equal(parseHypervisor("processor\t: 0\nflags\t\t: fpu tsc lahf_lm\n"), false);
  assert.equal(parseHypervisor("processor\t: 0\nFeatures\t: fp asimd\n"), null, "arm64 does not say");
});
