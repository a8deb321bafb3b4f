import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePluginOptions } from "../../../core/plugin_options.ts";
import { TRAFFIC } from "../../../plugins/traffic/mod.ts";
import { SHAPES } from "./shapes.ts";

test("the profiles, the default first", () => {
  assert.deepEqual(TRAFFIC.map((plugin) => plugin.name), ["fixed", "imix", "jumbo"]);
  for (const plugin of TRAFFIC) assert.deepEqual([plugin.api, plugin.kind], [1, "traffic"]);
});

test("every profile with its defaults fits every packet", () => {
  for (const plugin of TRAFFIC) {
    for (const packet of SHAPES) {
      const { options } = parsePluginOptions("--profile", plugin.name, TRAFFIC);
      const profile = plugin.create(options, packet);
      let largest = 0;
      for (let seq = 0; seq < 120; seq++) {
        const size = profile.size(seq);
        assert.ok(Number.isInteger(size) && size >= packet.base && size <= profile.maxSize);
        if (packet.protocol === "stamp") assert.ok(size === 44 || size >= 48);
        largest = Math.max(largest, size);
      }
      assert.equal(largest, profile.maxSize);
    }
  }
});

test("a profile's name asks for the same profile again", () => {
  const texts = [
    "fixed",
    "fixed:padding=100,fill=random",
    "imix",
    "imix:fill=pattern",
    "jumbo:size=9k",
    "jumbo:fill=random",
  ];
  for (const text of texts) {
    const create = (text: string) => {
      const { plugin, options } = parsePluginOptions("--profile", text, TRAFFIC);
      return plugin.create(options, SHAPES[2]);
    };
    const { name, maxSize } = create(text);
    assert.equal(create(name).name, name);
    assert.equal(create(name).maxSize, maxSize);
  }
});
