/** The executable for Windows on x64, under wine. */
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { assertRefused, refused, run, type StartOptions, withResponder } from "../cli/support.ts";
import { build, smoke } from "./smoke.ts";
import { endWine, makeWine, whyNoWine, type Wine } from "./wine.ts";

const reason = whyNoWine();
let exe = "";
let wine: Wine | undefined;

before(async () => {
  if (reason !== undefined) return;
  exe = build("windows-x64");
  wine = await makeWine();
});

after(() => {
  if (wine !== undefined) endWine(wine);
});

const how = (): StartOptions => ({ exe, through: wine!.through, env: wine!.env });
const skip = reason ?? false;
const name = "windows-x64 under wine";

smoke(name, skip, how);

/** Local address of the responder, and where it is reached. */
const WAYS = [["127.0.0.1:0", "127.0.0.1"], ["[::1]:0", "[::1]"], ["[::]:0", "127.0.0.1"]] as const;

for (const [local, reach] of WAYS) {
  test(`${name}: the calls of Winsock, to ${local}`, { skip }, async () => {
    await withResponder(
      ["--ttl", "77"],
      async (responder) => {
        const args = ["sender", `${reach}:${responder.port}`, "-c", "10", "-i", "5", "--do-not-fragment"];
        const { status, stdout, stderr } = await run([...args, "--output", "ndjson"], how());
        assert.equal(status, 0, stderr);
        const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
        const { tool, stamps, packets } = lines.pop();
        assert.equal(tool.transport, "ffi");
        assert.deepEqual([stamps.t1, stamps.t4], ["user", "user"]);
        assert.deepEqual([packets.received, packets.sendErrors, packets.unexpected], [10, 0, 0]);
        // Read from the packets at both ends.
        for (const { ttlForward, ttlBackward } of lines) assert.deepEqual([ttlForward, ttlBackward], [64, 77]);
      },
      local,
      how(),
    );
  });
}

test(`${name}: --tos, which Windows would take and not send, is refused`, { skip }, async () => {
  const outcome = await refused(["sender", "127.0.0.1:9", "--tos", "8"], { ...how(), longestMs: 30_000 });
  assertRefused(outcome, 2, "--tos");
});

test(`${name}: a port in use is one line`, { skip }, async () => {
  const other = async (responder: { at: string }) => {
    const outcome = await refused(["responder", responder.at], { ...how(), longestMs: 30_000 });
    assertRefused(outcome, 2, responder.at, "in use");
  };
  await withResponder([], other, "127.0.0.1:0", how());
});
