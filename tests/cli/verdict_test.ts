/** What a run without a result is said to be for want of. */
import { test } from "node:test";
import assert from "node:assert/strict";
import type { Log } from "../../cli/log.ts";
import type { Target } from "../../cli/resolve.ts";
import { verdict } from "../../cli/verdict.ts";
import { createStats } from "../../core/stats/stats.ts";
import { parseAddress } from "../../core/address.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { counters } from "../support/run.ts";

const REMOTE: Target = { address: parseAddress("192.0.2.2")!, host: "192.0.2.2", port: 862 };

/** The line that is said of five probes without a reply in time. */
function said(changes: Partial<Snapshot>): string {
  const lines: string[] = [];
  const log = { note: (line: string) => void lines.push(line) } as Partial<Log> as Log;
  const peer = { errorEstimateNs: null, synchronized: null, timestampFormat: null, findings: [] };
  const run = { counters: counters({ sent: 5 }), peer, durationNs: 0, sendErrors: 0, lostInHost: null, notes: [] };
  assert.equal(verdict({ ...createStats().snapshot(run), lost: 5, ...changes }, false, REMOTE, log), 1);
  return lines.join("\n");
}

test("replies that are all late are told from none: what helps is another", () => {
  assert.match(
    said({ late: 4 }),
    /^no reply in time from 192\.0\.2\.2 port 862 to 5 probes: 4 .* a longer --packet-timeout$/,
  );
  assert.match(said({}), /^no reply from 192\.0\.2\.2 port 862 to 5 probes: check that a responder runs there/);
});
