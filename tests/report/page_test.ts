/** The page as text: what it holds, what it forbids, and that nothing out of a file becomes markup. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { html } from "../../cli/report/html.ts";
import { markup } from "../../cli/report/page/markup.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { NOTHING, runWith, SCENARIOS } from "../outputs/fixture.ts";
import { type MadeRun, madeRun, written } from "./made_run.ts";

/** A run without probes, as of a saved `json`. */
function bare(changes: Partial<Snapshot>, run = SCENARIOS.normal.run): MadeRun {
  return { run, summary: { ...SCENARIOS.normal.summary, ...changes }, replay() {} };
}

function dataOf(page: string): any[] {
  return JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)![1]);
}

test("a page allows its own style and script by their hashes, and nothing else", async () => {
  const page = await written(html, {}, madeRun(100));
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1];
  const hash = (text: string) => `&#39;sha256-${createHash("sha256").update(text).digest("base64")}&#39;`;
  const [, style] = /<style>(.*?)<\/style>/s.exec(page)!;
  const [, script] = /<script>(.*?)<\/script>/s.exec(page)!;
  assert.equal(
    policy,
    `default-src &#39;none&#39;; style-src ${hash(style)}; script-src ${hash(script)}; ` +
      "base-uri &#39;none&#39;; form-action &#39;none&#39;",
  );
  assert.doesNotMatch(page.replace(script, ""), /https?:|src=|url\(|@import/);
});

test("a page of many probes and sessions stays small", async () => {
  const one = await written(html, {}, madeRun(10_000));
  assert.ok(one.length < 300_000, `${one.length}`);
  assert.ok(dataOf(one)[0].x.length > 200);
  const eight = await written(html, {}, ...new Array<MadeRun>(8).fill(madeRun(10_000)));
  assert.ok(eight.length < 600_000, `${eight.length}`);
  assert.equal(dataOf(eight).length, 8);
});

test("what a page shows is what was measured", async () => {
  const made = madeRun(3, true);
  const [data] = dataOf(await written(html, {}, made));
  const seen: number[][] = [];
  made.replay(({ rtt, forward, backward }) => seen.push([rtt, forward, backward]));
  const near = (a: number, b: number) => assert.ok(Math.abs(a - b) <= 1 + Math.abs(b) * 1e-3, `${a}, not ${b}`);
  assert.deepEqual([data.x, data.lost], [[0, 0.01, 0.02], null]);
  const { offsetNs } = made.summary.clock!;
  seen.forEach(([rtt, forward, backward], i) => {
    for (const row of data.rtt.rows) near(row[i] + data.rtt.base, rtt);
    near(data.outbound.rows[3][i] + data.outbound.base, forward - offsetNs);
    near(data.inbound.rows[3][i] + data.inbound.base, backward + offsetNs);
    const [low, likely, high] = data.offset.rows.map((row: number[]) => row[i] + data.offset.base);
    near(low, -backward);
    near(high, forward);
    near(likely, (forward - backward) / 2);
  });
});

test("nothing out of a file becomes markup", async () => {
  const evil = `</script><script>alert(1)</script><img src=x onerror="alert(2)">'&`;
  const run = runWith({ remote: evil, local: evil, profile: evil, schedule: evil, seed: evil }, {
    host: evil,
    startedAt: evil,
    tool: { name: evil, version: evil, runtime: evil, transport: evil },
  });
  const finding = { code: evil, count: 1, text: evil };
  const none = { count: 0, unrecognized: 0, malformed: 0, integrityFailed: 0, nonConformant: 0 };
  const page = await written(
    html,
    {},
    bare({
      notes: [evil],
      peer: { errorEstimateNs: null, synchronized: null, timestampFormat: null, findings: [finding] },
      tlvs: [{ ...none, name: evil, type: 1, sent: 1, returned: 1, values: { [evil]: evil } }],
    }, run),
  );
  assert.equal(page.match(/<script/g)!.length, 2);
  assert.equal(page.match(/<\/script>/g)!.length, 2);
  assert.doesNotMatch(page, /<img|alert\(1\)<\/script>/);
  assert.ok(page.split("&lt;/script&gt;&lt;script&gt;alert(1)").length > 12, "it is all there, as text");
  assert.equal(markup`<p title="${evil}">`.text.includes('"alert'), false);
});

test("thresholds are told, and how many were crossed", async () => {
  const { run, summary } = SCENARIOS.judged;
  const page = await written(html, {}, { run, summary, replay() {} });
  const crossed = summary.thresholds!.filter((one) => one.crossed).length;
  assert.ok(crossed > 0 && page.includes(`Thresholds: ${crossed} of ${summary.thresholds!.length} crossed`));
  assert.match(page, /<li>[^<]*outbound\.p99/);
});

/** Relative luminance and contrast, WCAG 2.2. */
function contrast(one: string, other: string): number {
  const [dark, light] = [one, other].map((color) => {
    const parts = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  }).sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test("every colour of text stands out from what is behind it, light and dark: 4.5 and more", async () => {
  const page = await written(html, {}, madeRun(3, true));
  const schemes = [...page.matchAll(/:root(?:\s*|:not\(\.paper\)\s*)\{([^}]*)\}/g)].map(([, body]) =>
    new Map([...body.matchAll(/--(\w+): (#[0-9a-f]{6})/g)].map(([, name, color]) => [name, color]))
  );
  assert.equal(schemes.length, 2);
  for (const colors of schemes) {
    for (const text of ["ink", "faint", "rtt", "loss", "odd", "good", "outbound", "inbound"]) {
      for (const behind of ["ground", "sheet"]) {
        const found = contrast(colors.get(text)!, colors.get(behind)!);
        assert.ok(found >= 4.5, `${text} on ${behind}: ${found.toFixed(2)}`);
      }
    }
  }
});

test("what cannot be drawn is said, and the rest is there", async () => {
  const saved = await written(html, {}, bare({ rtt: { ...SCENARIOS.normal.summary.rtt, histogram: [] } }));
  assert.match(saved, /Not drawn: the file has no probes\..*ndjson/);
  assert.match(saved, /Not drawn: the bins were not saved\..*json:histogram=true/);
  assert.ok(dataOf(saved)[0].curve.x.length >= 2, "the curve goes through the saved percentiles");
  const { run, summary } = SCENARIOS.silent;
  const silent = await written(html, {}, { run, summary: { ...summary, rtt: NOTHING }, replay() {} });
  assert.match(silent, /No reply: there are no delays/);
  assert.match(silent, /100\.0\u00a0%/);
  const none = await written(html, {}, { run, summary: { ...summary, sent: 0, lost: 0 }, replay() {} });
  assert.match(none, /<div class="tile "><dt>Loss<\/dt><dd>n\/a</, "what is not known is not good");
  for (const page of [saved, silent]) {
    assert.doesNotMatch(page.replace(/<(style|script)[^>]*>.*?<\/\1>/gs, ""), /undefined|NaN|\[object/);
  }
});
