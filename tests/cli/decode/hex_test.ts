import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHex } from "../../../cli/decode/hex.ts";
import { OptionError } from "../../../core/errors.ts";

function octets(text: string): number[][] {
  return parseHex(text).packets.map((packet) => [...packet]);
}

for (
  const text of [
    "00010aff",
    "00010AFF",
    "00 01 0a ff",
    "00:01:0a:ff",
    "0001 0aff",
    "0x00010aff",
    "0x00 0x01 0X0a 0xff",
    "0x00, 0x01, 0x0a, 0xff",
    "0001\n0aff\n",
    "0001\r\n0aff\r\n",
    "  0001\t0aff  ",
    "# a comment\n0001 # another, 99\n0aff",
    "0x0000:  0001 0aff",
    "\t0x0000:  0001 0aff                 ....",
    "00000000: 0001 0aff                                ....",
    "14:07:26.8 IP 192.0.2.1.9 > 192.0.2.2.9: UDP, length 4\n\t0x0000:  0001\n\t0x0002:  0aff",
  ]
) {
  test(JSON.stringify(text), () => assert.deepEqual(octets(text), [[0, 1, 0x0a, 0xff]]));
}

test("an empty line, or an offset of 0, starts another packet", () => {
  assert.deepEqual(octets("00\n\n01\n02\n\n\n03"), [[0], [1, 2], [3]]);
  assert.deepEqual(octets("0000: 00\n0001: 01\n0000: 02"), [[0, 1], [2]]);
});

test("only a dump is one", () => {
  assert.equal(parseHex("0000:  00").dump, true);
  assert.equal(parseHex("00:00:00:00").dump, false);
});

for (
  const [text, message] of [
    ["", "no packet given: type its octets in hex, as in 00000001eeaacace…"],
    ["# nothing\n\n", "no packet given: type its octets in hex, as in 00000001eeaacace…"],
    ["000", "odd number of hex digits (3) at line 1, column 1: give two for each octet"],
    ["00 1", "odd number of hex digits (1) at line 1, column 4: give two for each octet"],
    ["00\n0x123", "odd number of hex digits (3) at line 2, column 3: give two for each octet"],
    ["00 0g", '"g" at line 1, column 5 is no hex digit: give 0 to 9 and a to f'],
    ["00\u0007", "U+0007 at line 1, column 3 is no hex digit: give 0 to 9 and a to f"],
    ["00😀", '"😀" at line 1, column 3 is no hex digit: give 0 to 9 and a to f'],
    ["0000:  00\n0010:  01", "line 2 has offset 16, but 1 octets came before it: give the whole dump"],
    ["0010:  00", "line 1 has offset 16, but 0 octets came before it: give the whole dump"],
    ["0000:  0g", '"g" at line 1, column 9 is no hex digit: give 0 to 9 and a to f'],
    ["00".repeat(65_536), "packet 1 has 65536 octets, 65535 at most fit: put an empty line between packets"],
  ]
) {
  test(`refused: ${JSON.stringify(text.slice(0, 30))}`, () => {
    assert.throws(() => parseHex(text), (error) => error instanceof OptionError && error.message === message);
  });
}
