/** Where keys stand in a TOML document: what the parser does not say. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { parse, stringify } from "smol-toml";
import { linesOf, place } from "../../../cli/config/lines.ts";

const HARD = `# [sender] interval = 1
[common] # a comment with ] and "
tos = 32
a.b . "c d" = '''
[sender]
interval = 9 '''   # still the string's line

[sender]
interval = "5 # no comment"
output = [ "table", # one
  # interval = 3
  "json:file=a]b",
  { name = "csv",
    file = "x" } ]
"quo\\"ted" = """a \\""" [x]
y = 1 """"
'li.teral' = { deep.er = [[1], [2,
  3]] }
day = 1979-05-27 07:32:00
last = 1

[[sender.tlv]]
name = "cos"
[[ sender . tlv ]]
name = "padding"
[sender.tlv.sub]
x = 1
`;

test("every key, item and table of a hard document, with both ends of line and a byte order mark", () => {
  const expected: [path: (string | number)[], line: number][] = [
    [["common"], 2],
    [["common", "tos"], 3],
    [["common", "a", "b", "c d"], 4],
    [["sender"], 8],
    [["sender", "interval"], 9],
    [["sender", "output"], 10],
    [["sender", "output", 0], 10],
    [["sender", "output", 1], 12],
    [["sender", "output", 2], 13],
    [["sender", "output", 2, "file"], 14],
    [["sender", 'quo"ted'], 15],
    [["sender", "li.teral", "deep", "er", 1, 1], 18],
    [["sender", "day"], 19],
    [["sender", "last"], 20],
    [["sender", "tlv"], 22],
    [["sender", "tlv", 0, "name"], 23],
    [["sender", "tlv", 1], 24],
    [["sender", "tlv", 1, "name"], 25],
    [["sender", "tlv", 1, "sub", "x"], 27],
  ];
  for (const text of [HARD, HARD.replaceAll("\n", "\r\n"), `\uFEFF${HARD}`]) {
    parse(text); // it is TOML
    const lines = linesOf(text);
    for (const [path, line] of expected) assert.equal(lines.get(place(...path)), line, path.join("."));
  }
});

test("whatever a document has, each key is on the line that it is found on", () => {
  const value = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.array(fc.string()),
    fc.dictionary(fc.string(), fc.string()),
  );
  const table = fc.dictionary(fc.string(), value, { noNullPrototype: true });
  fc.assert(
    fc.property(fc.dictionary(fc.string(), table), (document) => {
      const text = stringify(document);
      const lines = linesOf(text);
      for (const [name, keys] of Object.entries(document)) {
        for (const key of Object.keys(keys)) {
          const line = lines.get(place(name, key));
          assert.ok(line !== undefined, `${JSON.stringify([name, key])} has a line in\n${text}`);
          const alone = text.split("\n")[line - 1];
          assert.ok(alone.includes(stringify({ [key]: 1 }).split(" =")[0]), `${JSON.stringify(key)} in ${alone}`);
        }
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("what is no TOML ends, too", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."[]{}=.\"'\\#,\n ax") }), (text) => {
      linesOf(text);
    }),
    { seed: 1, numRuns: 2000 },
  );
});
