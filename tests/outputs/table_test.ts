/** The table against what twampy prints, and what may stand below it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Distribution } from "../../core/snapshot.ts";
import { table } from "../../outputs/table.ts";
import { between, clockOf, NOTHING, RUN, runWith, type Scenario, SCENARIOS, snapshot, textOf } from "./fixture.ts";

const RULE = "=".repeat(79);

function row(min: number, max: number, mean: number, jitter: number): Distribution {
  return { ...between(min, max, 10, jitter), mean };
}

function scenario(changes: Parameters<typeof snapshot>[0]): Scenario {
  return { run: RUN, steps: [], summary: snapshot(changes) };
}

test("the table that twampy's own documentation shows, octet for octet", () => {
  const told = scenario({
    forward: row(92_890_000, 196_630_000, 95_150_000, 576_000),
    backward: row(0, 0, 0, 0),
    rtt: row(339_000, 103_530_000, 1_910_000, 638_000),
  });
  assert.equal(
    textOf(table, told),
    `===============================================================================
Direction         Min         Max         Avg          Jitter     Loss
-------------------------------------------------------------------------------
  Outbound:       92.89ms    196.63ms     95.15ms       576us      0.0%
  Inbound:            0us         0us         0us         0us      0.0%
  Roundtrip:        339us    103.53ms      1.91ms       638us      0.0%
-------------------------------------------------------------------------------
                                                    Jitter Algorithm [RFC1889]
===============================================================================
`,
  );
});

test("a table as twampy 1.3.2 printed it", () => {
  const told = scenario({
    sent: 10,
    received: 10,
    forward: row(86_000, 229_000, 139_000, 55_000),
    backward: row(66_000, 195_000, 92_000, 52_000),
    rtt: row(153_000, 419_000, 231_000, 106_000),
  });
  assert.deepEqual(textOf(table, told).split("\n").slice(3, 6), [
    "  Outbound:          86us       229us       139us        55us      0.0%",
    "  Inbound:           66us       195us        92us        52us      0.0%",
    "  Roundtrip:        153us       419us       231us       106us      0.0%",
  ]);
});

test("nothing received: one line between the rules", () => {
  const lines = textOf(table, SCENARIOS.silent).split("\n");
  assert.equal(lines[3], "  NO STATS AVAILABLE (100% loss)");
  assert.equal(lines[4], "-".repeat(79));
  assert.equal(lines.length, 8);
});

test("loss of each direction is its own; one that is not known is not 0", () => {
  const loss = (name: string) => textOf(table, SCENARIOS[name]).split("\n").slice(3, 6).map((line) => line.slice(65));
  assert.deepEqual(loss("unruly"), [" 33.3%", " 11.1%", " 44.4%"]);
  assert.deepEqual(loss("unsplit"), ["   n/a", "   n/a", " 33.3%"]);
  const full = scenario({ sent: 10, received: 1, lost: 9, lostForward: 0, lostBackward: 10 });
  assert.equal(textOf(table, full).split("\n")[4].slice(65), "100.0%");
});

test("a run with nothing odd ends with the last rule", () => {
  assert.ok(textOf(table, SCENARIOS.normal).endsWith(RULE + "\n"));
});

test("every kind of disorder brings the three lines below the table", () => {
  for (const changes of [{ reordered: 1 }, { late: 1 }, { duplicates: 1 }]) {
    const below = textOf(table, scenario(changes)).split(RULE + "\n")[2].split("\n");
    assert.deepEqual(below, [
      "Reordering Statistics:",
      `  Out-of-order packets: ${changes.reordered ?? 0}`,
      `  Late arrivals: ${changes.late ?? 0}`,
      `  Duplicate packets: ${changes.duplicates ?? 0}`,
      "",
    ]);
  }
});

test("a negative delay either way brings the clock offset", () => {
  const negative = between(-2_000, 5_000, 5, 1);
  for (const changes of [{ forward: negative }, { backward: negative }]) {
    const clock = clockOf({ offsetNs: 12_340_000, boundNs: 120_000 });
    const text = textOf(table, scenario({ ...changes, clock }));
    assert.equal(text.split(RULE + "\n")[2], "Clock Offset: +12.34ms +/- 120us (their clock minus ours)\n");
    assert.match(textOf(table, scenario({ ...changes, clock: null })), /^Clock Offset: n\/a .*\n$/m);
  }
  assert.ok(!textOf(table, scenario({ forward: NOTHING, backward: NOTHING })).includes("Clock"));
});

test("detail=full only adds, and fits the width of the table", () => {
  const long = "[2001:0db8:85a3:08d3:1319:8a2e:0370:7344]:65535";
  const told: Scenario = {
    ...SCENARIOS.unruly,
    run: runWith({ local: long, remote: long, profile: "imix", count: null, dontFragment: true }),
  };
  for (const each of [...Object.values(SCENARIOS), told]) {
    const brief = textOf(table, each);
    const full = textOf(table, each, { detail: "full" });
    assert.ok(full.startsWith(brief));
    assert.ok(full.length > brief.length);
    for (const line of full.split("\n")) assert.ok(line.length <= 79, line);
    assert.ok(!/ +$/m.test(full), "blanks at the end of a line");
    assert.ok(!/null|undefined|NaN/.test(full));
  }
});
