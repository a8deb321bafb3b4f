/** TOS and traffic class of single datagrams, as the far end sees them: loopback of Linux, and the network in memory. */
import { after, test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { type Batch, createBatch, SlotFlag, SOCKET_TOS } from "../../../core/batch.ts";
import { createRandom } from "../../../core/random.ts";
import type { DatagramSocket, SocketOptions, Transport } from "../../../core/transport.ts";
import { createFfiTransport } from "../../../plugins/transport/ffi/mod.ts";
import { createImpairedTransport } from "../../../plugins/transport/impair.ts";
import { createMemoryTransport } from "../../../plugins/transport/memory.ts";

const ffi = createFfiTransport();
const skip = ffi.probe() === undefined || process.platform !== "linux" ? "no ffi transport of Linux here" : false;
const open: DatagramSocket[] = [];
after(() => open.forEach((socket) => socket.close()));

/** With bits of ECN, which are told and sent as they are. */
const NEAR = 0xb9, FAR = 0x2a, OWN = 0x8b;

async function bind(transport: Transport, options: Partial<SocketOptions>): Promise<DatagramSocket> {
  const socket = await transport.openDatagram({ hostname: "127.0.0.1", port: 0, readTos: true, ...options });
  open.push(socket);
  return socket;
}

/** Fills `rx` with `count` datagrams, which are there already or about to be. */
async function take(transport: Transport, socket: DatagramSocket, rx: Batch, count: number): Promise<number[]> {
  const seen: number[] = [];
  while (seen.length < count) {
    assert.ok(await socket.receive(rx, transport.clock().mono() + 5e9) > 0, `${seen.length} of ${count}`);
    for (let slot = 0; slot < rx.count; slot++) {
      assert.ok(rx.flags[slot] & SlotFlag.TOS, "is told");
      assert.ok(rx.flags[slot] & SlotFlag.IP_HEADER, "and the TTL");
      seen.push(rx.tos[slot]);
    }
  }
  return seen;
}

/** Probes go from near to `to`; replies to them leave with TOS of their own, or without. */
async function converse(transport: Transport, near: DatagramSocket, far: DatagramSocket, to: string, rx: Batch) {
  const [tx, back] = [near.createBatch(), near.createBatch()];
  const peer = near.peer(to, far.address.port);
  const probe = async () => {
    for (tx.count = 0; tx.count < 4; tx.count++) {
      tx.length[tx.count] = 20;
      tx.peer.set(peer, tx.count * peer.length);
    }
    assert.equal(await near.send(tx), 4, near.lastSendError ?? "");
    assert.deepEqual(await take(transport, far, rx, 4), [NEAR, NEAR, NEAR, NEAR]);
  };
  await probe();
  rx.txTos.set([OWN, SOCKET_TOS, 0, 255]);
  assert.equal(await far.send(rx), 4, far.lastSendError ?? "");
  assert.deepEqual(await take(transport, near, back, 4), [OWN, FAR, 0, 255]);
  await probe();
  assert.equal(await far.send(rx), 4, far.lastSendError ?? "");
  assert.deepEqual(await take(transport, near, back, 4), [FAR, FAR, FAR, FAR], "what was set is for one datagram");
}

for (
  const [hostname, to, dualStack] of [
    ["127.0.0.1", "127.0.0.1", false],
    ["0.0.0.0", "127.0.0.1", false],
    ["::1", "::1", false],
    ["::", "::1", true],
    ["::", "127.0.0.1", true],
  ] as const
) {
  for (const txStamps of [false, true]) {
    const how = txStamps ? ", with transmit stamps" : "";
    test(`replies of ${hostname} to ${to} leave with TOS of their own${how}`, { skip }, async () => {
      const near = await bind(ffi, { hostname: to, tos: NEAR });
      const far = await bind(ffi, { hostname, dualStack, tos: FAR, txStamps });
      assert.equal(far.capabilities.perPacketTos, true);
      await converse(ffi, near, far, to, far.createBatch());
      await converse(ffi, near, far, to, createBatch(8, 100)); // not the socket's own
    });
  }
}

test("where the TOS is not asked for it is not said to be 0", { skip }, async () => {
  for (const hostname of ["127.0.0.1", "::1"]) {
    const near = await bind(ffi, { hostname, tos: NEAR });
    const far = await bind(ffi, { hostname, readTos: false });
    const [tx, rx] = [near.createBatch(), far.createBatch()];
    tx.count = 1;
    tx.length[0] = 20;
    tx.peer.set(near.peer(hostname, far.address.port));
    await near.send(tx);
    assert.equal(await far.receive(rx, ffi.clock().mono() + 5e9), 1);
    assert.equal(rx.flags[0] & (SlotFlag.TOS | SlotFlag.IP_HEADER), SlotFlag.IP_HEADER, hostname);
  }
});

test("the network in memory carries TOS of single datagrams", async () => {
  const memory = createMemoryTransport();
  const near = await bind(memory, { tos: NEAR });
  const far = await bind(memory, { tos: FAR });
  await converse(memory, near, far, "127.0.0.1", far.createBatch());
});

test("copies of a spoilt datagram keep its TOS", async () => {
  const memory = createMemoryTransport();
  const twice = { drop: 0, duplicate: 1, delay: 0, reorder: 0, maxDelayNs: 0 };
  const near = await bind(createImpairedTransport(memory, twice, createRandom(new Uint8Array(16), "tos")), {
    tos: FAR,
  });
  const far = await bind(memory, {});
  const [tx, rx] = [near.createBatch(), far.createBatch()];
  for (tx.count = 0; tx.count < 3; tx.count++) {
    tx.length[tx.count] = 20;
    tx.peer.set(near.peer("127.0.0.1", far.address.port), 24 * tx.count);
  }
  tx.txTos.set([OWN, SOCKET_TOS, 1]);
  await near.send(tx);
  assert.deepEqual(await take(memory, far, rx, 6), [OWN, FAR, 1, OWN, FAR, 1]);
});
