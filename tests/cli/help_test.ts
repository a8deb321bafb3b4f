/** Help that fits, has examples, and has colours on terminals alone. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import process from "node:process";
import { coloured } from "../../cli/doctor/colours.ts";
import { helpText } from "../../cli/help.ts";
import { createProgram } from "../../cli/program.ts";
import { isColoured } from "../../cli/style.ts";
import { commandLine, refused, run, tool } from "./support.ts";

const script = process.platform === "linux" ? tool("script") : undefined;
const only = { skip: script === undefined && "needs script(1) of util-linux" };

const ESC = "\x1b";
/** With what begins a colour as a word. */
const visible = (text: string) => text.replaceAll(ESC, "ESC");

/** Runs the program on a terminal of so many columns; what it wrote there, and its exit status. */
async function onTerminal(columns: number, args: readonly string[], env: Record<string, string> = {}) {
  const { file, before } = commandLine();
  const quoted = [file, ...before, ...args].map((word) => `'${word}'`).join(" ");
  const through = [tool("sh")!, "-c", 'exec "$0" -qec "$1" /dev/null', script!, `stty cols ${columns}; exec ${quoted}`];
  const { status, stdout } = await run(args, { through, env: { TERM: "xterm", NO_COLOR: "", ...env } });
  return { status, text: stdout.replaceAll("\r\n", "\n") };
}

test("every line of every command's help fits 80 columns, and every command has examples that parse", () => {
  const program = createProgram(() => {});
  const known = new Map(program.commands.map((command) => [command.name(), command]));
  for (const command of [program, ...program.commands]) {
    const text = helpText(command);
    for (const line of text.split("\n")) assert.ok(line.length <= 80, `${command.name()}: ${line.length}: ${line}`);
    const examples = text.split("\nExamples:\n")[1]?.trimEnd().split("\n") ?? [];
    assert.ok(examples.length > 0, `${command.name()} has no examples`);
    for (const line of examples) {
      const [, name, rest] = /\btwampede (\S+)(.*)$/.exec(line) ?? [];
      if (name === undefined) continue;
      const called = name.startsWith("-") ? program : known.get(name);
      assert.ok(called, `${line}: there is no ${name}`);
      const flags = [name, ...rest.split(/ {2,}|[|>)]/)[0].split(" ")].filter((word) => /^--?[a-z]/.test(word));
      for (const flag of flags) {
        assert.ok(
          called.createHelp().visibleOptions(called).some((one) => flag === one.short || flag === one.long),
          `${line}: no ${flag}`,
        );
      }
    }
  }
});

test("groups of commands come one after the other, the usual ones first", () => {
  const text = helpText(createProgram(() => {}));
  const headings = [...text.matchAll(/^(\S[^:\n]*):$/gm)].map(([, heading]) => heading);
  assert.deepEqual(headings, ["Options", "Measure", "Answer", "Look into", "Lists and helpers", "Examples"]);
});

test("help on a terminal: colours and its width; in a pipe neither", only, async () => {
  const [at80, at100, plain, dumb, none, forced] = await Promise.all([
    onTerminal(80, ["sender", "--help"]),
    onTerminal(100, ["help", "sender"]),
    onTerminal(80, ["sender", "--help"], { NO_COLOR: "1" }),
    onTerminal(80, ["sender", "--help"], { TERM: "dumb" }),
    run(["sender", "--help"], { env: { NO_COLOR: "" } }),
    run(["sender", "--help"], { env: { NO_COLOR: "1", FORCE_COLOR: "1" } }),
  ]);
  const lines = (text: string) => stripVTControlCharacters(text).split("\n");
  const longest = (text: string) => Math.max(...lines(text).map((line) => line.length));
  assert.equal(at80.status, 0);
  for (const word of ["Usage:", "Traffic:", "Examples:", "-c, --count"]) {
    assert.match(visible(at80.text), new RegExp(`ESC\\[\\d+m${word}`), word);
  }
  assert.ok(longest(at80.text) <= 80);
  assert.ok(longest(at100.text) > 80 && longest(at100.text) <= 100, `${longest(at100.text)}`);
  for (const { text } of [plain, dumb]) assert.equal(text, none.stdout);
  assert.ok(!none.stdout.includes(ESC));
  assert.equal(stripVTControlCharacters(forced.stdout), none.stdout);
  assert.match(visible(forced.stdout), /ESC\[1m/);
});

test("what is wrong is red on a terminal, and the table there is as it is in a pipe", only, async () => {
  const wrong = await onTerminal(80, ["sender", "--cuont", "1"]);
  assert.equal(wrong.status, 2);
  assert.match(
    visible(wrong.text),
    /^ESC\[1mESC\[31mtwampede:ESC\[39mESC\[22m unknown option '--cuont'; did you mean --count\?/,
  );
  assert.match((await refused(["sender", "--cuont", "1"], { env: { NO_COLOR: "" } })).stderr, /^twampede: unknown/);
  const silent = ["sender", "127.0.0.1:9", "127.0.0.1:0", "-c", "1", "--packet-timeout", "0.05"];
  const [demo, note] = await Promise.all([onTerminal(80, ["demo", "-c", "2", "-i", "1"]), onTerminal(80, silent)]);
  assert.match(visible(note.text), /^ESC\[2mtwampede:ESC\[22m no reply from/m);
  const [table, after] = demo.text.split(/(?<=RFC1889\]\n=+\n)/);
  assert.ok(!table.includes(ESC));
  assert.match(visible(after), /ESC\[1mNext:ESC\[22m/);
});

test("NO_COLOR, FORCE_COLOR and TERM", () => {
  const cases: readonly [variables: Record<string, string>, terminal: boolean, colours: boolean][] = [
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: "" }, true, true],
    [{ NO_COLOR: "0" }, true, false],
    [{ TERM: "dumb" }, true, false],
    [{ FORCE_COLOR: "1", NO_COLOR: "1" }, false, true],
    [{ FORCE_COLOR: "0" }, true, false],
    [{ FORCE_COLOR: "" }, false, false],
  ];
  for (const [variables, terminal, colours] of cases) {
    const found = isColoured(1, (name) => variables[name] ?? "", () => terminal);
    assert.equal(found, colours, JSON.stringify([variables, terminal]));
  }
});

test("a report has the colours of its headings, and is the same text", () => {
  const report =
    "What x does\n  Ordinary\n\nFaults: numbers\n  1. wrong\n\nWeaknesses: numbers\n\nFaults\n  None was found.\n";
  const text = coloured(report, true);
  assert.equal(stripVTControlCharacters(text), report);
  assert.match(visible(text), /ESC\[31mFaults: numbers/);
  assert.match(visible(text), /ESC\[33mWeaknesses: numbers/);
  assert.match(visible(text), /ESC\[32m {2}None was found\./);
  assert.equal(coloured(report, false), report);
});
