/** Formats that begin with a verdict: what each escapes, and when Nagios gets which state. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { OutputPlugin, PluginOptions } from "../../core/plugin.ts";
import { escapeData, escapeProperty } from "../../outputs/github.ts";
import { escapeXml, junit } from "../../outputs/junit.ts";
import { escapeMarkdown } from "../../outputs/github_summary.ts";
import { nagios, nagiosNoResult } from "../../outputs/nagios.ts";
import { labelValue } from "../../outputs/prometheus.ts";
import { filled, type Scenario, SCENARIOS, snapshot } from "./fixture.ts";

const ANY = fc.string({ unit: "binary" });

test("what each format escapes", () => {
  assert.equal(
    escapeXml(`<a b="c" d='e'>&\n\t\x00\ud800\uffff😀`),
    "&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;&#10;&#9;\ufffd\ufffd\ufffd😀",
  );
  assert.equal(escapeData("100%\r\n::error::x"), "100%25%0D%0A::error::x");
  assert.equal(escapeProperty("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
  assert.equal(labelValue('a"b\\c\nd'), 'a\\"b\\\\c\\nd');
  assert.equal(escapeMarkdown("a|b *c* `d` [e](f)\n<b>&"), "a\\|b \\*c\\* \\`d\\` \\[e\\](f) &lt;b&gt;&amp;");
});

test("no text breaks out of its place", () => {
  fc.assert(fc.property(ANY, (text) => {
    assert.doesNotMatch(escapeXml(text), /[<>"']|&(?!(amp|lt|gt|quot|apos|#\d+);)/);
    assert.ok([...escapeXml(text)].every((letter) => letter >= " "));
    assert.doesNotMatch(escapeProperty(text), /[\r\n:,]|%(?!(25|0D|0A|3A|2C))/);
    assert.doesNotMatch(labelValue(text), /\n|(?<!\\)(\\\\)*"/);
    assert.doesNotMatch(escapeMarkdown(text), /[<>\r\n]|(?<!\\)(\\\\)*\|/);
  }));
});

/** The text and the status of sessions told by `scenarios`, as a group if there are several. */
function judge(scenarios: readonly Scenario[], options: PluginOptions) {
  let text = "";
  const sink = { write: (chunk: string) => void (text += chunk), close: () => Promise.resolve() };
  const all = filled(nagios, options);
  const of = scenarios.length;
  const group = of > 1 ? nagios.createGroup!(all, sink) : undefined;
  const outputs = scenarios.map((_, i) => group?.session(i + 1) ?? nagios.create(all, sink));
  scenarios.forEach(({ run }, i) => {
    const number = of > 1 ? { index: i + 1, of } : undefined;
    outputs[i].begin?.({ ...run, session: { ...run.session, number } });
  });
  scenarios.forEach(({ summary }, i) => void outputs[i].end(summary));
  void group?.end?.();
  return { text, status: (group ?? outputs[0]).exitStatus?.() };
}

const { normal, silent } = SCENARIOS;
const started: Scenario = { ...silent, summary: { ...silent.summary, sent: 0, lost: 0 } };
const slow: Scenario = { ...normal, summary: snapshot({ sent: 9, lost: 4 }) };

test("Nagios: the state and its status, which only counts where it was asked for", () => {
  const both = { warning: "lost>1", critical: "lost>9;rtt.p99>1s", exit: true };
  const cases: [number, RegExp, Scenario, PluginOptions][] = [
    [0, /^TWAMP OK - 10\.99\.0\.2:20001: round trip/, normal, both],
    [1, /^TWAMP WARNING - .*: lost is 4, which crosses lost>1; round trip/, slow, both],
    [2, /^TWAMP CRITICAL - .*: lost is 4, which crosses lost>3; round trip/, slow, { ...both, critical: " ; lost>3;" }],
    [2, /^TWAMP CRITICAL - .*: no reply to 2 probes \|/, silent, both],
    [3, /^TWAMP UNKNOWN - .*: ended before there was any reply \|/, started, both],
    [2, /^TWAMP CRITICAL - .*: loss is 16\.667 %/, SCENARIOS.judged, { exit: true }],
    [0, /^STAMP OK - /, SCENARIOS.negative, { exit: true }],
  ];
  for (const [status, line, told, options] of cases) {
    const { text, ...got } = judge([told], options);
    assert.match(text, line);
    assert.equal(got.status, status, text);
    assert.equal(text.indexOf("\n"), text.length - 1);
    assert.equal(judge([told], { ...options, exit: false }).status, undefined);
  }
});

test("Nagios: of several sessions the worst comes first, what is critical before what is not known", () => {
  const { text, status } = judge([normal, started, silent], { exit: true });
  const lines = text.split("\n");
  assert.equal(status, 2);
  assert.match(
    lines[0],
    /^TWAMP CRITICAL - .* \(session 3 of 3\): no reply .* \| session1_rtt_min=.* session3_loss=100\.0%/,
  );
  assert.match(lines[1], /^OK - .* \(session 1 of 3\)/);
  assert.match(lines[2], /^UNKNOWN - .* \(session 2 of 3\)/);
  assert.equal(judge([normal, slow], { exit: true, warning: "lost>1" }).status, 1);
});

test("a session that was refused is critical for Nagios and an error for JUnit, whatever the others are", () => {
  const write = (plugin: OutputPlugin) => {
    let text = "";
    const sink = { write: (chunk: string) => void (text += chunk), close: () => Promise.resolve() };
    const group = plugin.createGroup!(filled(plugin, { exit: true }), sink);
    for (const index of [1, 3]) {
      const output = group.session(index);
      output.begin?.({ ...normal.run, session: { ...normal.run.session, number: { index, of: 3 } } });
      void output.end(normal.summary);
    }
    void group.end?.();
    return { text, status: group.exitStatus?.() };
  };
  const { text, status } = write(nagios);
  assert.match(
    text,
    /^TWAMP CRITICAL - session 2 of 3: there is no result, .* \| session1_.* session3_late=0;;;0;\nOK - /,
  );
  assert.equal(status, 2);
  assert.match(write(junit).text, /^<\?xml.*\n<testsuites name="twampede" tests="3" failures="0" errors="1">/);
});

test("Nagios: without a result there is a line too", () => {
  assert.deepEqual(nagiosNoResult(true, "a | b\nc"), { text: "TWAMP CRITICAL - a / b c\n", status: 2 });
  assert.equal(nagiosNoResult(false, "x").status, 3);
});

test("Nagios: a threshold that cannot be read says where it stands", () => {
  assert.throws(
    () => judge([normal], { warning: "rtt.p99>1ms;rtt>2" }),
    /^OptionError: --output nagios: warning 'rtt>2'/,
  );
});
