/** Where probes leave from, as results tell it where the transport cannot. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { resolveEndpoint, sourceAddress } from "../../cli/resolve.ts";

test("to an address of IPv4 written as one of IPv6, packets leave from one of IPv4", async () => {
  const defaults = { host: "::", port: 862 };
  for (const [remote, source] of [["::ffff:127.0.0.1", "127.0.0.1"], ["127.0.0.1", "127.0.0.1"], ["::1", "::1"]]) {
    assert.equal(await sourceAddress(await resolveEndpoint("remote", remote, defaults, undefined)), source, remote);
  }
  const far = await resolveEndpoint("remote", "::ffff:192.0.2.2", defaults, undefined);
  // Undefined where there is no way to it from here.
  assert.match(await sourceAddress(far) ?? "0.0.0.0", /^[\d.]+$/);
});
