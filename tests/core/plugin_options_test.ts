import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OptionError } from "../../core/errors.ts";
import type { PluginInfo } from "../../core/plugin.ts";
import { closest, parsePluginOptions } from "../../core/plugin_options.ts";

// The same cases on every run and runtime.
fc.configureGlobal({ seed: 4656 });

const PLUGINS: readonly PluginInfo[] = [
  { api: 1, name: "plain", summary: "takes nothing", options: [] },
  {
    api: 1,
    name: "every",
    summary: "one option of each type",
    options: [
      { name: "text", type: "string", summary: "" },
      { name: "number", type: "number", summary: "" },
      { name: "wait", type: "duration", summary: "" },
      { name: "size", type: "size", summary: "" },
      { name: "loud", type: "boolean", summary: "" },
      { name: "fill", type: "string", choices: ["zeros", "random"], summary: "" },
    ],
  },
  {
    api: 1,
    name: "preset",
    summary: "one default of each type",
    options: [
      { name: "text", type: "string", default: "abc", summary: "" },
      { name: "number", type: "number", default: 27, summary: "" },
      { name: "wait", type: "duration", default: "10ms", summary: "" },
      { name: "pause", type: "duration", default: 5, summary: "" },
      { name: "size", type: "size", default: "9k", summary: "" },
      { name: "loud", type: "boolean", default: false, summary: "" },
    ],
  },
];

test("options by type", () => {
  const cases: [string, Record<string, string | number | boolean>][] = [
    ["plain", {}],
    ["every", {}],
    ["every:text=a b", { text: "a b" }],
    ["every:text=", { text: "" }],
    ["every:text=a=b:c=d", { text: "a=b:c=d" }],
    ["every:text=C:\\x.txt,size=1", { text: "C:\\x.txt", size: 1 }],
    ["every:number=27", { number: 27 }],
    ["every:number=-1.5e3", { number: -1500 }],
    ["every:number=.5", { number: 0.5 }],
    ["every:wait=500us", { wait: 500_000 }],
    ["every:wait=10", { wait: 10_000_000 }],
    ["every:size=1500", { size: 1500 }],
    ["every:size=9k", { size: 9000 }],
    ["every:size=1.5k", { size: 1500 }],
    ["every:size=9Ki", { size: 9216 }],
    ["every:size=1M", { size: 1_000_000 }],
    ["every:loud", { loud: true }],
    ["every:loud=yes", { loud: true }],
    ["every:loud=off", { loud: false }],
    ["every:fill=random,loud=0,number=1", { number: 1, loud: false, fill: "random" }],
    ["preset", { text: "abc", number: 27, wait: 10_000_000, pause: 5, size: 9000, loud: false }],
    ["preset:size=1,loud", { text: "abc", number: 27, wait: 10_000_000, pause: 5, size: 1, loud: true }],
  ];
  for (const [text, options] of cases) {
    const parsed = parsePluginOptions("--profile", text, PLUGINS);
    assert.deepEqual(parsed.options, options, text);
    assert.equal(parsed.plugin.name, text.split(":")[0]);
    assert.deepEqual(parsed.extra, {});
  }
});

test("what cannot be is refused in one line: what, which value, what to do", () => {
  const takes = "it takes text, number, wait, size, loud, fill";
  const cases: [string, string][] = [
    ["", "--x has no name: give plain, every, preset"],
    [":size=1", "--x has no name: give plain, every, preset"],
    ["plian", "--x 'plian' is unknown: give plain, every, preset (did you mean plain?)"],
    ["histogram", "--x 'histogram' is unknown: give plain, every, preset"],
    ["plain:a=1", "--x plain has no option 'a': it takes none"],
    ["every:sise=1", `--x every has no option 'sise': ${takes} (did you mean size?)`],
    ["every:__proto__=1", `--x every has no option '__proto__': ${takes}`],
    ["every:file=a", `--x every has no option 'file': ${takes} (did you mean fill?)`],
    ["every:text=a,b", `--x every has no option 'b': ${takes}`],
    ["every:", "--x 'every:' has an option without a name: write NAME:key=value,key=value"],
    ["every:loud,", "--x 'every:loud,' has an option without a name: write NAME:key=value,key=value"],
    ["every:=5", "--x 'every:=5' has an option without a name: write NAME:key=value,key=value"],
    ["every:size=1,size=2", "--x 'every:size=1,size=2' has the option 'size' twice: give it once"],
    ["every:size", "--x every: option 'size' has no value: write size=1500"],
    ["every:size=-5", "--x every: size '-5' is not a number of octets: write it as 1500 or 9k"],
    ["every:size=1.5", "--x every: size '1.5' is not a number of octets: write it as 1500 or 9k"],
    ["every:size=1q", "--x every: size '1q' is not a number of octets: write it as 1500 or 9k"],
    ["every:number=", "--x every: number '' is not a number: write it as 27 or 1.5"],
    ["every:number=0x10", "--x every: number '0x10' is not a number: write it as 27 or 1.5"],
    ["every:number=1e999", "--x every: number '1e999' is not a number: write it as 27 or 1.5"],
    [
      "every:wait=soon",
      "--x every: wait 'soon' is not a time: write a number of milliseconds, or a unit as 500us, 10ms, 2s",
    ],
    ["every:loud=maybe", "--x every: loud 'maybe' is not yes or no"],
    ["every:loud=constructor", "--x every: loud 'constructor' is not yes or no"],
    ["every:fill=ramdon", "--x every: fill 'ramdon' is unknown: give zeros, random (did you mean random?)"],
    ["every:fill=9", "--x every: fill '9' is unknown: give zeros, random"],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => parsePluginOptions("--x", text, PLUGINS), (error) => {
      assert.ok(error instanceof OptionError);
      assert.equal(error.message, message);
      return true;
    });
  }
});

test("keys that the caller handles come back as text, whatever the plugin", () => {
  const parse = (text: string) => parsePluginOptions("--output", text, PLUGINS, ["file"]);
  assert.deepEqual(parse("plain:file=out.json").extra, { file: "out.json" });
  assert.deepEqual(parse("plain:file=out.json").options, {});
  assert.deepEqual(parse("every:file=a:b=c,size=1"), {
    plugin: PLUGINS[1],
    options: { size: 1 },
    extra: { file: "a:b=c" },
  });
  assert.deepEqual(parse("plain:file=").extra, { file: "" });
  assert.deepEqual(parse("plain:file").extra, { file: "" });
  assert.deepEqual(parse("plain").extra, {});
  assert.throws(() => parse("plain:path=x"), /^OptionError: --output plain has no option 'path': it takes file/);
});

test("any text is an OptionError of one line, or options", () => {
  const words = fc.constantFrom(
    "every",
    "preset",
    "plain",
    ":",
    ",",
    "=",
    "size",
    "loud",
    "wait",
    "1",
    "k",
    "toString",
  );
  fc.assert(fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 8 }), (parts) => {
    try {
      parsePluginOptions("--x", parts.join("").replaceAll("\n", ""), PLUGINS);
    } catch (error) {
      assert.ok(error instanceof OptionError);
      assert.ok(!error.message.includes("\n"));
    }
  }));
});

test("the closest word, if it is close", () => {
  const words = ["fixed", "imix", "jumbo", "poisson"];
  const cases: [string, string | undefined][] = [
    ["jumbo", "jumbo"],
    ["jubmo", "jumbo"],
    ["JUMBO", "jumbo"],
    ["imx", "imix"],
    ["poison", "poisson"],
    ["fixt", undefined],
    ["fixedd", "fixed"],
    ["x", undefined],
    ["", undefined],
    ["table", undefined],
  ];
  for (const [word, expected] of cases) assert.equal(closest(word, words), expected, word);
  assert.equal(closest("a", []), undefined);
});
