/** What is offered at each place of a line. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { complete } from "../../../cli/completion/complete.ts";
import { SHELLS } from "../../../cli/completion/shells.ts";
import { createProgram } from "../../../cli/program.ts";
import { assertRefused, run } from "../support.ts";

const program = createProgram(() => {});

/** The words offered for a line, of which the last word is the one under the cursor; `file:PREFIX` where files are. */
async function offered(line: string): Promise<string[]> {
  const words = line.split(" ");
  const { candidates, files } = await complete(program, words.slice(1, -1), words.at(-1)!);
  return files === undefined ? candidates.map(({ value }) => value) : [`file:${files.prefix}`];
}

test("each place of a line gets what can stand there", async () => {
  const cases: readonly [line: string, ...words: string[]][] = [
    ["twampede se", "sender", "server"],
    ["twampede reflec", "reflector"],
    ["twampede re", "responder", "report"],
    ["twampede help co", "controller", "controlclient", "completions"],
    ["twampede --ver", "--version"],
    ["twampede completions ", ...SHELLS],
    ["twampede plugins new t", "traffic", "transport", "tlv"],
    ["twampede sender --tim", "--timestamp-format", "--timestamp"],
    ["twampede sender --timestamp ", "kernel", "hardware", "user"],
    ["twampede sender --timestamp=k", "--timestamp=kernel"],
    ["twampede sender --nonsense=k"],
    ["twampede sender -c "],
    ["twampede sender -qc 5 --jit", "--jitter"],
    ["twampede sender -qc5 --jitter ", "rfc1889", "rfc3393"],
    ["twampede sender --padding -1 --jit", "--jitter"],
    ["twampede sender -l ", "file:"],
    ["twampede sender -lpart", "file:-l"],
    ["twampede sender --key-file=k", "file:--key-file="],
    ["twampede sender -- --jit"],
    ["twampede sender 192.0.2.1 192.0.2.2 "],
    ["twampede sender --profile ju", "jumbo", "jumbo:"],
    ["twampede sender --profile jumbo:", "jumbo:size=", "jumbo:fill="],
    ["twampede sender --profile jumbo:size=9k,fill=", "zeros", "pattern", "random"].map((word, i) =>
      i === 0 ? word : `jumbo:size=9k,fill=${word}`
    ) as [string, ...string[]],
    ["twampede sender --profile=jumbo:size=9k,f", "--profile=jumbo:size=9k,fill="],
    ["twampede sender --output table:detail=full", "table:detail=full", "table:detail=full,"],
    ["twampede sender --output json:histogram=y", "json:histogram=yes"],
    ["twampede sender --output csv:file=a/b", "file:csv:file="],
    ["twampede sender --output nonsense:"],
    ["twampede sender --schedule ", "fixed", "poisson"],
    ["twampede sender --transport n", "node"],
    ["twampede sender --tlv hm", "hmac"],
    ["twampede sender --tlv cos:dscp=af1", "cos:dscp=af11", "cos:dscp=af12", "cos:dscp=af13"],
    ["twampede controller --dscp e", "ef"],
    ["twampede controller --mode encrypted,", ...["open", "authenticated", "mixed"].map((one) => `encrypted,${one}`)],
    ["twampede server --modes=plain,m", "--modes=plain,mixed", "--modes=plain,monitor"],
    ["twampede responder --mode ", "open", "authenticated"],
    ["twampede responder --workers ", "auto"],
    ["twampede responder --allow-dscp be --allow-dscp ef", "ef"],
    ["twampede doctor --output ", "text", "json"],
    ["twampede decode --as start-n", "start-n-sessions", "start-n-ack"],
    ["twampede decode a.pcap ", "file:"],
    ["twampede dscptable "],
    ["twampede nonsense --out"],
  ];
  for (const [line, ...words] of cases) assert.deepEqual(await offered(line), words, line);
});

test("every option of every command is offered, and its value asked for never fails", async () => {
  for (const command of program.commands) {
    const all = await offered(`twampede ${command.name()} --`);
    for (const { long, hidden } of command.options) {
      assert.ok(hidden || all.includes(long!), `${command.name()} ${long}`);
    }
    for (const option of command.options) await offered(`twampede ${command.name()} ${option.long}=`);
  }
});

test("addresses of this machine to send from, and hosts to send to", async () => {
  assert.ok((await offered("twampede sender localhost 127")).includes("127.0.0.1"));
  assert.deepEqual(await offered("twampede sender localhos"), ["localhost"]);
});

test("a script for each shell; another one is refused, and `complete` never writes more than words", async () => {
  for (const shell of SHELLS) {
    const { status, stdout } = await run(["completions", shell]);
    assert.equal(status, 0);
    assert.match(stdout, /twampede complete|complete --word=|complete "--word=/);
    assert.doesNotMatch(stdout, /\beval\b|\r/);
  }
  assertRefused(await run(["completions", "tcsh"]), 2, "tcsh", "bash");
  assertRefused(await run(["completions"]), 2, "shell");
  const asked = await run(["complete", "--word=", "--", "sender", "--timestamp"]);
  assert.deepEqual(asked, { status: 0, signal: null, stdout: "words\nkernel\t\nhardware\t\nuser\t\n", stderr: "" });
  for (const args of [["complete"], ["complete", "x"], ["complete", "--word=x"], ["complete", "--", "x"]]) {
    const { status, stdout, stderr } = await run(args);
    assert.deepEqual([status, stdout, stderr], [2, "", ""], args.join(" "));
  }
});
