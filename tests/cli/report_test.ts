/** `report` as people run it: a measurement is saved, and shown again; what is no result is refused. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assertRefused, each, refused, run, tool, withFolder, withResponder } from "./support.ts";

/** Measures once into `folder`: the result as json and ndjson, and the table that was printed. */
async function measured(folder: string): Promise<string> {
  return await withResponder([], async ({ at }) => {
    const outputs = ["table", "json", "ndjson", "html"].map((name) =>
      name === "table" ? name : `${name}:file=${join(folder, `run.${name}`)}`
    );
    const line = ["sender", at, "127.0.0.1:0", "-c", "30", "-i", "2"];
    const { status, stdout, stderr } = await run([...line, ...outputs.flatMap((output) => ["--output", output])]);
    assert.equal(status, 0, stderr);
    return stdout;
  });
}

const mkfifo = process.platform === "win32" ? undefined : tool("mkfifo");
test("a result that comes through a pipe is read once, and whole", { skip: mkfifo === undefined }, async () => {
  await withFolder(async (folder) => {
    const pipe = join(folder, "pipe");
    execFileSync(mkfifo!, [pipe]);
    for (const saved of ["normal-ndjson.ndjson", "normal-json.json"]) {
      const path = fileURLToPath(new URL(`../golden/${saved}`, import.meta.url));
      const writer = spawn("sh", ["-c", `cat "$0" > "$1"`, path, pipe], { stdio: "ignore" });
      const { status, stdout, stderr } = await run(["report", pipe, "-q"], { longestMs: 20_000 });
      writer.kill();
      assert.equal(status, 0, stderr);
      assert.equal(stdout, readFileSync(new URL("../golden/normal-table.txt", import.meta.url), "utf8"), saved);
    }
  });
});

test("a run that was saved is shown again as it was, drawn, put on a page and compared", async () => {
  await withFolder(async (folder) => {
    const table = await measured(folder);
    const [json, ndjson, page] = ["run.json", "run.ndjson", "again.html"].map((name) => join(folder, name));
    const shown = async (...args: string[]) => {
      const { status, stdout, stderr } = await run(["report", ...args]);
      assert.equal(status, 0, stderr);
      return stdout;
    };
    await each([json, ndjson], async (file) => {
      assert.equal(await shown(file), table);
      assert.equal(await shown(file, "--output", "json"), readFileSync(json, "utf8"));
    });
    assert.equal(await shown(ndjson, "--output", "ndjson"), readFileSync(ndjson, "utf8"));
    assert.match(await shown(ndjson, "--output", "plot"), /Round trip over time[^]*\u2502[^]*Distribution[^]*\u2588/);
    assert.equal(await shown(ndjson, "--html", page), "");
    const metrics = join(folder, "run.prom");
    assert.equal(await shown(json, "--output", `prometheus:file=${metrics}`), "");
    assert.match(readFileSync(metrics, "utf8"), /^twampede_probes_sent\{/m);
    // What needs no file beside the program is in it: the library of the charts, the page's own script and style.
    for (const file of [page, join(folder, "run.html")]) {
      const text = readFileSync(file, "utf8");
      for (const part of ["var uPlot=", "uPlot.paths.bars", ".u-wrap", ".percentiles", 'id="data"', 'id="rtt-1"']) {
        assert.ok(text.includes(part), `${file} has ${part}`);
      }
    }
    assert.match(await shown(json, ndjson, "--compare"), /^A: .*\nB: .*\n[^]*Round trip p50 .* 0ns/);
  });
});

test("standard input is read like a file", { skip: tool("sh") === undefined && "needs sh" }, async () => {
  await withFolder(async (folder) => {
    const table = await measured(folder);
    const through = ["sh", "-c", `exec "$0" "$@" < '${join(folder, "run.ndjson")}'`];
    const { status, stdout, stderr } = await run(["report", "-"], { through });
    assert.deepEqual([status, stdout], [0, table], stderr);
  });
});

test("what is no result, and what goes with nothing, is refused in one line", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "file");
    writeFileSync(file, "{}");
    const later = join(folder, "later");
    writeFileSync(later, '{"schema": "twampede/result/2"}');
    const cases: [args: string[], ...words: string[]][] = [
      [["/nonexistent/run.json"], "/nonexistent/run.json", "does not exist"],
      [[folder], folder, "directory"],
      [[file], file, "no schema"],
      [[later], later, "twampede/result/2", "newer"],
      [[file, "--output", "bogus"], "bogus", "table"],
      [[file, "--compare"], file],
      [["-", "-"], "twice"],
      [[file, "--html", ""], "--html"],
    ];
    await each(cases, async ([args, ...words]) => {
      assertRefused(await refused(["report", ...args]), 2, ...words);
    });
    assertRefused(await refused(["report", file, "--compare", "--html", "x"]), 2, "--compare", "--html");
    assertRefused(await refused(["report"]), 2, "file");
  });
});

test("what is read is not written over, by whatever name", async () => {
  await withFolder(async (folder) => {
    const [result, link] = [join(folder, "run.json"), join(folder, "link")];
    const text = readFileSync(new URL("../golden/normal-ndjson.ndjson", import.meta.url), "utf8");
    writeFileSync(result, text);
    symlinkSync(result, link);
    const cases = [["--output", `csv:file=${result}`], ["--output", "table", "--html", link]];
    await each(cases, async (args) => {
      assertRefused(await refused(["report", result, ...args]), 2, `'${result}'`, "another file");
      assert.equal(readFileSync(result, "utf8"), text);
    });
  });
});

test("a saved run is held against thresholds: 4 where one is crossed, 1 where there was no reply", async () => {
  await withFolder(async (folder) => {
    await measured(folder);
    const json = join(folder, "run.json");
    const report = async (path: string, limit: string) => (await run(["report", path, "--fail-if", limit])).status;
    assert.deepEqual([await report(json, "rtt.p99>0ns"), await report(json, "lost>0")], [4, 0]);
    const saved = JSON.parse(readFileSync(json, "utf8"));
    saved.packets = { ...saved.packets, received: 0, lost: 30 };
    const dead = join(folder, "dead.json");
    writeFileSync(dead, JSON.stringify(saved));
    assert.equal(await report(dead, "duplicates>1"), 1);
  });
});
