import assert from "node:assert/strict";
import { test } from "node:test";
import { withinFiles } from "../../../cli/control/budget.ts";
import { Turns } from "../../../cli/control/turns.ts";

test("connections and sessions fit into the files there are, whatever was wished", () => {
  const wanted = { connections: 1000, silent: 256, sessions: 1000 };
  assert.deepEqual(withinFiles(wanted, Infinity), wanted);
  assert.deepEqual(withinFiles(wanted, 2512), wanted);
  for (let files = 0; files < 2512; files++) {
    for (const sessions of [1, 50, 1000]) {
      const got = withinFiles({ ...wanted, sessions }, files);
      if (got === undefined) {
        assert.ok(files < 20, `${files} files are enough for something`);
        continue;
      }
      assert.ok(got.connections + 2 * got.silent + got.sessions <= files, `${files}: ${JSON.stringify(got)}`);
      assert.ok(got.connections >= 1 && got.silent >= 1 && got.sessions >= 1);
      assert.ok(got.sessions <= sessions && got.connections <= 1000);
    }
  }
});

test("only so much is done at once, in order, and nothing for who has gone", async () => {
  const turns = new Turns(2);
  const done: number[] = [];
  let busy = 0;
  const release: (() => void)[] = [];
  const gone = new Set([3]);
  const all = [0, 1, 2, 3, 4].map((n) =>
    turns.take(async () => {
      assert.ok(++busy <= 2);
      await new Promise<void>((resolve) => release.push(resolve));
      busy--;
      done.push(n);
      if (n === 1) throw new Error("fails");
      return n;
    }, () => gone.has(n)).catch(() => "failed")
  );
  const until = async (count: number) => {
    while (release.length < count) await Promise.resolve();
  };
  for (let n = 0; n < 4; n++) {
    await until(n + 1);
    release[n]();
  }
  assert.deepEqual(await Promise.all(all), [0, "failed", 2, undefined, 4]);
  assert.deepEqual(done, [0, 1, 2, 4]);
});
