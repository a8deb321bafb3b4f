/** Two hosts of our own making: network namespaces joined by a veth pair. */
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { run, started } from "./support.ts";

const [near, far] = [`tw-near-${process.pid}`, `tw-far-${process.pid}`];
const inNear = { through: ["ip", "netns", "exec", near] };
const inFar = { through: ["ip", "netns", "exec", far] };

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  assert.equal(status, 0, `ip ${args.join(" ")}: ${stderr}`);
}

/** Why there can be no namespaces here; undefined if there can. */
function whyNot(): string | undefined {
  const { error, status } = spawnSync("ip", ["netns", "add", near], { encoding: "utf8" });
  if (error !== undefined) return "no ip command (Debian: iproute2)";
  return status === 0 ? undefined : "no privilege to make network namespaces";
}

const reason = whyNot();
const skip = reason ?? false;

before(() => {
  if (reason !== undefined) return;
  ip("netns", "add", far);
  ip("link", "add", "v0", "netns", near, "type", "veth", "peer", "name", "v0", "netns", far);
  for (const [host, last] of [[near, 1], [far, 2]]) {
    ip("-n", `${host}`, "addr", "add", `192.0.2.${last}/30`, "dev", "v0");
    ip("-n", `${host}`, "addr", "add", `2001:db8::${last}/64`, "dev", "v0", "nodad");
    ip("-n", `${host}`, "link", "set", "lo", "up");
    ip("-n", `${host}`, "link", "set", "v0", "up");
  }
});

after(() => {
  if (reason !== undefined) return;
  for (const host of [near, far]) spawnSync("ip", ["netns", "del", host]);
});

test("a measurement between two hosts, IPv4 and IPv6, to one wildcard responder", { skip }, async () => {
  await started(["responder", ":0"], async (responder) => {
    const [, port] = await responder.until("stderr", /responder on \S*:(\d+) /);
    for (const [remote, local] of [["192.0.2.2", "192.0.2.1"], ["[2001:db8::2]", "[2001:db8::1]"]]) {
      const args = ["sender", `${remote}:${port}`, ":0", "-c", "50", "-i", "5", "--output", "json"];
      const { status, stdout, stderr } = await run(args, inNear);
      assert.equal(status, 0, stderr);
      const { packets, delayNs, session } = JSON.parse(stdout);
      assert.deepEqual([packets.sent, packets.received, packets.lost, packets.unexpected], [50, 50, 0, 0]);
      assert.ok(delayNs.roundtrip.min > 0 && delayNs.roundtrip.p50 < 1e9);
      assert.ok(session.local.startsWith(`${local}:`), session.local);
    }
  }, inFar);
});

test("a host without a route says so, and so does one that nobody answers", { skip }, async () => {
  const quick = [":0", "-c", "2", "-i", "5", "--packet-timeout", "0.2"];
  const noRoute = await run(["sender", "203.0.113.1:862", ...quick], inNear);
  assert.equal(noRoute.status, 1);
  assert.match(noRoute.stderr, /nothing could be sent to 203\.0\.113\.1/);
  assert.match(noRoute.stderr, /unreachable/i);
  const nobody = await run(["sender", "192.0.2.2:862", ...quick], inNear);
  assert.equal(nobody.status, 1);
  assert.match(nobody.stderr, /no reply from 192\.0\.2\.2/);
});
