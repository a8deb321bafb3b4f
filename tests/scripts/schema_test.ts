/** The schema for editors takes what the program takes, and refuses what it refuses. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { parse } from "smol-toml";
import { variableName } from "../../cli/config/environment.ts";
import { configurable } from "../../cli/config/settings.ts";
import { createProgram } from "../../cli/program.ts";
import { schemaText } from "../../scripts/schema.ts";

const schema = JSON.parse(readFileSync(new URL("../../schema/twampede.schema.json", import.meta.url), "utf8"));
const validate = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema);
const problems = (toml: string) =>
  validate(JSON.parse(JSON.stringify(parse(toml)))) ? [] : (validate.errors ?? []).map((error) => error.instancePath);

test("schema/twampede.schema.json is what scripts/schema.ts makes of the options", () => {
  assert.deepEqual(JSON.parse(schemaText()), schema, "run `deno run -A scripts/schema.ts` or `bun scripts/schema.ts`");
});

test("every example of docs/configuration.md is right by it", () => {
  const page = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
  const examples = [...page.matchAll(/^```toml\n(.*?)^```/gms)].map(([, text]) => text);
  assert.ok(examples.length >= 3, `${examples.length} examples`);
  for (const text of examples) assert.deepEqual(problems(text), [], text);
});

test("it takes what the program takes, and finds typos of section, key and value", () => {
  const right = [
    "[sender]\ninterval = 0.5\npadding = -1\ntos = 0x88\nseed = 'ff'\ndscp = 'ef'\noutput = 'json'",
    "[sender]\ninterval = '500us'\ncount = '0x10'\noutput = ['table', { name = 'json', file = 'x', indent = 2 }]",
    "[reflector]\nworkers = 'auto'\nrate-limit = '100/24/56'\nallow = ['192.0.2.0/24']\ndrop-rate = '5%'",
    "[common]\nprotocol = 'auto'\nverbose = true",
    "[controller]\ndscp = ['ef', 46]\ntos = 3",
  ];
  for (const text of right) assert.deepEqual(problems(text), [], text);
  const wrong: [string, string][] = [
    ["[sendr]\ncount = 1", ""],
    ["[sender]\ncuont = 1", "/sender"],
    ["[sender]\nworkers = 1", "/sender"],
    ["count = 1", ""],
    ["[sender]\nttl = 256", "/sender/ttl"],
    ["[sender]\nverbose = 'yes'", "/sender/verbose"],
    ["[sender]\nprotocol = 'auto'", "/sender/protocol"],
    ["[sender]\ncount = 1.5", "/sender/count"],
    ["[sender]\noutput = [{ file = 'x' }]", "/sender/output"],
    ["[reflector]\ndrop-rate = 101", "/reflector/drop-rate"],
  ];
  for (const [text, place] of wrong) assert.ok(problems(text).includes(place), `${text}: ${problems(text)}`);
});

test("no two settings share a variable, but the same of several commands", () => {
  const meaning = new Map<string, string>();
  for (const { name, settings } of configurable(createProgram(() => {}))) {
    for (const { key } of settings) {
      for (const [variable, means] of [[variableName(key), key], [variableName(key, name), `${name} ${key}`]]) {
        assert.equal(meaning.get(variable) ?? means, means, variable);
        meaning.set(variable, means);
      }
    }
  }
  assert.ok(meaning.size > 100);
});
