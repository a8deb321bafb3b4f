/** Saved results, back through the outputs that wrote them, and what is no such thing. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runReport } from "../../cli/commands/report.ts";
import { openSaved } from "../../cli/report/saved.ts";
import { ALL_OUTPUTS } from "../../cli/output_list.ts";
import { OptionError } from "../../core/errors.ts";
import { ProbeFlag } from "../../core/record.ts";
import { ndjson } from "../../outputs/ndjson.ts";
import { SCENARIOS } from "../outputs/fixture.ts";
import { madeRun, written } from "./made_run.ts";

const FINISHED = ProbeFlag.RECEIVED | ProbeFlag.LOST;
const GOLDEN = fileURLToPath(new URL("../golden/", import.meta.url));

function golden(name: string): string {
  return readFileSync(join(GOLDEN, name), "utf8");
}

async function withFolder(use: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "twampede-report-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What `report` writes of files, one output after another. */
async function rendered(folder: string, paths: readonly string[], outputs: readonly string[]): Promise<string[]> {
  const files = outputs.map((_, i) => join(folder, `out-${i}`));
  const specs = outputs.map((name, i) => `${name}${name.includes(":") ? "," : ":"}file=${files[i]}`);
  assert.equal(await runReport(paths, { output: specs, failIf: [], quiet: true }), 0);
  return files.map((file) => readFileSync(file, "utf8"));
}

const NAMES = [...Object.keys(SCENARIOS), "two-sessions"];

/** What needs nothing but the document. */
const FROM_RESULT: readonly [spec: string, golden: string][] = [
  ["json", "json.json"],
  ["table", "table.txt"],
  ["table:detail=full", "table-full.txt"],
];

/** The golden file, with what stands for a line end in a note: no saved text may end a line. */
const printable = (name: string) => golden(name).replace(/d(?:\n|\\n)e/, "d\ufffde");

for (const name of NAMES) {
  test(`a saved ${name} result is written again as it was, octet for octet`, async () => {
    await withFolder(async (folder) => {
      const outputs = FROM_RESULT.map(([spec]) => spec);
      for (const saved of ["json.json", "json-histogram.json", "ndjson.ndjson"]) {
        const texts = await rendered(folder, [join(GOLDEN, `${name}-${saved}`)], outputs);
        FROM_RESULT.forEach(([spec, file], i) =>
          assert.equal(texts[i], printable(`${name}-${file}`), `${saved} as ${spec}`)
        );
      }
      const histogram = [join(GOLDEN, `${name}-json-histogram.json`)];
      const [again] = await rendered(folder, histogram, ["json:histogram=true"]);
      assert.equal(again, printable(`${name}-json-histogram.json`));
      const lines = await rendered(folder, [join(GOLDEN, `${name}-ndjson.ndjson`)], ["ndjson", "csv", "influx"]);
      assert.equal(lines[0], printable(`${name}-ndjson.ndjson`));
      assert.equal(lines[1], printable(`${name}-csv.csv`));
      assert.equal(lines[2], printable(`${name}-influx.lp`));
    });
  });
}

test("a far end's clock is said to be synchronized only where the result has it", async () => {
  await withFolder(async (folder) => {
    const text = golden("normal-ndjson.ndjson");
    const saved = {
      yes: text,
      no: text.replace(`"synchronized":true,"timestampFormat"`, `"synchronized":false,"timestampFormat"`),
    };
    const S: string[] = [];
    for (const [name, lines] of Object.entries({ ...saved, cut: text.slice(0, text.indexOf(`{"type":"summary"`)) })) {
      writeFileSync(join(folder, name), lines);
      const [raw] = await rendered(folder, [join(folder, name)], ["twping:form=R"]);
      S.push(raw.split(" ")[5]);
    }
    assert.deepEqual(S, ["1", "0", "0"]);
  });
});

test("several files, and runs that were added to one, are sessions side by side", async () => {
  await withFolder(async (folder) => {
    const run = golden("normal-ndjson.ndjson");
    writeFileSync(join(folder, "twice"), run + run);
    const [json, csv] = await rendered(folder, [join(folder, "twice"), join(GOLDEN, "single-json.json")], [
      "json",
      "csv",
    ]);
    const { results } = JSON.parse(json);
    const found = results.map((one: any) => [one.session.number, one.packets.sent]);
    assert.deepEqual(found, [[{ index: 1, of: 3 }, 5], [{ index: 2, of: 3 }, 5], [{ index: 3, of: 3 }, 1]]);
    const sessions = csv.split("\r\n").slice(1, -1).map((row) => row[0]);
    assert.deepEqual(sessions, [..."1111122222"]);
  });
});

test("what a killed run left is counted from its probes, up to the line that is cut", async () => {
  await withFolder(async (folder) => {
    const made = madeRun(400);
    const whole = await written(ndjson, {}, made);
    const before = whole.slice(0, whole.indexOf('{"type":"summary"'));
    writeFileSync(join(folder, "killed"), before + '{"type":"summary","schema":"twampede/res');
    const [text] = await rendered(folder, [join(folder, "killed")], ["json"]);
    const { packets, delayNs, stamps, session, startedAt, notes, clock } = JSON.parse(text);
    const { summary } = made;
    assert.deepEqual([packets.sent, packets.received, packets.lost], [400, summary.received, summary.lost]);
    for (const what of ["count", "min", "max", "p50", "p99"] as const) {
      const is = summary.rtt[what]!;
      assert.ok(Math.abs(delayNs.roundtrip[what] - is) <= 1, `${what}: ${delayNs.roundtrip[what]}, not ${is}`);
    }
    assert.equal(clock.offsetNs, Math.round(summary.clock!.offsetNs));
    assert.deepEqual([stamps.t1, stamps.t4], ["kernel", "kernel"]);
    assert.deepEqual([packets.malformed, session.count, session.remote], [null, null, "unknown"]);
    assert.ok(Math.abs(session.intervalNs - 10e6) < 1e3, session.intervalNs);
    assert.equal(startedAt, made.run.startedAt);
    assert.match(notes[0], /ends without a result.*400 probes/);
  });
});

test("a run that goes on while its file is read adds nothing to what was read first", async () => {
  await withFolder((folder) => {
    const path = join(folder, "growing");
    const whole = golden("normal-ndjson.ndjson");
    writeFileSync(path, whole.slice(0, whole.indexOf('{"type":"summary"')));
    const [file] = openSaved([path]);
    appendFileSync(path, whole.slice(whole.indexOf('{"type":"summary"')) + whole);
    let probes = 0;
    for (const _ of file.replay({ probe: () => probes++ }));
    assert.deepEqual([file.sessions.length, probes], [1, file.sessions[0].summary().sent]);
  });
});

test("what was made of a killed run's probes is a result like any other, and is read again", async () => {
  await withFolder(async (folder) => {
    const [path, saved] = [join(folder, "cut.ndjson"), join(folder, "saved.json")];
    const text = golden("unruly-ndjson.ndjson");
    writeFileSync(path, text.slice(0, text.indexOf('{"type":"summary"')));
    const outputs = ["json:histogram=true", "table:detail=full"];
    const first = await rendered(folder, [path], outputs);
    writeFileSync(saved, first[0]);
    assert.deepEqual(await rendered(folder, [saved], outputs), first);
  });
});

test("a run that was killed is not mixed into the one that was added to its file", async () => {
  await withFolder((folder) => {
    const path = join(folder, "runs.ndjson");
    const [killed, whole] = [golden("unruly-ndjson.ndjson"), golden("normal-ndjson.ndjson")];
    const isProbe = (line: string) => line.startsWith('{"type":"probe"');
    const first = killed.slice(0, killed.indexOf('{"type":"summary"'));
    writeFileSync(path, first + whole + first);
    const [file] = openSaved([path]);
    const told = new Map(file.sessions.map((session) => [session, [] as number[]]));
    for (
      const _ of file.replay({ probe: (session, { seq, flags }) => flags & FINISHED && told.get(session)!.push(seq) })
    );
    const seqs = (text: string) => text.split("\n").filter(isProbe).map((line) => JSON.parse(line).seq);
    assert.deepEqual([...told.values()], [seqs(first), seqs(whole), seqs(first)]);
    const sent = file.sessions.map(({ summary }) => summary().sent);
    assert.deepEqual(sent, [seqs(first).length, seqs(whole).length, seqs(first).length]);
    assert.equal(file.sessions[1].run.session.remote, SCENARIOS.normal.run.session.remote);
  });
});

const RESULT = JSON.parse(golden("normal-json.json"));
const with_ = (change: (document: any) => void): string => {
  const document = structuredClone(RESULT);
  change(document);
  return JSON.stringify(document);
};

/** What a file holds, and what is said of it. */
const FOREIGN: Readonly<Record<string, readonly [content: string, ...words: string[]]>> = {
  empty: ["", "empty"],
  blank: ["\n \n", "empty"],
  table: [golden("normal-table.txt"), "no JSON"],
  csv: [golden("normal-csv.csv"), "no JSON"],
  octets: ["\u0000\u0001\u007f", "no JSON"],
  "cut document": [golden("normal-json.json").slice(0, 1500), "cut or damaged"],
  "another program's": ['{"start": {}, "end": {}}', "no schema"],
  number: ["42", "line 1 is 42"],
  list: ["[1]", "line 1 is a list"],
  "later schema": [with_((d) => d.schema = "twampede/result/2"), "twampede/result/2", "later", "newer"],
  "later schema of several": ['{"schema":"twampede/results/7","results":[]}', "twampede/results/7", "newer"],
  "another schema": [with_((d) => d.schema = "x/1"), "'x/1'"],
  "no packets": [with_((d) => delete d.packets), "no packets"],
  "text for a number": [with_((d) => d.packets.sent = "many"), "packets.sent", '"many"', "a number"],
  "a negative count": [with_((d) => d.packets.lost = -1), "packets.lost", "-1"],
  "more than a double": [
    with_((d) => d.delayNs.roundtrip.p50 = 1).replace('"p50":1,', '"p50":1e999,'),
    "roundtrip.p50",
  ],
  "a list for a distribution": [with_((d) => d.delayNs.roundtrip = []), "delayNs.roundtrip", "a list"],
  "a mode that is none": [with_((d) => d.session.mode = "closed"), "session.mode", "closed", "open"],
  "no time": [with_((d) => d.clock.referenceAt = "noon"), "clock.referenceAt", "noon"],
  "a bin that is none": [with_((d) => d.histogramNs = { roundtrip: [[5, 4, 1]] }), "histogramNs.roundtrip[0]"],
  "a name with an escape": [with_((d) => d.tlvs = [{ name: "x", values: { "\u001b[2J": [] } }]), "values.\ufffd[2J"],
  "an endless text": [with_((d) => d.host = "x".repeat(20_000)), "host", "at most"],
  "a line that is no JSON": [golden("normal-ndjson.ndjson").replace("\n", "\n!\n"), "line 2"],
  "a wrong line": [golden("normal-ndjson.ndjson").replace('"rttNs":261000', '"rttNs":"x"'), "line 2: rttNs", '"x"'],
  "a stamp that is none": [golden("normal-ndjson.ndjson").replace(/"t1":"\d+"/, '"t1":"-5"'), "line 1: t1", '"-5"'],
  "lines of another kind": ['{"type":"metric","value":1}\n', "line 1: type", "metric"],
  "a later summary": [golden("normal-ndjson.ndjson").replace("result/1", "result/3"), "result/3", "newer"],
  "cut in the first line": ['{"type":"probe","seq', "cut"],
};

test("a file that is no result is refused in one line that names it", async () => {
  await withFolder((folder) => {
    for (const [name, [content, ...words]] of Object.entries(FOREIGN)) {
      const path = join(folder, "file");
      writeFileSync(path, content);
      const read = () => openSaved([path]).forEach((file) => [...file.replay({ probe() {} })]);
      assert.throws(read, (error: Error) => {
        assert.ok(error instanceof OptionError, `${name}: ${error.stack}`);
        assert.doesNotMatch(error.message, /\p{Cc}/u, name);
        for (const word of ["/file'", ...words]) assert.ok(error.message.includes(word), `${name}: ${error.message}`);
        return true;
      }, name);
    }
  });
});

test("what is not there is unknown, and nothing moves a terminal's cursor", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "file");
    writeFileSync(
      path,
      with_((document) => {
        document.host = "a\u001b[2Jb\u202e";
        document.notes = ["\u009b1m\r\n"];
        const gone = ["tool", "marking", "peer", "clock", "histogramError", "startedAt", "durationNs"];
        for (const name of gone) delete document[name];
        delete document.delayNs.inbound;
        document.added = { later: true };
      }),
    );
    const texts = await rendered(folder, [path], ["json", "table:detail=full", ...ALL_OUTPUTS.map(({ name }) => name)]);
    const [json, table] = texts;
    const { host, tool, clock, notes, delayNs } = JSON.parse(json);
    assert.equal(host, "a\ufffd[2Jb\ufffd");
    assert.deepEqual([tool.version, clock, notes[0], delayNs.inbound.count], [
      "unknown",
      null,
      "\ufffd1m\ufffd\ufffd",
      0,
    ]);
    ALL_OUTPUTS.forEach(({ name }, i) => {
      const text = texts[i + 2].replace(/<(style|script)[^>]*>.*?<\/\1>/gs, "");
      // deno-lint-ignore no-control-regex
      const odd = /[\u0000-\u0008\u000b-\u000c\u000e-\u001f\u007f-\u009f]|undefined|NaN/.exec(text);
      assert.equal(odd && text.slice(Math.max(0, odd.index - 60), odd.index + 20), null, name);
    });
    assert.doesNotMatch(table, /undefined|NaN/);
  });
});

test("UTF-16 as Windows PowerShell redirects it, and a mark of UTF-8, are read", async () => {
  await withFolder(async (folder) => {
    const text = golden("normal-json.json");
    writeFileSync(join(folder, "16"), `\ufeff${text.replaceAll("\n", "\r\n")}`, "utf16le");
    writeFileSync(join(folder, "8"), `\ufeff${text}`);
    for (const name of ["16", "8"]) assert.equal((await rendered(folder, [join(folder, name)], ["json"]))[0], text);
  });
});
