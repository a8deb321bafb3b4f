/** Between the system calls of the ffi transport nothing is allocated a packet: a real socket on loopback. */
import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { peerOctets } from "../../core/address.ts";
import { parseAddress } from "../../core/address.ts";
import type { Stamp } from "../../core/transport.ts";
import { createFfiTransport } from "../../plugins/transport/ffi/mod.ts";
import { growthPerAsyncRound } from "../support/heap.ts";
import { reflector } from "../support/run.ts";

const SLOTS = 64;
const SIZE = 64;
/**
 * V8 boxes clock readings, 16 octets each and a few a batch, and two sockets of one thread wait by a promise each: that is
 * some 480 octets a batch. An object a packet would be 16 at the least.
 */
const LIMIT = 12;
const ROUNDS = 2000;

const transport = createFfiTransport();
const skip = transport.probe() === undefined || process.platform !== "linux" ? "no ffi transport of Linux here" : false;

test("receiving, reflecting and sending by system calls allocates nothing a packet", { skip }, async () => {
  const far = await transport.openDatagram({ hostname: "127.0.0.1", port: 0 });
  const near = await transport.openDatagram({ hostname: "127.0.0.1", port: 0 });
  try {
    const clock = transport.clock();
    const session = reflector({ mode: "stateful" });
    const stamp: Stamp = (batch, from, to) => session.stampTransmit(batch, clock, from, to);
    const [tx, batch, rx] = [near.createBatch(), far.createBatch(), near.createBatch()];
    const peer = peerOctets(parseAddress("127.0.0.1")!, far.address.port);
    let answered = 0;
    const answer = () => {
      session.reflect(1, batch);
      far.send(batch, stamp);
      const coming = near.receive(rx, 0);
      answered += rx.count;
      // Once in a while it is a turn of the event loop that is waited for.
      return typeof coming === "number" ? undefined : coming;
    };
    const growth = await growthPerAsyncRound((round) => {
      tx.count = SLOTS;
      for (let slot = 0; slot < SLOTS; slot++) {
        tx.view.setUint32(slot * tx.stride, round * SLOTS + slot);
        tx.length[slot] = SIZE;
        tx.peer.set(peer, slot * peer.length);
      }
      near.send(tx);
      const coming = far.receive(batch, 0);
      return typeof coming === "number" ? answer() : coming.then(answer);
    }, ROUNDS);
    assert.ok(answered > ROUNDS * SLOTS, `${answered} replies`);
    assert.ok(growth / SLOTS < LIMIT, `${growth / SLOTS} octets a packet`);
  } finally {
    far.close();
    near.close();
  }
});
