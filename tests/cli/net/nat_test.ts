/** Full TWAMP through translators of addresses and ports, which RFC 5357 does not speak of. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withFolder } from "../support.ts";
import { DESTINATION, filtering, noFilter, SOURCE } from "./filter.ts";
import { assertSilent, assertWhole, controlled, withServer } from "./full_twamp.ts";
import { addresses, hostsInRow } from "./hosts.ts";

const { hosts, skip: noHosts } = hostsInRow(3);
const [near, router, far] = hosts;
const skip = noHosts || noFilter;
const [here, there] = [addresses(0), addresses(2)];
/** Where the router is on the near link, and on the far one. */
const [PUBLIC, SEEN] = [addresses(1), { v4: "198.51.100.1", v6: "2001:db8:2::1" }];
const PROBES = ["-c", "20", "-i", "5", "--packet-timeout", "0.5"];

/** All that leaves to the east has the router's address, and a port of the router's choice. */
const TRANSLATED = [SOURCE, 'oifname "east" meta l4proto { tcp, udp } masquerade to :40000-41000 random'] as const;
/** Ports stay as long as nobody else has them. */
const ADDRESS_ONLY = [SOURCE, 'oifname "east" masquerade'] as const;
const ENDS = [[there.v4, here.v4, SEEN.v4], [`[${there.v6}]`, here.v6, SEEN.v6]] as const;

/** A key file for both ends. */
function withKeys<T>(use: (keyed: readonly string[]) => Promise<T>): Promise<T> {
  return withFolder((folder) => {
    const file = join(folder, "keys");
    writeFileSync(file, "alice hex:000102030405060708090a0b0c0d0e0f\n");
    chmodSync(file, 0o600);
    return use(["--key-file", file]);
  });
}

test("ports of their own: sessions are answered through address and port translation", { skip }, async () => {
  await filtering(router, [TRANSLATED], () =>
    withServer(far, [], async ({ run }) => {
      for (const [server, own, seen] of ENDS) {
        for (const nat of [[], ["--nat"]]) {
          assertWhole(await controlled(near, server, [...PROBES, "--sessions", "3", ...nat]), 3);
        }
        // What the request says of the sender, and what the server makes of an address of zeros.
        for (const sender of [own, seen]) {
          const text = sender.includes(":") ? `"\\[${sender}\\]` : sender.replaceAll(".", "\\.");
          await run.until("stderr", new RegExp(`(session accepted .*sender=${text}:[^]*){3}`));
        }
      }
    }));
});

test("one port for all: one open session is found, two cannot be told apart", { skip }, async () => {
  await filtering(router, [TRANSLATED], () =>
    withServer(far, ["[::]:8620"], async () => {
      for (const [server] of ENDS) {
        for (const nat of [[], ["--nat"]]) {
          assertWhole(await controlled(near, server, [...PROBES, ...nat]));
          assertSilent(await controlled(near, server, [...PROBES, "--sessions", "2", ...nat]), 2);
        }
      }
    }));
});

test("one port for all: where ports stay, --nat tells open sessions apart", { skip }, async () => {
  await filtering(router, [ADDRESS_ONLY], () =>
    withServer(far, ["[::]:8620"], async () => {
      for (const [server] of ENDS) {
        assertWhole(await controlled(near, server, [...PROBES, "--sessions", "3", "--nat"]), 3);
      }
    }));
});

test("one port for all: sealed sessions are told apart by their keys", { skip }, async () => {
  await withKeys((keyed) =>
    filtering(router, [TRANSLATED], () =>
      withServer(far, ["[::]:8620", ...keyed], async () => {
        for (const [server] of ENDS) {
          for (const mode of ["authenticated", "encrypted"]) {
            const result = await controlled(near, server, [...PROBES, "--sessions", "3", "--mode", mode, ...keyed]);
            assertWhole(result, 3);
          }
        }
      }))
  );
});

test("--strict-peer: whoever is translated is not answered", { skip }, async () => {
  await withKeys((keyed) =>
    filtering(router, [TRANSLATED], async () => {
      for (const shared of [[], ["[::]:8620"]]) {
        await withServer(far, [...shared, "--strict-peer", ...keyed], async () => {
          for (const more of [[], ["--nat"], ["--mode", "encrypted", ...keyed]]) {
            const result = await controlled(near, there.v4, [...PROBES, ...more]);
            assertSilent(result);
            assert.match(result.stderr, /no reply from 198\.51\.100\.2/);
          }
        });
      }
    })
  );
});

test("--strict-peer: whoever is not translated is answered", { skip }, async () => {
  await withServer(far, ["--strict-peer"], async () => {
    for (const [server] of ENDS) assertWhole(await controlled(near, server, [...PROBES, "--sessions", "2"]), 2);
  });
});

test("a server behind a translator is asked for an address that it does not have", { skip }, async () => {
  const inwards = [
    DESTINATION,
    `iifname "west" ip daddr ${PUBLIC.v4} meta l4proto { tcp, udp } dnat ip to ${there.v4}`,
    `iifname "west" ip6 daddr ${PUBLIC.v6} meta l4proto { tcp, udp } dnat ip6 to ${there.v6}`,
  ] as const;
  await filtering(router, [inwards], async () => {
    for (const shared of [[], ["[::]:8620"]]) {
      await withServer(far, shared, async () => {
        for (const server of [PUBLIC.v4, `[${PUBLIC.v6}]`]) {
          for (const nat of [[], ["--nat"]]) {
            assertWhole(await controlled(near, server, [...PROBES, "--sessions", "2", ...nat]), 2);
          }
        }
      });
    }
    await withServer(far, ["--strict-peer"], async ({ run }) => {
      const { status, stderr, results } = await controlled(near, PUBLIC.v4, PROBES);
      assert.deepEqual([status, results], [1, []], stderr);
      assert.match(stderr, /server 192\.0\.2\.2:862 refused the session \(Accept 3/);
      await run.until("stderr", /session refused .*why=.*192\.0\.2\.2/);
      assertWhole(await controlled(near, PUBLIC.v4, [...PROBES, "--nat"]));
    });
  });
});
