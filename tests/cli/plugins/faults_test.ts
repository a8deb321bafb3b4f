/** Plugins that go wrong while they run: a line that names them, exit status 1, and the measurement's result. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { each, run, started } from "../support.ts";
import { assertTable, faultLines, plugin, withFiles } from "./support.ts";

const output = (name: string, body: string) => plugin("output", name, `create: (options, sink) => (${body})`);

test("an output that throws, in whatever it is called for, is switched off, and every other one goes on", async () => {
  const files = {
    "begin.ts": output("o", `{ begin() {\nthrow new Error("no luck"); }, end() {} }`),
    "probe.ts": output("o", `{ probe() {\nthrow new Error("no luck"); }, end() {} }`),
    "async.ts": output("o", `{ async probe() {\nthrow new Error("no luck"); }, end() {} }`),
    "end.ts": output("o", `{ async end() {\nthrow new Error("no luck"); } }`),
    "create.ts": output("o", `(() => {\nthrow new Error("no luck"); })()`),
    "timer.ts": output("o", `{ begin() { setTimeout(() => {\nthrow new Error("no luck"); }); }, end() {} }`),
    "text.ts": output("o", `{ end() { \nthrow "no luck"; } }`),
  };
  await withFiles(files, async (folder) => {
    await each(Object.keys(files), async (file) => {
      const json = join(folder, `${file}.json`);
      const args = ["demo", "-c", "5", "-i", "2", "--plugin", file, "--output", `o:file=${file}.txt`];
      const outcome = await run([...args, "--output", "table", "--output", `json:file=${json}`], { cwd: folder });
      assert.equal(outcome.status, 1, outcome.stderr);
      assertTable(outcome);
      assert.equal(JSON.parse(readFileSync(json, "utf8")).packets.received, 5);
      const lines = faultLines(outcome);
      assert.equal(lines.length, 1, outcome.stderr);
      for (const word of [file, "no luck", ...file === "text.ts" ? [] : ["(line 3)"]]) {
        assert.ok(lines[0].includes(word), `${word} in: ${lines[0]}`);
      }
    });
  });
});

test("an output whose end never returns has 5 s, and holds nothing up for longer", async () => {
  const text = output("o", `{ end: () => new Promise(() => setInterval(() => {}, 1000)) }`);
  await withFiles({ "never.ts": text }, async (folder) => {
    const args = [
      "demo",
      "-c",
      "3",
      "-i",
      "2",
      "--plugin",
      "never.ts",
      "--output",
      "o:file=o.txt",
      "--output",
      "table",
    ];
    const outcome = await run(args, { cwd: folder, longestMs: 20_000 });
    assert.equal(outcome.status, 1, outcome.stderr);
    assertTable(outcome);
    assert.match(faultLines(outcome).join(), /output o is switched off: never\.ts: end has not returned after 5 s/);
  });
});

test("where every output fails, the table on standard error has the result", async () => {
  await withFiles({ "only.ts": output("o", `{ end() { throw new Error("no luck"); } }`) }, async (folder) => {
    const args = ["demo", "-c", "3", "-i", "2", "-q", "--plugin", "only.ts", "--output", "o"];
    const { status, stdout, stderr } = await run(args, { cwd: folder });
    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^ {2}Roundtrip: .* 0\.0%$/m);
    for (const log of [[], ["--logfile", "log"]]) {
      const beside = await run([...args, "--output", "csv:file=run.csv", ...log], { cwd: folder });
      const said = "twampede: output o is switched off: only.ts: end threw: no luck (line 2)\n";
      assert.deepEqual([beside.status, beside.stderr], [1, said], "but for that, -q is quiet");
    }
  });
});

test("an output decides on the exit status; what is none is refused", async () => {
  const files = {
    "nine.ts": output("o", `{ end() {}, exitStatus: () => 9 }`),
    "none.ts": output("o", `{ end() {}, exitStatus: () => undefined }`),
    "bad.ts": output("o", `{ end() {}, exitStatus: () => 256 }`),
    "throws.ts": output("o", `{ end() {}, exitStatus() { throw new Error("no luck"); } }`),
  };
  await withFiles(files, async (folder) => {
    const ended = async (file: string) => {
      const args = ["demo", "-c", "2", "-i", "2", "--plugin", file, "--output", "o:file=o.txt", "--output", "table"];
      const outcome = await run(args, { cwd: folder });
      assertTable(outcome);
      return [outcome.status, ...faultLines(outcome)];
    };
    assert.deepEqual(await ended("nine.ts"), [9]);
    assert.deepEqual(await ended("none.ts"), [0]);
    const off = "twampede: output o is switched off:";
    assert.deepEqual(await ended("bad.ts"), [1, `${off} bad.ts: exitStatus is no whole number from 0 to 255`]);
    assert.deepEqual(await ended("throws.ts"), [1, `${off} throws.ts: exitStatus threw: no luck (line 2)`]);
  });
});

test("an output that loops for ever in its end has the others written before", async () => {
  await withFiles({ "loop.ts": output("o", `{ end() { for (;;); } }`) }, async (folder) => {
    const args = ["demo", "-c", "3", "-i", "2", "--plugin", "loop.ts", "--output", "o:file=o.txt", "--output", "table"];
    await started(args, (run) => run.until("stdout", /Roundtrip: .* 0\.0%\n(.*\n){3}/), { cwd: folder });
  });
});

test("what an output does to a record, or with its sink, harms no other", async () => {
  const files = {
    "vandal.ts": output("o", `{ probe(r) { r.rtt = -1; r.seq = 7; r.stamps.fill(0); }, end() { sink.close(); } }`),
    "reader.ts": output(
      "reader",
      `{ probe: (r) => sink.write(r.seq + " " + (r.rtt > 0 && r.stamps[0] > 0) + "\\n"), end() {} }`,
    ),
  };
  await withFiles(files, async (folder) => {
    const plugins = ["--plugin", "vandal.ts", "--plugin", "reader.ts"];
    const args = ["demo", "-q", "-c", "3", "-i", "2", ...plugins, "--output", "o:file=o.txt", "--output", "reader"];
    const outcome = await run(args, { cwd: folder });
    assert.deepEqual(outcome, { status: 0, signal: null, stdout: "0 true\n1 true\n2 true\n", stderr: "" });
  });
});

test("a profile or schedule that goes wrong ends the run, with what was measured", async () => {
  const pace = (next: string) =>
    plugin(
      "schedule",
      "s",
      `create: (o, interval) => { let n = 0; return { name: "s", next() { return ++n <= 3 ? interval : ${next} } }; }`,
    );
  const sizes = (size: string, fill = "") =>
    plugin(
      "traffic",
      "t",
      `create: () => ({ name: "t", maxSize: 100, size: (seq) => seq < 3 ? 60 : ${size}, fill(bytes, at, end, seq) { ${fill} } })`,
    );
  const files: Record<string, [text: string, word: string, option: string, received: number]> = {
    "nan.ts": [pace("NaN"), "next() is NaN", "s", 3],
    "negative.ts": [pace("-1"), "next() is -1", "s", 3],
    "huge.ts": [pace("1e300"), "next() is 1e+300", "s", 3],
    "throws.ts": [pace(`(() => { throw new Error("no luck") })()`), "no luck", "s", 3],
    "fraction.ts": [sizes("60.5"), "size(3) is 60.5", "t", 4],
    "large.ts": [sizes("101"), "size(3) is 101", "t", 4],
    "small.ts": [sizes("13"), "size(3) is 13", "t", 4],
    "word.ts": [sizes(`"60"`), "size(3) is 60", "t", 4],
    "fill.ts": [sizes("60", `if (seq === 3) throw new Error("no luck")`), "no luck", "t", 4],
  };
  const texts = Object.fromEntries(Object.entries(files).map(([name, [text]]) => [name, text]));
  await withFiles(texts, async (folder) => {
    await each(Object.keys(files), async (file) => {
      const [, word, name, received] = files[file];
      const asked = name === "s" ? ["--schedule", "s"] : ["--profile", "t"];
      const args = ["demo", "-c", "200", "-i", "2", "--plugin", file, ...asked, "--output", "json"];
      const outcome = await run(args, { cwd: folder });
      assert.equal(outcome.status, 1, outcome.stderr);
      const { packets } = JSON.parse(outcome.stdout);
      // Of a profile the probe itself leaves, and others that were due at the same time.
      assert.equal(packets.sent, packets.received);
      assert.ok(
        packets.received >= received && packets.received < (name === "s" ? received + 1 : 200),
        outcome.stderr + outcome.stdout,
      );
      const [line] = faultLines(outcome);
      for (const part of [file, word, "the run ends here"]) assert.ok(line.includes(part), `${part} in: ${line}`);
    });
  });
});

test("a profile that writes beside its padding spoils no probe", async () => {
  const text = plugin(
    "traffic",
    "t",
    `create: () => ({ name: "t", maxSize: 100, size: () => 100, fill(bytes) { bytes.fill(255); } })`,
  );
  await withFiles({ "wide.ts": text }, async (folder) => {
    const outcome = await run(["demo", "-c", "4", "-i", "2", "--plugin", "wide.ts", "--profile", "t"], { cwd: folder });
    assert.equal(outcome.status, 0, outcome.stderr);
    assertTable(outcome);
  });
});

test("a transport that throws on the way ends the run, with what was measured", async () => {
  const around = (own: string) =>
    plugin(
      "transport",
      "w",
      `create(options, inner) { return { name: "w", probe: () => inner.probe(), clock: () => inner.clock(),
  async openDatagram(asked) { const socket = await inner.openDatagram(asked); let n = 0;
    return new Proxy(socket, { get(target, key) { ${own}
      const value = target[key]; return typeof value === "function" ? value.bind(target) : value; } }); } }; }`,
    );
  const files = {
    "send.ts": around(
      `if (key === "send") return (...a) => { if (++n > 3) throw new Error("no luck"); return target.send(...a); };`,
    ),
    "receive.ts": around(`if (key === "receive") return async (...a) => { const got = await target.receive(...a);
        if (got > 0 && ++n > 3) throw new Error("no luck"); return got; };`),
    "waits.ts": around(
      `if (key === "receive") return (...a) => ++n > 9 ? new Promise(() => {}) : target.receive(...a);`,
    ),
    "holds.ts": around(`if (key === "send") return (...a) => ++n > 3 ? new Promise(() => {}) : target.send(...a);`),
    "open.ts": around("").replace("await inner.openDatagram(asked)", `(() => { throw new Error("no luck"); })()`),
    "close.ts": around(`if (key === "close") return undefined;`),
  };
  await withFiles(files, async (folder) => {
    await each(Object.keys(files), async (file) => {
      const args = ["demo", "-c", "200", "-i", "2", "--plugin", file, "--transport", "w", "--output", "json"];
      const outcome = await run(args, { cwd: folder });
      assert.equal(outcome.status, 1, outcome.stderr);
      assert.ok(outcome.stderr.includes(`${file}: `), outcome.stderr);
      assert.doesNotMatch(outcome.stderr, /internal error/);
      if (["open.ts", "close.ts"].includes(file)) return;
      assert.match(outcome.stderr, /transport w is switched off: .*(no luck|has not returned in time)/);
      const { sent, received } = JSON.parse(outcome.stdout).packets;
      assert.ok(received < 200 && sent === received, outcome.stderr + outcome.stdout);
    });
  });
});

const TLV = (write: string, read: string, answer: string) =>
  plugin(
    "tlv",
    "t",
    `type: 250, create: () => ({ type: 250, name: "t", length: 4, write(view, at) { ${write} },
    read(view, at, length, out) { ${read} } }), answer: { type: 250, reflect(context, batch, slot, at) { ${answer} } }`,
  );
const STAMP = ["--protocol", "stamp", "-c", "4", "-i", "5", "--output", "json"];

test("a TLV that goes wrong at the sender is left out, and what is measured goes on", async () => {
  const good = "batch.view.setUint32(at, 7); return 0;";
  const files = {
    "write.ts": TLV(`throw new Error("no luck");`, "", good),
    "beyond.ts": TLV(`view.setUint32(at + 1, 1);`, "", good),
    "read.ts": TLV("", `throw new Error("no luck");`, good),
    "value.ts": TLV("", `out.n = {};`, good),
  };
  await withFiles(files, async (folder) => {
    await each(Object.keys(files), async (file) => {
      const outcome = await run(["demo", "--plugin", file, "--tlv", "t", ...STAMP], { cwd: folder });
      assert.equal(outcome.status, 1, outcome.stderr);
      const { packets, tlvs } = JSON.parse(outcome.stdout);
      assert.equal(packets.received, 4);
      assert.deepEqual(tlvs[0].values, {});
      assert.match(faultLines(outcome).join(), new RegExp(`tlv t is switched off: ${file}: (write|read) threw: `));
    });
  });
});

test("a TLV that goes wrong at a responder comes back with U from then on, from each of its threads", async () => {
  const files = {
    "good.ts": TLV("view.setUint32(at, 5);", "out.n = view.getUint32(at);", ""),
    "throws.ts": TLV("", "", `batch.view.setUint32(at, 9);\nthrow new Error("no luck");`),
    "flags.ts": TLV("", "", "return 'yes';"),
  };
  await withFiles(files, async (folder) => {
    await each([["throws.ts", "1"], ["throws.ts", "2"], ["flags.ts", "1"]], async ([file, workers]) => {
      const args = ["responder", "127.0.0.1:0", "--plugin", file, "--workers", workers];
      await started(args, async (responder) => {
        const [, port] = await responder.until("stderr", /responder on 127\.0\.0\.1:(\d+) /);
        const sent = await run(
          ["sender", `127.0.0.1:${port}`, "127.0.0.1:0", "--plugin", "good.ts", "--tlv", "t", ...STAMP],
          { cwd: folder },
        );
        assert.equal(sent.status, 0, sent.stderr);
        const { packets, tlvs } = JSON.parse(sent.stdout);
        assert.deepEqual([packets.received, tlvs[0].returned, tlvs[0].unrecognized], [4, 4, 4]);
        responder.kill("SIGINT");
        const outcome = await responder.end();
        assert.equal(outcome.status, 1, outcome.stderr);
        assert.equal(faultLines(outcome).length, 1, outcome.stderr);
        assert.match(outcome.stderr, new RegExp(`tlv t is switched off: ${file}: .*as not understood`));
        assert.match(outcome.stderr, /4 received, 4 reflected/);
      }, { cwd: folder });
    });
  });
});
