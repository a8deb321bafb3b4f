/** `--fail-if`: the exit status, and the line that says why. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { withServer } from "./control/support.ts";
import { assertRefused, refused, run, started, withResponder, withSocket } from "./support.ts";

const QUICK = ["demo", "-c", "5", "-i", "1"];

test("a threshold that is crossed ends with 4, and a line that names it with its value", async () => {
  const { status, stdout, stderr } = await run([
    ...QUICK,
    ...["--fail-if", "rtt.min > 1ns", "--fail-if", "rtt.max>59s", "--output", "json"],
    ...["--fail-if", "loss==0%"],
  ]);
  assert.equal(status, 4, stderr);
  const lines = stderr.split("\n").filter((line) => line.includes("crosses"));
  assert.equal(lines.length, 2, stderr);
  assert.match(lines[0], /^twampede: rtt\.min is \d+(\.\d+)? (ns|us|ms), which crosses rtt\.min > 1ns$/);
  assert.equal(lines[1], "twampede: loss is 0 %, which crosses loss==0%");
  const { thresholds } = JSON.parse(stdout);
  assert.deepEqual(thresholds.map(({ crossed }: { crossed: boolean }) => crossed), [true, false, true]);
});

test("one that is kept changes nothing but a line below the table", async () => {
  const { status, stdout, stderr } = await run([...QUICK, "--fail-if", "rtt.p99>59s"]);
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stderr, /crosses/);
  assert.match(stdout, /=\nThreshold: {3}rtt\.p99 is [\d.]+ \w+, which keeps rtt\.p99>59s\n/);
});

test("no reply at all is still 1, whatever was asked for", async () => {
  await withSocket("127.0.0.1", async (_socket, port) => {
    const limits = ["--fail-if", "loss>50%", "--fail-if", "rtt.p99<1s"];
    const outcome = await run(["sender", `127.0.0.1:${port}`, ":0", "-c", "1", "--packet-timeout", "0.2", ...limits]);
    assert.equal(outcome.status, 1, outcome.stderr);
    assert.match(
      outcome.stderr,
      /loss is 100 %, which crosses loss>50%\n.*rtt\.p99 is unknown, which crosses rtt\.p99<1s/,
    );
  });
});

test("a run that is interrupted is judged as far as it got", async () => {
  await withResponder([], async ({ at }) => {
    const args = ["sender", at, "127.0.0.1:0", "-c", "0", "-i", "5", "-v", "--fail-if", "received>0"];
    await started(args, async (sender) => {
      await sender.until("stderr", /Reply from/);
      sender.kill("SIGINT");
      const { status, stderr } = await sender.end();
      assert.equal(status, 4, stderr);
      assert.match(stderr, /received is \d+, which crosses received>0/);
    });
  });
});

test("of several sessions each line says which", async () => {
  await withServer([], async ({ there }) => {
    const limits = ["--fail-if", "sent>2", "--fail-if", "rtt.min>59s"];
    const args = ["127.0.0.1", "127.0.0.1:0", ...there, "--sessions", "2", "-c", "3", "-i", "2", ...limits];
    const { status, stderr } = await run(["controller", ...args]);
    assert.equal(status, 4, stderr);
    const lines = stderr.split("\n").filter((line) => line.includes("crosses"));
    assert.deepEqual(lines, [1, 2].map((n) => `twampede: session ${n} of 2: sent is 3, which crosses sent>2`));
  });
});

test("a wrong one is refused before anything is sent", async () => {
  assertRefused(await refused([...QUICK, "--fail-if", "rtt.p98.>1ms"]), 2, "rtt.p98.", "--fail-if");
  assertRefused(await refused([...QUICK, "--fail-if", "lss>1%"]), 2, "did you mean loss?");
});
