/** Sockets of Linux, one beside another on loopback. */
import { after, test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { createTxStamps, SlotFlag } from "../../../../core/batch.ts";
import type { DatagramSocket, SocketOptions } from "../../../../core/transport.ts";
import { createFfiTransport } from "../../../../plugins/transport/ffi/mod.ts";

const transport = createFfiTransport();
const skip = transport.probe() === undefined || process.platform !== "linux" ? "no ffi transport of Linux here" : false;
const open: DatagramSocket[] = [];
after(() => open.forEach((socket) => socket.close()));

async function bind(options: Partial<SocketOptions> = {}): Promise<DatagramSocket> {
  const socket = await transport.openDatagram({ hostname: "127.0.0.1", port: 0, ...options });
  open.push(socket);
  return socket;
}

/** A batch of `count` datagrams for `to`, with tokens from 0. */
function batchFor(to: DatagramSocket, from: DatagramSocket, count: number) {
  const tx = from.createBatch();
  const peer = from.peer("127.0.0.1", to.address.port);
  for (tx.count = 0; tx.count < count; tx.count++) {
    tx.token[tx.count] = tx.count;
    tx.length[tx.count] = 50;
    tx.peer.set(peer, tx.count * peer.length);
  }
  return tx;
}

test("a closed socket leaves the one alone that has its descriptor now", { skip }, async () => {
  const [far, closed] = [await bind(), await bind({ txStamps: true })];
  closed.close();
  const near = await bind({ txStamps: true });
  await near.send(batchFor(far, near, 1));
  const stamps = createTxStamps(4);
  assert.deepEqual([closed.networkErrors?.count, closed.lostInHost], [0, null]);
  assert.equal(closed.txStamps!(stamps, transport.clock().mono() + 5e6), 0);
  for (let i = 0; i < 3; i++) assert.equal(await closed.receive(closed.createBatch(), Infinity), 0);
  assert.equal(near.txStamps!(stamps, transport.clock().mono() + 50e6), 1);
});

test("a socket whose transmit stamps nobody takes still receives", { skip }, async () => {
  const [far, near] = [await bind(), await bind({ txStamps: true })];
  const [rx, tx] = [far.createBatch(), batchFor(far, near, 64)];
  for (let i = 0; i < 400; i++) {
    await near.send(tx);
    await far.receive(rx, 0);
    await near.receive(rx, 0);
  }
  await near.receive(rx, transport.clock().mono() + 10e6);
  await far.send(batchFor(near, far, 10));
  assert.equal(await near.receive(rx, transport.clock().mono() + 100e6), 10);
});

test("a socket that asks for marked ones tells when these left, and of no others", { skip }, async () => {
  for (const hostname of ["127.0.0.1", "0.0.0.0", "::"]) {
    const [far, near] = [await bind(), await bind({ hostname, dualStack: true, txStamps: "marked" })];
    if (near.txStamps === undefined) return; // a kernel before 4.7
    assert.equal(near.capabilities.txStamp, "kernel");
    const tx = batchFor(far, near, 20);
    for (let slot = 0; slot < tx.count; slot++) {
      tx.token[slot] = 1000 + slot;
      tx.flags[slot] = slot % 5 === 2 ? SlotFlag.WANTS_TX_STAMP : 0;
    }
    const stamps = createTxStamps(64);
    assert.equal(await near.send(tx), 20);
    const before = Date.now() / 1000;
    assert.equal(near.txStamps(stamps, transport.clock().mono() + 50e6), 4, hostname);
    assert.deepEqual([...stamps.token.subarray(0, 4)], [1002, 1007, 1012, 1017]);
    for (let i = 0; i < 4; i++) {
      assert.equal(stamps.flags[i], SlotFlag.KERNEL_STAMP);
      assert.ok(Math.abs(stamps.stamp[2 * i] - before) < 2);
    }
    tx.flags.fill(0);
    await near.send(tx);
    assert.equal(near.txStamps(stamps), 0);
  }
});

test("stamps of marked datagrams that nobody takes do not fill the buffer", { skip }, async () => {
  const [far, near] = [await bind(), await bind({ txStamps: "marked" })];
  const [rx, tx] = [far.createBatch(), batchFor(far, near, 64)];
  tx.flags.fill(SlotFlag.WANTS_TX_STAMP);
  for (let i = 0; i < 400; i++) {
    await near.send(tx);
    await far.receive(rx, 0);
    await near.receive(rx, 0);
  }
  await near.receive(rx, transport.clock().mono() + 10e6);
  await far.send(batchFor(near, far, 10));
  assert.equal(await near.receive(rx, transport.clock().mono() + 100e6), 10);
});
