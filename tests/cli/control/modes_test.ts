/** A controller and a server of ours, in every mode: nothing is lost, and the result says how it was made. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { each, run, withFolder } from "../support.ts";
import { readLines, readResult } from "../parse.ts";
import { assertWhole, NOTE, SECRET, type Server, withServer, writeKeys } from "./support.ts";

const MODES = ["open", "authenticated", "encrypted", "mixed"] as const;
type ModeName = typeof MODES[number];
/** As results name them. */
const PLAIN: string[] = [];
const MONITORED = ["dscp-ecn-monitoring"];
const USUAL = ["dscp-ecn-monitoring", "ptp-timestamps"];

function credentials(mode: ModeName, keys: string): string[] {
  return mode === "open" ? [] : ["--mode", mode, "--key-file", keys, "--key-id", "alice"];
}

/** A server with keys, and the path of their file. */
async function withKeyed(use: (server: Server, keys: string) => Promise<void>, local: string): Promise<void> {
  await withFolder((folder) => {
    const keys = writeKeys(folder);
    return withServer(["--key-file", keys], (server) => use(server, keys), local);
  });
}

for (const [family, local] of [["IPv4", "127.0.0.1"], ["IPv6", "::1"]] as const) {
  test(`100 probes over ${family} in each mode: none is lost, and the result says by whom it was set up`, async () => {
    await withKeyed(async (server, keys) => {
      const at = (port: number | string) => local === "::1" ? `[::1]:${port}` : `${local}:${port}`;
      await each(MODES, async (mode) => {
        const line = ["controller", local, at(0), ...server.there, ...credentials(mode, keys)];
        const { status, stdout, stderr } = await run([...line, "-c", "100", "-i", "5", "--output", "json", "-d"]);
        assert.equal(status, 0, stderr);
        const result = readResult(stdout);
        assertWhole(result, 100);
        const { control, mode: said, remote } = result.session;
        assert.equal(said, mode);
        assert.equal(control.server, at(server.port));
        assert.match(control.sid, /^[0-9a-f]{32}$/);
        assert.equal(control.keyId, mode === "open" ? null : "alice");
        const [, port] = /at=\S+:(\d+)/.exec(
          server.run.stderr.split("\n").find((line) => line.includes(control.sid))!,
        )!;
        assert.equal(remote, at(port), "the port is the server's choice, not the wish");
        assert.ok(!stderr.includes(SECRET));
      });
      const { stderr } = await server.stop();
      assert.equal(stderr.match(/session over .*why=stopped received=100 reflected=100/g)?.length, 4, stderr);
    }, local);
  });
}

test("symmetrical, reflected octets and plain, in each mode: sizes, octets that came back, no findings", async () => {
  await withKeyed(async (server, keys) => {
    const extras = [
      { options: [], modes: USUAL, more: 0 },
      { options: ["--symmetrical"], modes: ["symmetrical-size", ...USUAL], more: 0 },
      { options: ["--reflect-octets", "16"], modes: ["reflect-octets", ...USUAL], more: 16 },
      {
        options: ["--symmetrical", "--reflect-octets", "16"],
        modes: ["reflect-octets", "symmetrical-size", ...USUAL],
        more: 16,
      },
      { options: ["--extensions", "plain"], modes: PLAIN, more: 0 },
      { options: ["--extensions", "monitor"], modes: MONITORED, more: 0 },
    ];
    const runs = MODES.flatMap((mode) => extras.map((extra) => ({ mode, ...extra })));
    await each(runs, async ({ mode, options, modes, more }) => {
      const line = ["controller", "127.0.0.1", "127.0.0.1:0", ...server.there, ...credentials(mode, keys), ...options];
      const { status, stdout, stderr } = await run([...line, "-c", "10", "-i", "5", "--output", "ndjson"]);
      assert.equal(status, 0, stderr);
      assert.doesNotMatch(stderr, NOTE);
      const { probes, summary } = readLines(stdout);
      assertWhole(summary, 10);
      assert.deepEqual(summary.session.control.modes, modes);
      assert.deepEqual(summary.peer.findings, []);
      assert.equal(summary.peer.timestampFormat, modes.includes("ptp-timestamps") ? "ptp" : "ntp");
      const { reflectedOctets } = summary;
      if (more === 0) assert.equal(reflectedOctets ?? null, null);
      else assert.deepEqual(reflectedOctets, { octets: more, verified: 10, altered: 0 });
      // RFC 5357 section 4.2.1: 41 octets open, 112 sealed; RFC 7750 adds what it tells, in open mode at the end.
      const isOpen = mode === "open" || mode === "mixed";
      const size = (isOpen ? modes.includes("dscp-ecn-monitoring") ? 44 : 41 : 112) + more;
      assert.deepEqual(
        new Set(probes.map((probe) => `${probe.size} ${probe.replySize}`)),
        new Set([`${size} ${size}`]),
      );
    });
  }, "127.0.0.1");
});
