/** What is refused as a plugin, and in which words. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { isPlugin, PLUGIN_KINDS, pluginFault } from "../../core/plugin_check.ts";
import { OUTPUTS } from "../../outputs/mod.ts";
import { SCHEDULES } from "../../plugins/schedule/mod.ts";
import { TLVS } from "../../plugins/tlv/mod.ts";
import { TRAFFIC } from "../../plugins/traffic/mod.ts";
import { TRANSPORTS } from "../../plugins/transport/mod.ts";

const OUTPUT = { api: 1, kind: "output", name: "mine", summary: "a line", options: [], create() {} };
const TLV = { ...OUTPUT, kind: "tlv", type: 250 };
const option = (more: object) => ({ ...OUTPUT, options: [{ name: "n", type: "string", summary: "s", ...more }] });

test("what is built in would pass", () => {
  for (const plugin of [...OUTPUTS, ...TRAFFIC, ...SCHEDULES, ...TLVS, ...TRANSPORTS]) {
    assert.equal(pluginFault(plugin), undefined, plugin.name);
  }
  for (const kind of PLUGIN_KINDS) assert.ok(isPlugin({ ...TLV, kind }), kind);
});

test("a wrong shape is told by its field, and what it should be", () => {
  const cases: [value: unknown, ...words: string[]][] = [
    [undefined, "nothing", "an object"],
    [7, "is 7"],
    [{ ...OUTPUT, api: undefined }, "no api", "api: 1"],
    [{ ...OUTPUT, api: 2 }, "api 2", "supports 1"],
    [{ ...OUTPUT, kind: "outptu" }, "'outptu'", "did you mean output?"],
    [{ ...OUTPUT, kind: {} }, "an object", "tlv"],
    [{ ...OUTPUT, name: undefined }, "no name"],
    [{ ...OUTPUT, name: "My Output" }, "'My Output'", "lower-case"],
    [{ ...OUTPUT, kind: "transport", name: "auto" }, "'auto'"],
    [{ ...TLV, name: "hmac" }, "'hmac'"],
    [{ ...OUTPUT, summary: "two\nlines" }, "'two lines'", "one line"],
    [{ ...OUTPUT, options: {} }, "options an object", "[]"],
    [{ ...OUTPUT, create: 1 }, "create 1", "function"],
    [{ ...OUTPUT, createGroup: 1 }, "createGroup 1"],
    [{ ...OUTPUT, options: ["unit"] }, "options[0] 'unit'"],
    [option({ name: "a=b" }), "options[0].name 'a=b'"],
    [option({ name: "file" }), "'file'", "already"],
    [{ ...OUTPUT, options: [...option({}).options, ...option({}).options] }, "options[1].name 'n'", "second"],
    [option({ type: "int" }), "options[0].type 'int'", "number"],
    [option({ summary: "" }), "options[0].summary ''"],
    [option({ choices: [] }), "options[0].choices an array"],
    [option({ type: "number", choices: ["1"] }), "choices", "string"],
    [option({ type: "number", default: true }), "options[0].default true", "number"],
    [option({ type: "number", default: NaN }), "default NaN"],
    [option({ type: "duration", default: "soon" }), "default 'soon'", "a time"],
    [option({ choices: ["a"], default: "b" }), "default 'b'", "give a"],
    [{ ...TLV, type: 0 }, "type 0", "240"],
    [{ ...TLV, type: 255 }, "type 255"],
    [{ ...TLV, answer: { type: 251, reflect() {} } }, "answer.type 251", "250"],
    [{ ...TLV, answer: { type: 250 } }, "no answer.reflect"],
    [{
      get api() {
        throw new Error("no luck");
      },
    }, "no luck"],
  ];
  for (const [value, ...words] of cases) {
    const fault = pluginFault(value) ?? "it passed";
    for (const word of words) assert.ok(fault.includes(word), `${JSON.stringify(word)} in: ${fault}`);
    assert.doesNotMatch(fault, /\n|undefined|\[object/);
  }
});

test("a default may be what the user would type, or the value that comes of it", () => {
  assert.equal(pluginFault(option({ type: "duration", default: "10ms" })), undefined);
  assert.equal(pluginFault(option({ type: "duration", default: 1e7 })), undefined);
  assert.equal(pluginFault(option({ type: "boolean", default: "yes" })), undefined);
});
