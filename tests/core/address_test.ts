import { test } from "node:test";
import assert from "node:assert/strict";
import { formatAddress, formatEndpoint, parseAddress, parseEndpoint, peerOctets } from "../../core/address.ts";

test("every form of the contract is read", () => {
  const cases: [string, string, number | undefined][] = [
    ["192.0.2.1", "192.0.2.1", undefined],
    ["192.0.2.1:862", "192.0.2.1", 862],
    ["[2001:db8::1]:862", "2001:db8::1", 862],
    ["[2001:db8::1]", "2001:db8::1", undefined],
    ["2001:db8::1", "2001:db8::1", undefined],
    ["fe80::1%eth0", "fe80::1%eth0", undefined],
    ["::", "::", undefined],
    ["[::]", "::", undefined],
    ["host.example:862", "host.example", 862],
    ["host_1.example", "host_1.example", undefined],
    ["localhost", "localhost", undefined],
    [":862", "", 862],
    ["", "", undefined],
    ["192.0.2.1:0", "192.0.2.1", 0],
  ];
  for (const [text, host, port] of cases) assert.deepEqual(parseEndpoint(text), { host, port }, text);
});

test("what is none of them says why", () => {
  const bad = [
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "127.1",
    "1.2.3.4:65536",
    "1.2.3.4:x",
    "1.2.3.4:",
    "[1.2.3.4]:5",
    "[::1",
    "::1]:5",
  ];
  for (const text of [...bad, "2001:db8:::1", "a b", "-host", "host-:5", "1:2:3", "[::1]5", "ho$t"]) {
    assert.equal(typeof parseEndpoint(text), "string", text);
  }
});

test("addresses go to octets and back in their canonical form", () => {
  for (const text of ["192.0.2.1", "0.0.0.0", "2001:db8::1", "::", "::1", "fe80::1", "2001:db8:0:1:1:1:1:1"]) {
    assert.equal(formatAddress(parseAddress(text)!.octets), text);
  }
  assert.equal(formatAddress(parseAddress("2001:0DB8:0:0:0:0:0:1")!.octets), "2001:db8::1");
  assert.equal(parseAddress("::ffff:192.0.2.1")?.family, 6);
  assert.equal(parseAddress("host.example"), undefined);
  assert.deepEqual([...peerOctets(parseAddress("192.0.2.1")!, 0x1234).subarray(10, 18)], [
    255,
    255,
    192,
    0,
    2,
    1,
    0x12,
    0x34,
  ]);
  assert.equal(formatEndpoint("::1", 5), "[::1]:5");
});
