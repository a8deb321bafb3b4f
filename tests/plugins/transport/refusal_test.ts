/** What is refused before a socket is opened. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { TransportError } from "../../../core/errors.ts";
import type { Capabilities, SocketOptions } from "../../../core/transport.ts";
import { refuseUnsupported } from "../../../plugins/transport/refusal.ts";

const all: Capabilities = {
  batch: 1,
  rxStamp: "user",
  txStamp: "user",
  ipHeader: true,
  setTos: true,
  setTtl: true,
  setHopLimit: true,
  setBothTtl: true,
  dontFragment: true,
  bindInterface: false,
  sharePort: false,
  precise: false,
};

test("where TOS and Don't Fragment reach one family a socket, both families are refused, and one is not", () => {
  for (const option of [{ tos: 8 }, { dontFragment: true }]) {
    const one: SocketOptions = { hostname: "::", port: 0, ...option };
    const both: SocketOptions = { ...one, dualStack: true };
    refuseUnsupported("t", all, both);
    refuseUnsupported("t", { ...all, setBoth: false }, one);
    assert.throws(() => refuseUnsupported("t", { ...all, setBoth: false }, both), TransportError);
  }
  refuseUnsupported("t", { ...all, setBoth: false }, { hostname: "::", port: 0, dualStack: true, ttl: 9 });
});
