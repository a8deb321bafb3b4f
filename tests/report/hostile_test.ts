/** Results with a value exchanged somewhere: refused in one line, or shown by every output without falling over. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { ALL_OUTPUTS } from "../../cli/output_list.ts";
import { compare } from "../../cli/report/compare.ts";
import { openSaved } from "../../cli/report/saved.ts";
import { OptionError } from "../../core/errors.ts";
import type { PluginOptions } from "../../core/plugin.ts";
import { filled } from "../outputs/fixture.ts";

const GOLDEN = new URL("../golden/", import.meta.url);
const lines = readFileSync(new URL("unruly-ndjson.ndjson", GOLDEN), "utf8").trimEnd().split("\n");
const DOCUMENTS = ["controlled", "negative", "judged"].map((name) =>
  JSON.parse(readFileSync(new URL(`${name}-json-histogram.json`, GOLDEN), "utf8"))
);

/** Every place of a document that has a value. */
function placesOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => placesOf(inner, [...path, key]))];
}

function exchanged(document: unknown, path: readonly string[], value: unknown): unknown {
  const copy = structuredClone(document) as any;
  const parent = path.slice(0, -1).reduce((at, key) => at[key], copy);
  parent[path.at(-1)!] = value;
  return copy;
}

const JUNK = fc.oneof(
  fc.constantFrom(null, true, "", "x", [], {}, [[]], 0, -1, 0.5, 1e308, -1e308, 2 ** 53, 1e-320, 255, 256, 1e15),
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom("\u001b[31m", "</script>", "2026-13-45T99:99:99Z", "275761-01-01", "__proto__", "x".repeat(9_999)),
);

const MUTANT = fc.oneof(
  fc.nat().chain((which) => {
    const document = DOCUMENTS[which % DOCUMENTS.length];
    const places = placesOf(document).filter((path) => path.length > 0);
    return fc.tuple(fc.constantFrom(...places), JUNK).map(([path, junk]) =>
      JSON.stringify(exchanged(document, path, junk), null, 1)
    );
  }),
  fc.tuple(fc.nat(lines.length - 1), fc.nat(), JUNK).map(([at, which, junk]) => {
    const document = JSON.parse(lines[at]);
    const places = placesOf(document).filter((path) => path.length > 0);
    return lines.with(at, JSON.stringify(exchanged(document, places[which % places.length], junk))).join("\n") + "\n";
  }),
  fc.tuple(fc.nat(lines.length - 1), fc.nat()).map(([at, cut]) =>
    [...lines.slice(0, at), lines[at].slice(0, cut % lines[at].length)].join("\n")
  ),
);

/** Every output, and the forms that show more than its usual one. */
const FORMS = [
  ...ALL_OUTPUTS.map((plugin) => ({ plugin, options: {} })),
  ...[["table", { detail: "full" }], ["json", { histogram: true }], ["github", { form: "summary" }], ["twping", {
    form: "M",
  }], ["twping", { form: "R" }]].map(([name, options]) => ({
    plugin: ALL_OUTPUTS.find((plugin) => plugin.name === name)!,
    options: options as PluginOptions,
  })),
];

/** What stands for an unknown number in memory is for nobody to read. */
const UNSAID = /\b(?:NaN|undefined|-?Infinity)\b|\[object/;

async function show(path: string): Promise<void> {
  const [file] = openSaved([path]);
  for (const { plugin, options } of FORMS) {
    let text = "";
    const sink = { write: (chunk: string) => void (text += chunk), close: async () => {} };
    const output = plugin.create(filled(plugin, options), sink);
    output.begin?.(file.sessions[0].run);
    for (const _ of file.replay({ probe: (session, probe) => session === file.sessions[0] && output.probe?.(probe) }));
    await output.end(file.sessions[0].summary());
    if (plugin.name === "html") assert.equal(text.match(/<script/g)!.length, 2);
    const shown = plugin.name === "html" ? text.replace(/<(style|script)>[^]*?<\/\1>/g, "") : text;
    assert.doesNotMatch(shown, UNSAID, `${plugin.name} ${JSON.stringify(options)}`);
  }
  const summary = file.sessions[0].summary();
  compare(summary, summary);
}

test("what a result does not say is never written as a number", async () => {
  const folder = mkdtempSync(join(tmpdir(), "twampede-unsaid-"));
  const path = join(folder, "file");
  const refused: string[] = [];
  const [document] = DOCUMENTS;
  const changes: [path: string, value: unknown][] = [
    ...["sent", "received", "lost", "duplicates", "reordered", "late", "malformed", "sendErrors"].map((
      name,
    ): [string, unknown] => [`packets.${name}`, undefined]),
    ...["min", "p50", "max", "mean"].flatMap((
      name,
    ): [string, unknown][] => [[`delayNs.roundtrip.${name}`, 1e308], [`delayNs.roundtrip.${name}`, 2 ** 52]]),
    ["delayNs.roundtrip.count", null],
    ["histogramNs.roundtrip.0.1", 1e308],
    ["session.number", {}],
    ["session.timeoutNs", null],
    ["stamps", null],
    ["clock.offsetNs", -1e308],
    ["clock.steps", undefined],
    ["marking.outbound.0.count", undefined],
    ["histogramError", 1e308],
    ["tlvs", [{ name: "cos", values: { ecn: null } }]],
  ];
  try {
    for (const [place, value] of changes) {
      writeFileSync(path, JSON.stringify(exchanged(document, place.split("."), value), null, 1));
      try {
        await show(path);
      } catch (error) {
        if (!(error instanceof OptionError)) throw new Error(`${place} = ${value}`, { cause: error });
        refused.push(place);
      }
    }
    // Without these there is no result; what is not there of the others is not known.
    for (const name of ["sent", "received", "lost", "late"]) assert.ok(refused.includes(`packets.${name}`), name);
    for (const place of ["session.timeoutNs", "clock.steps", "packets.malformed", "tlvs"]) {
      assert.ok(!refused.includes(place), place);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a result with anything anywhere is shown or refused", async () => {
  const folder = mkdtempSync(join(tmpdir(), "twampede-hostile-"));
  const path = join(folder, "file");
  let refused = 0;
  try {
    await fc.assert(
      fc.asyncProperty(MUTANT, async (text) => {
        writeFileSync(path, text);
        try {
          await show(path);
        } catch (error) {
          if (!(error instanceof OptionError)) throw error;
          assert.doesNotMatch(error.message, /\p{Cc}|undefined|\[object/u);
          refused++;
        }
      }),
      { numRuns: 400, seed: 20261121 },
    );
    assert.ok(refused > 40 && refused < 360, `${refused} of 400 were refused: both are to be tried`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
