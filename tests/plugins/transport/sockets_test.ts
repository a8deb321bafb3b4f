/** Every transport that works on this runtime, over loopback. */
import { after, test } from "node:test";
import assert from "node:assert/strict";
import { parseAddress, peerOctets } from "../../../core/address.ts";
import { createBatch, SlotFlag } from "../../../core/batch.ts";
import { driveReflector, driveSender } from "../../../core/drive.ts";
import { TransportError } from "../../../core/errors.ts";
import { createSender } from "../../../core/session/sender.ts";
import { createStats } from "../../../core/stats/stats.ts";
import type { AbortSignalLike, DatagramSocket, Transport } from "../../../core/transport.ts";
import { createMemoryTransport } from "../../../plugins/transport/memory.ts";
import { TRANSPORTS } from "../../../plugins/transport/mod.ts";
import { everyMs, senderOptions } from "../../support/sim.ts";
import { sealOf, spec, testSessions } from "../../support/test_sessions.ts";
import { finish, reflector } from "../../support/run.ts";

const never = new AbortController().signal;
const open: DatagramSocket[] = [];
after(() => open.forEach((socket) => socket.close()));

async function bind(transport: Transport, hostname: string, port = 0): Promise<DatagramSocket> {
  const socket = await transport.openDatagram({ hostname, port });
  open.push(socket);
  return socket;
}

const working = TRANSPORTS.map((plugin) => plugin.create({})).filter((transport) => transport.probe() !== undefined);

test("this runtime has a transport of its own and the fallback", () => {
  assert.ok(working.length >= 2, working.map((transport) => transport.name).join());
});

/** A loop that asks it too often goes round for nothing. */
function patient(): AbortSignalLike {
  let asked = 0;
  return {
    get aborted() {
      if (++asked > 100) throw new Error("goes round and round");
      return false;
    },
    addEventListener: () => {},
    removeEventListener: () => {},
  };
}

async function endByClose(transport: Transport): Promise<void> {
  const [far, near] = [await bind(transport, "127.0.0.1"), await bind(transport, "127.0.0.1")];
  const reflecting = driveReflector(reflector(), far, transport.clock(), patient());
  const peer = peerOctets(parseAddress("127.0.0.1")!, far.address.port);
  const sender = createSender(senderOptions({ peer, count: Infinity, schedule: everyMs(20) }));
  let received = 0;
  await driveSender(sender, near, transport.clock(), patient(), () => {
    if (++received === 2) [near, far].forEach((socket) => socket.close());
  });
  await reflecting;
  assert.ok(sender.done && received === 2);
  // And of one that is closed already.
  await driveReflector(reflector(), far, transport.clock(), patient());
}

test("memory: who closes a socket ends the loops on it", () => endByClose(createMemoryTransport()));

const LARGE = { name: "test", maxSize: 120, size: () => 120, fill: () => {} };

for (const transport of working) {
  for (const hostname of ["127.0.0.1", "::1"]) {
    test(`${transport.name}: a measurement over ${hostname}`, async () => {
      const far = await bind(transport, hostname);
      const near = await bind(transport, hostname);
      const stop = new AbortController();
      const session = reflector();
      const reflecting = driveReflector(session, far, transport.clock(), stop.signal);
      const peer = peerOctets(parseAddress(hostname)!, far.address.port);
      const sender = createSender(senderOptions({ peer, count: 20, schedule: everyMs(2) }));
      const stats = createStats({ reflectorCounts: true });
      await driveSender(sender, near, transport.clock(), never, (probe) => stats.record(probe));
      stop.abort();
      await reflecting;
      const snapshot = finish(sender, stats);
      assert.deepEqual([snapshot.sent, snapshot.received, snapshot.unexpected], [20, 20, 0]);
      assert.equal(session.counters.reflected, 20);
      // One clock stamps all four: each way takes time, and together they are the round trip.
      assert.ok(snapshot.forward.min! > 0 && snapshot.backward.min! > 0 && snapshot.residence.min! >= 0);
      assert.ok(snapshot.rtt.max! < 1e9);
    });
  }

  test(`${transport.name}: sealed sessions, whose probes and replies are sealed on their way out`, async () => {
    for (const mode of ["authenticated", "encrypted"] as const) {
      const far = await bind(transport, "127.0.0.1");
      const near = await bind(transport, "127.0.0.1");
      const stop = new AbortController();
      const sessions = testSessions();
      const local = peerOctets(parseAddress("127.0.0.1")!, near.address.port);
      sessions.add(spec({ peer: local, seal: sealOf(mode) }))!.start(transport.clock().mono());
      const reflecting = driveReflector(sessions, far, transport.clock(), stop.signal);
      const peer = peerOctets(parseAddress("127.0.0.1")!, far.address.port);
      // Several are due at once, so that they share batches.
      let n = 0;
      const schedule = { name: "test", next: () => n++ % 5 === 0 ? 2e6 : 0 };
      const sender = createSender(senderOptions({ peer, count: 50, schedule, seal: sealOf(mode), traffic: LARGE }));
      let received = 0;
      await driveSender(sender, near, transport.clock(), never, (probe) => received += probe.flags & 1);
      stop.abort();
      await reflecting;
      assert.deepEqual([received, sender.counters.forged, sender.counters.unexpected], [50, 0, 0], mode);
      assert.deepEqual(sender.peerReport().findings, []);
    }
  });

  test(`${transport.name}: a wildcard IPv6 socket takes IPv4 as well`, async () => {
    const far = await bind(transport, "::");
    const stop = new AbortController();
    const reflecting = driveReflector(reflector(), far, transport.clock(), stop.signal);
    for (const hostname of ["127.0.0.1", "::1"]) {
      const near = await bind(transport, hostname);
      const peer = peerOctets(parseAddress(hostname)!, far.address.port);
      const sender = createSender(senderOptions({ peer, count: 3, schedule: everyMs(1) }));
      let received = 0;
      await driveSender(sender, near, transport.clock(), never, (probe) => received += probe.flags & 1);
      assert.equal(received, 3, hostname);
    }
    stop.abort();
    await reflecting;
  });

  test(`${transport.name}: the largest datagram arrives whole, a larger one than the slot flagged`, async () => {
    const far = await transport.openDatagram({ hostname: "127.0.0.1", port: 0, stride: 2000 });
    const near = await transport.openDatagram({ hostname: "127.0.0.1", port: 0, stride: 65_536 });
    open.push(far, near);
    const peer = peerOctets(parseAddress("127.0.0.1")!, far.address.port);
    const [tx, rx] = [createBatch(1, 65_536), createBatch(1, 2000)];
    for (
      const [length, got, flags] of [[2000, 2000, 0], [2001, 2000, SlotFlag.TRUNCATED], [
        65_507,
        2000,
        SlotFlag.TRUNCATED,
      ]]
    ) {
      tx.count = 1;
      tx.length[0] = length;
      tx.peer.set(peer);
      assert.equal(await near.send(tx), 1);
      assert.equal(await far.receive(rx, transport.clock().mono() + 5e9), 1);
      assert.deepEqual([rx.length[0], rx.flags[0] & SlotFlag.TRUNCATED], [got, flags]);
    }
  });

  test(`${transport.name}: batches are as small as asked for, and what does not fit is there at the next call`, async () => {
    const most = (await bind(transport, "127.0.0.1")).createBatch().capacity;
    for (const [batch, slots] of [[4, Math.min(4, most)], [0, 1], [1e6, most]]) {
      const far = await transport.openDatagram({ hostname: "127.0.0.1", port: 0, batch });
      const near = await bind(transport, "127.0.0.1");
      open.push(far);
      const rx = far.createBatch();
      assert.equal(rx.capacity, slots);
      const tx = createBatch(10, 64);
      const peer = peerOctets(parseAddress("127.0.0.1")!, far.address.port);
      for (; tx.count < 10; tx.count++) {
        tx.length[tx.count] = 20 + tx.count;
        tx.peer.set(peer, tx.count * peer.length);
      }
      await near.send(tx);
      const came: number[] = [];
      const until = transport.clock().mono() + 5e9;
      while (came.length < 10 && await far.receive(rx, until) > 0) {
        assert.ok(rx.count <= slots);
        came.push(...rx.length.subarray(0, rx.count));
      }
      assert.deepEqual(came.sort(), [...tx.length]);
    }
  });

  test(`${transport.name}: a wait ends at its time, at a wake and at a close`, async () => {
    const socket = await bind(transport, "127.0.0.1");
    const [rx, clock] = [socket.createBatch(), transport.clock()];
    const until = clock.mono() + 20e6;
    assert.equal(await socket.receive(rx, until), 0);
    assert.ok(clock.mono() >= until, "not before its time");
    const waiting = socket.receive(rx, Infinity);
    socket.wake();
    assert.equal(await waiting, 0);
    const closing = socket.receive(rx, Infinity);
    socket.close();
    assert.equal(await closing, 0);
  });

  test(`${transport.name}: who closes a socket ends the loops on it`, () => endByClose(transport));

  test(`${transport.name}: a port in use and an address of another host are refused in one line`, async () => {
    const { address } = await bind(transport, "127.0.0.1");
    for (
      const [hostname, port, code] of [["127.0.0.1", address.port, "in-use"], ["192.0.2.77", 0, "not-local"]] as const
    ) {
      await assert.rejects(bind(transport, hostname, port), (error: TransportError) => {
        assert.equal(error.code, code);
        assert.match(error.message, /^[^\n]+$/);
        return error.message.includes(hostname);
      });
    }
  });

  test(`${transport.name}: what it cannot set is refused, never left out in silence`, async () => {
    const can = transport.probe()!;
    const asked: [boolean, object][] = [[can.setTos, { tos: 8 }], [can.setTtl, { ttl: 9 }], [can.dontFragment, {
      dontFragment: true,
    }]];
    for (const [able, option] of asked) {
      const opening = transport.openDatagram({ hostname: "127.0.0.1", port: 0, ...option });
      if (able) open.push(await opening);
      else await assert.rejects(opening, (error: TransportError) => error.code === "unsupported");
    }
  });

  test(`${transport.name}: a peer that cannot be reached is counted, not thrown`, async () => {
    const socket = await bind(transport, "127.0.0.1");
    const tx = socket.createBatch();
    tx.count = 1;
    tx.length[0] = 20;
    tx.peer.set(peerOctets(parseAddress("2001:db8::1")!, 9)); // IPv6 from an IPv4 socket
    assert.equal(await socket.send(tx) === 0, tx.length[0] === 0, "what did not leave has no length");
    if (transport.name !== "node") assert.equal(tx.length[0], 0);
    const rx = socket.createBatch();
    await socket.receive(rx, transport.clock().mono() + 5e6); // node:dgram tells later
    assert.equal(socket.sendErrors, 1);
    assert.ok(socket.lastSendError);
  });
}
