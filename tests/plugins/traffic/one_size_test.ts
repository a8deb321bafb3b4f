import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../../../core/errors.ts";
import type { PacketShape, PluginOptions, TrafficPlugin } from "../../../core/plugin.ts";
import { fixed } from "../../../plugins/traffic/fixed.ts";
import { jumbo } from "../../../plugins/traffic/jumbo.ts";
import { agreed, shape, SHAPES } from "./shapes.ts";

const [TWAMP4, TWAMP6, STAMP4, STAMP6] = SHAPES;

function payload(plugin: TrafficPlugin, options: PluginOptions, packet: PacketShape): number {
  const profile = plugin.create(options, packet);
  assert.equal(profile.size(0), profile.maxSize);
  assert.equal(profile.size(2 ** 40), profile.maxSize);
  return profile.maxSize;
}

test("fixed: padding behind the base packet, for STAMP behind the header of its TLV", () => {
  const cases: [PluginOptions, PacketShape, number, string][] = [
    [{}, TWAMP4, 41, "fixed:padding=27"],
    [{}, TWAMP6, 41, "fixed:padding=27"],
    [{}, STAMP4, 44, "fixed:padding=0"],
    [{}, agreed({ mode: "open", monitor: true }), 44, "fixed:padding=30"],
    [{}, agreed({ mode: "encrypted" }), 112, "fixed:padding=64"],
    [{}, agreed({ mode: "authenticated", symmetrical: true }), 112, "fixed:padding=0"],
    [{}, agreed({ mode: "open", symmetrical: true }), 41, "fixed:padding=0"],
    [{}, agreed({ mode: "open", symmetrical: true, monitor: true }), 44, "fixed:padding=0"],
    [{ padding: 0 }, agreed({ mode: "encrypted" }), 48, "fixed:padding=0"],
    [{}, STAMP6, 44, "fixed:padding=0"],
    [{ padding: 0 }, TWAMP4, 14, "fixed:padding=0"],
    [{ padding: 0 }, STAMP4, 44, "fixed:padding=0"],
    [{ padding: 1 }, STAMP4, 49, "fixed:padding=1"],
    [{ padding: 27 }, STAMP6, 75, "fixed:padding=27"],
    [{ padding: 65_493 }, TWAMP4, 65_507, "fixed:padding=65493"],
    [{ padding: 65_459 }, STAMP6, 65_507, "fixed:padding=65459"],
  ];
  for (const [options, packet, size, name] of cases) {
    assert.equal(payload(fixed, options, packet), size);
    assert.equal(fixed.create(options, packet).name, name);
  }
});

test("jumbo: what the headers leave of the IP packet", () => {
  const cases: [PluginOptions, PacketShape, number, string][] = [
    [{}, TWAMP4, 8972, "jumbo:size=9000"],
    [{}, TWAMP6, 8952, "jumbo:size=9000"],
    [{ size: 1500 }, STAMP4, 1472, "jumbo:size=1500"],
    [{ size: 42 }, TWAMP4, 14, "jumbo:size=42"],
    [{ size: 62 }, TWAMP6, 14, "jumbo:size=62"],
    [{ size: 72 }, STAMP4, 44, "jumbo:size=72"],
    [{ size: 76 }, STAMP4, 48, "jumbo:size=76"],
    [{ size: 65_535 }, TWAMP4, 65_507, "jumbo:size=65535"],
    [{ size: 65_555 }, STAMP6, 65_507, "jumbo:size=65555"],
  ];
  for (const [options, packet, size, name] of cases) {
    assert.equal(payload(jumbo, options, packet), size);
    assert.equal(jumbo.create(options, packet).name, name);
  }
});

test("the fill is in the name when it is not zeros", () => {
  assert.equal(fixed.create({ padding: 5, fill: "random" }, TWAMP4).name, "fixed:padding=5,fill=random");
  assert.equal(jumbo.create({ fill: "pattern" }, TWAMP4).name, "jumbo:size=9000,fill=pattern");
  assert.equal(jumbo.create({ fill: "zeros" }, TWAMP4).name, "jumbo:size=9000");
});

test("a size that cannot be is refused in one line that says which can", () => {
  const cases: [TrafficPlugin, PluginOptions, PacketShape, string][] = [
    [fixed, { padding: 65_494 }, TWAMP4, "padding 65494 of the fixed profile is out of range: give 0 to 65493 octets"],
    [fixed, { padding: 65_460 }, STAMP6, "padding 65460 of the fixed profile is out of range: give 0 to 65459 octets"],
    [fixed, { padding: -1 }, TWAMP4, "padding -1 of the fixed profile is out of range: give 0 to 65493 octets"],
    [fixed, { padding: 2.5 }, TWAMP4, "padding 2.5 of the fixed profile is out of range: give 0 to 65493 octets"],
    [
      jumbo,
      { size: 41 },
      TWAMP4,
      "size 41 of the jumbo profile is out of range: give 42 to 65535 octets over IPv4",
    ],
    [
      jumbo,
      { size: 65_556 },
      STAMP6,
      "size 65556 of the jumbo profile is out of range: give 92 to 65555 octets over IPv6",
    ],
    [
      jumbo,
      { size: 74 },
      STAMP4,
      "size 74 of the jumbo profile leaves no room for a header of padding: give 72, or 76 and more",
    ],
    [jumbo, { fill: "ones" }, TWAMP4, "fill 'ones' is unknown: give zeros, pattern, random"],
  ];
  for (const [plugin, options, packet, message] of cases) {
    assert.throws(() => plugin.create(options, packet), (error) => {
      assert.ok(error instanceof OptionError);
      assert.equal(error.message, message);
      return true;
    });
  }
});

test("a STAMP payload always has room for the header of its padding", () => {
  for (let size = 72; size < 200; size++) {
    const fits = size === 72 || size >= 76;
    if (fits) assert.equal(payload(jumbo, { size }, shape("stamp", 4)), size - 28);
    else assert.throws(() => jumbo.create({ size }, shape("stamp", 4)), OptionError);
  }
});
