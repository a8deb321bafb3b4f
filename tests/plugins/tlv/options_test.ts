/** What TLVs of a sender are refused, because their RFC forbids them. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { OptionError } from "../../../core/errors.ts";
import { make, named } from "./support.ts";

test("Return Path: what cannot stand together, and what is no segment, is refused", () => {
  const path = (options: Record<string, string>) => make(named("return-path"), options);
  for (
    const [options, line] of [
      [{ code: "no-reply", address: "192.0.2.1" }, /goes with nothing else/],
      [{ code: "same-link", mpls: "16" }, /goes with nothing else/],
      [{ mpls: "16", srv6: "2001:db8::1" }, /one list of segments/],
      [{ mpls: "" }, /no list of labels/],
      [{ mpls: "1048576" }, /no list of labels/],
      [{ srv6: "" }, /no address/],
      [{ srv6: "192.0.2.1" }, /no IPv6 address/],
      [{}, /is empty/],
    ] as [Record<string, string>, RegExp][]
  ) {
    assert.throws(() => path(options), (error) => error instanceof OptionError && line.test(error.message));
  }
  assert.equal(path({ srv6: "2001:db8::1+2001:db8::2" }).length, 4 + 32);
  assert.equal(path({ mpls: "16+17", address: "192.0.2.1" }).length, 8 + 4 + 8);
});
