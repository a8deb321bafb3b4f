/** `--timestamp hardware` on interfaces that cannot: loopback here, and a veth between hosts of our own making. */
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { interfaceOf, type OwnAddress } from "../../cli/stamp_interface.ts";
import { assertRefused, refused } from "./support.ts";

const host = `tw-hard-${process.pid}`;
const inHost = { through: ["ip", "netns", "exec", host] };
const HARD = ["--timestamp", "hardware", "-c", "1"];

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  assert.equal(status, 0, `ip ${args.join(" ")}: ${stderr}`);
}

function whyNot(): string | undefined {
  if (process.platform !== "linux") return "not Linux";
  const { error, status } = spawnSync("ip", ["netns", "add", host], { encoding: "utf8" });
  if (error !== undefined) return "no ip command (Debian: iproute2)";
  return status === 0 ? undefined : "no privilege to make network namespaces";
}

const reason = whyNot();
const skip = reason ?? false;
const notLinux = process.platform !== "linux" && "not Linux";

before(() => {
  if (reason !== undefined) return;
  ip("-n", host, "link", "add", "v0", "type", "veth", "peer", "name", "v1");
  ip("-n", host, "addr", "add", "192.0.2.1/30", "dev", "v0", "label", "v0:first");
  ip("-n", host, "addr", "add", "2001:db8::1/64", "dev", "v0", "nodad");
  for (const name of ["lo", "v0", "v1"]) ip("-n", host, "link", "set", name, "up");
});

after(() => {
  if (reason === undefined) spawnSync("ip", ["netns", "del", host]);
});

test("loopback: what it offers instead, on both sides", { skip: notLinux }, async () => {
  const line = "lo has no hardware time stamps (it offers: kernel): use --timestamp kernel";
  assertRefused(await refused(["sender", "127.0.0.1:9", ":0", ...HARD]), 2, line);
  assertRefused(await refused(["responder", "127.0.0.1:0", "--timestamp", "hardware"]), 2, line);
});

test("an interface that does not exist, and a transport without stamps", { skip: notLinux }, async () => {
  const nope = ["sender", "127.0.0.1:9", ":0", "--interface", "nope7", ...HARD];
  assertRefused(await refused(nope), 2, "--interface 'nope7' does not exist");
  assertRefused(await refused(["sender", "127.0.0.1:9", "--transport", "node", ...HARD]), 2, "node", "--timestamp");
});

test("the interface is found: by name, by the local address, by the way out", { skip }, async () => {
  const line = "v0 has no hardware time stamps (it offers: kernel): use --timestamp kernel";
  for (
    const args of [
      ["192.0.2.2", ":0", "--interface", "v0"],
      ["192.0.2.2", "192.0.2.1:0"],
      ["192.0.2.2", ":0"],
      ["2001:db8::2", "[::]:0"],
    ]
  ) assertRefused(await refused(["sender", ...args, ...HARD], inHost), 2, line);
  assertRefused(await refused(["sender", "192.0.2.1", ":0", ...HARD], inHost), 2, "lo has no hardware");
  assertRefused(await refused(["responder", "192.0.2.1:0", "--timestamp", "hardware"], inHost), 2, line);
});

test("a responder on all addresses has to be told", { skip }, async () => {
  const all = ["responder", ":0", "--timestamp", "hardware"];
  assertRefused(await refused(all, inHost), 2, "name the interface: --interface NAME (there is: v0");
  assertRefused(await refused([...all, "--interface", "v0"], inHost), 2, "v0 has no hardware time stamps");
});

test("addresses are compared whatever their notation, and a zone is an interface", () => {
  const own: OwnAddress[] = [
    { name: "lo", address: "127.0.0.1", internal: true, scope: undefined },
    { name: "eth0", address: "192.0.2.1", internal: false, scope: undefined },
    { name: "eth0", address: "fe80::1", internal: false, scope: 2 },
    { name: "eth1", address: "fe80::1", internal: false, scope: 3 },
    { name: "eth1", address: "2001:db8::1", internal: false, scope: 0 },
  ];
  const found = (text: string) => interfaceOf(text, own);
  assert.equal(found("192.0.2.1"), "eth0");
  assert.equal(found("2001:DB8:0:0::1"), "eth1");
  assert.equal(found("fe80::1%3"), "eth1");
  assert.equal(found("fe80::1%eth0"), "eth0");
  assert.equal(found("192.0.2.9"), undefined);
});
