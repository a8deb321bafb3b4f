import { test } from "node:test";
import assert from "node:assert/strict";
import { PEER_SIZE } from "../../../core/batch.ts";
import { AddressBook } from "../../../plugins/transport/address_book.ts";

const peer = new Uint8Array(2 * PEER_SIZE);

test("hosts and ports survive the way through octets, at any slot", () => {
  const book = new AddressBook(6);
  for (const host of ["2001:db8::1", "fe80::1%eth0", "fe80::1%lo", "::", "::ffff:192.0.2.1"]) {
    assert.ok(book.write(host, 51_234, peer, PEER_SIZE));
    assert.equal(book.host(peer, PEER_SIZE), host);
    assert.equal(book.port(peer, PEER_SIZE), 51_234);
  }
});

test("a dual-stack socket and an IPv4 one see the same octets for an IPv4 peer", () => {
  const [six, four] = [new AddressBook(6), new AddressBook(4)];
  six.write("::ffff:192.0.2.1", 5, peer, 0);
  four.write("192.0.2.1", 5, peer, PEER_SIZE);
  assert.deepEqual(peer.slice(0, PEER_SIZE), peer.slice(PEER_SIZE));
  assert.equal(four.host(peer, 0), "192.0.2.1");
  assert.equal(six.host(peer, 0), "::ffff:192.0.2.1");
});

test("more peers than are remembered are still told apart", () => {
  const book = new AddressBook(4);
  const name = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 5000; i++) {
      assert.ok(book.write(name(i), i, peer, 0));
      assert.equal(book.host(peer, 0), name(i));
    }
  }
  assert.equal(book.write("not an address", 1, peer, 0), false);
});
