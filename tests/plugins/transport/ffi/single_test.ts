/** The machine for single messages, over loopback of Linux: with ppoll as on FreeBSD, with select as on macOS. */
import { after, test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { formatAddress, parseAddress, peerOctets } from "../../../../core/address.ts";
import { createBatch, PEER_SIZE, SlotFlag } from "../../../../core/batch.ts";
import { driveReflector, driveSender } from "../../../../core/drive.ts";
import { TransportError } from "../../../../core/errors.ts";
import { createSender } from "../../../../core/session/sender.ts";
import { createStats } from "../../../../core/stats/stats.ts";
import type { DatagramSocket, SocketOptions, Transport } from "../../../../core/transport.ts";
import { fixedMemory } from "../../../../plugins/transport/ffi/native.ts";
import { openNative } from "../../../../plugins/transport/ffi/open_native.ts";
import { Messages } from "../../../../plugins/transport/ffi/single/messages.ts";
import { AF_INET, SOCKADDR_IN, SOCKADDR_IN6, writeName } from "../../../../plugins/transport/ffi/single/names.ts";
import { openSingleTransport } from "../../../../plugins/transport/ffi/single/transport.ts";
import { growthPerRound } from "../../../support/heap.ts";
import { finish, reflector } from "../../../support/run.ts";
import { everyMs, senderOptions } from "../../../support/sim.ts";
import { linuxSystem } from "./linux_system.ts";

const never = new AbortController().signal;
const open: DatagramSocket[] = [];
after(() => open.forEach((socket) => socket.close()));

async function bind(transport: Transport, hostname: string, options: Partial<SocketOptions> = {}) {
  const socket = await transport.openDatagram({ hostname, port: 0, ...options });
  open.push(socket);
  return socket;
}

/** Sends `length` octets from one socket to `host` of the other's port, and receives them there. */
async function pass(transport: Transport, near: DatagramSocket, far: DatagramSocket, host: string, length = 20) {
  const [tx, rx] = [near.createBatch(), far.createBatch()];
  tx.count = 1;
  tx.length[0] = length;
  tx.peer.set(near.peer(host, far.address.port));
  assert.equal(await near.send(tx), 1, near.lastSendError ?? "");
  assert.equal(await far.receive(rx, transport.clock().mono() + 5e9), 1);
  return rx;
}

const skip = process.platform === "linux" ? false : "its numbers are those of Linux";

for (const wait of ["ppoll", "select"] as const) {
  const system = linuxSystem(wait);
  // Loaded when the tests run: elsewhere there is nothing to load.
  const load = (table = system) => {
    const opened = openSingleTransport(table);
    if (typeof opened === "string") throw new Error(opened);
    return opened;
  };

  for (const hostname of ["127.0.0.1", "::1"]) {
    test(`${wait}: a measurement over ${hostname}`, { skip }, async () => {
      const transport = load();
      const [far, near] = [await bind(transport, hostname), await bind(transport, hostname)];
      const stop = new AbortController();
      const session = reflector();
      const reflecting = driveReflector(session, far, transport.clock(), stop.signal);
      const peer = near.peer(hostname, far.address.port);
      const sender = createSender(senderOptions({ peer, count: 40, schedule: everyMs(4) }));
      const stats = createStats({ reflectorCounts: true });
      let ttl = 0;
      await driveSender(sender, near, transport.clock(), never, (probe) => {
        stats.record(probe);
        ttl += probe.ttlForward;
      });
      stop.abort();
      await reflecting;
      const snapshot = finish(sender, stats);
      assert.deepEqual([snapshot.sent, snapshot.received, snapshot.unexpected], [40, 40, 0]);
      assert.equal(ttl, 40 * 64, "the reflector read it");
      assert.ok(snapshot.rtt.min! > 0 && snapshot.rtt.max! < 1e9);
    });
  }

  test(
    `${wait}: on a wildcard socket for both families replies leave from where probes came to`,
    { skip },
    async () => {
      const transport = load();
      const far = await bind(transport, "::", { dualStack: true, tos: 0x28, ttl: 44 });
      for (const [hostname, to] of [["127.0.0.1", "127.0.0.2"], ["::1", "::1"]]) {
        const near = await bind(transport, hostname, { tos: 0xb8, ttl: 33 });
        const rx = await pass(transport, near, far, to);
        assert.equal(formatAddress(rx.local), to);
        const told = SlotFlag.IP_HEADER | SlotFlag.TOS | SlotFlag.KERNEL_STAMP;
        assert.deepEqual([rx.ttl[0], rx.tos[0], rx.flags[0]], [33, 0xb8, told]);
        assert.equal(await far.send(rx), 1, far.lastSendError ?? "");
        const reply = near.createBatch();
        assert.equal(await near.receive(reply, transport.clock().mono() + 5e9), 1);
        assert.deepEqual(reply.peer.subarray(0, PEER_SIZE), near.peer(to, far.address.port));
        assert.deepEqual([reply.ttl[0], reply.tos[0]], [44, 0x28]);
      }
    },
  );

  test(`${wait}: so they do on one for IPv4`, { skip }, async () => {
    const transport = load();
    const far = await bind(transport, "0.0.0.0");
    const near = await bind(transport, "127.0.0.1");
    const rx = await pass(transport, near, far, "127.0.0.3");
    assert.equal(await far.send(rx), 1, far.lastSendError ?? "");
    const reply = near.createBatch();
    assert.equal(await near.receive(reply, transport.clock().mono() + 5e9), 1);
    assert.equal(formatAddress(reply.peer), "127.0.0.3");
  });

  test(
    `${wait}: the kernel's stamp is before ours, and none is there if user stamps are asked for`,
    { skip },
    async () => {
      const transport = load();
      const near = await bind(transport, "127.0.0.1");
      const far = await bind(transport, "127.0.0.1");
      // The kernel turns stamping on some time after it was asked to.
      for (let i = 0;; i++) {
        const { flags, stamp, readAt } = await pass(transport, near, far, "127.0.0.1");
        if (flags[0] & SlotFlag.KERNEL_STAMP) {
          const lag = (readAt[0] - stamp[0]) * 1e9 + (readAt[1] - stamp[1]);
          assert.ok(lag > 0 && lag < 1e9, `${lag} ns`);
          break;
        }
        assert.ok(i < 100, "a stamp");
      }
      const user = await bind(transport, "127.0.0.1", { stamps: "user" });
      assert.equal(user.capabilities.rxStamp, "user");
      const { flags, stamp, readAt } = await pass(transport, near, user, "127.0.0.1");
      assert.equal(flags[0] & SlotFlag.KERNEL_STAMP, 0);
      assert.ok(stamp[0] > 0 && readAt[0] === 0);
    },
  );

  test(`${wait}: a larger datagram than the slot is flagged, in batches from elsewhere too`, { skip }, async () => {
    const transport = load();
    const near = await bind(transport, "127.0.0.1", { stride: 65_536 });
    const far = await bind(transport, "127.0.0.1", { stride: 2000 });
    for (const length of [2000, 2001, 65_507]) {
      const rx = await pass(transport, near, far, "127.0.0.1", length);
      assert.deepEqual([rx.length[0], rx.flags[0] & SlotFlag.TRUNCATED], [
        2000,
        length > 2000 ? SlotFlag.TRUNCATED : 0,
      ]);
    }
    const [tx, rx] = [createBatch(1, 65_536), createBatch(1, 1000)];
    tx.count = 1;
    tx.length[0] = 1500;
    tx.peer.set(peerOctets(parseAddress("127.0.0.1")!, far.address.port));
    assert.equal(await near.send(tx), 1);
    assert.equal(await far.receive(rx, transport.clock().mono() + 5e9), 1);
    assert.deepEqual([rx.length[0], rx.flags[0] & SlotFlag.TRUNCATED], [1000, SlotFlag.TRUNCATED]);
  });

  test(`${wait}: what is queued comes in batches, in order`, { skip }, async () => {
    const transport = load();
    const [near, far] = [await bind(transport, "127.0.0.1"), await bind(transport, "127.0.0.1")];
    const [tx, rx] = [near.createBatch(), far.createBatch()];
    const peer = near.peer("127.0.0.1", far.address.port);
    tx.count = tx.capacity;
    for (let slot = 0; slot < tx.count; slot++) {
      tx.length[slot] = slot + 1;
      tx.peer.set(peer, slot * PEER_SIZE);
    }
    let stamped = 0;
    assert.equal(await near.send(tx, (_, from, to) => stamped += to - from), tx.count);
    assert.equal(stamped, tx.count);
    assert.equal(await far.receive(rx, transport.clock().mono() + 5e9), tx.count);
    assert.deepEqual([...rx.length.subarray(0, tx.count)], [...tx.length.subarray(0, tx.count)]);
  });

  test(`${wait}: a closed port is nobody's error`, { skip }, async () => {
    const transport = load();
    const near = await bind(transport, "127.0.0.1");
    const closed = await transport.openDatagram({ hostname: "127.0.0.1", port: 0 });
    closed.close();
    const tx = near.createBatch();
    tx.count = 1;
    tx.length[0] = 20;
    tx.peer.set(near.peer("127.0.0.1", closed.address.port));
    for (let i = 0; i < 3; i++) {
      assert.equal(await near.send(tx), 1);
      assert.equal(await near.receive(near.createBatch(), transport.clock().mono() + 1e6), 0);
    }
    assert.equal(near.sendErrors, 0);
    assert.equal(await closed.receive(tx, Infinity), 0, "nor is a closed socket");
  });

  test(`${wait}: a wait ends at its time, at a wake and at a close`, { skip }, async () => {
    const transport = load();
    const [socket, other] = [await bind(transport, "127.0.0.1"), await bind(transport, "127.0.0.1")];
    const [rx, clock] = [socket.createBatch(), transport.clock()];
    for (const ms of [0.3, 2, 30]) {
      const until = clock.mono() + ms * 1e6;
      assert.equal(await socket.receive(rx, until), 0);
      const late = clock.mono() - until;
      assert.ok(late >= 0 && late < 50e6, `${late} ns late`);
    }
    // Two that sleep share a thread.
    const [waiting, also] = [socket.receive(rx, Infinity), other.receive(other.createBatch(), Infinity)];
    socket.wake();
    assert.equal(await waiting, 0);
    const closing = socket.receive(rx, Infinity);
    socket.close();
    assert.equal(await closing, 0);
    other.wake();
    assert.equal(await also, 0);
  });

  test(`${wait}: what cannot be had is refused in one line`, { skip }, async () => {
    const transport = load();
    const { address } = await bind(transport, "127.0.0.1");
    const cases: [Partial<SocketOptions>, string, RegExp][] = [
      [{ port: address.port }, "in-use", /127\.0\.0\.1/],
      [{ hostname: "192.0.2.77" }, "not-local", /192\.0\.2\.77/],
      [{ hostname: "no.address" }, "unresolved", /no\.address/],
      [{ hostname: "fe80::1%nowhere" }, "not-local", /'nowhere' does not exist: 'ip link'/],
      [{ stamps: "hardware" }, "unsupported", /hardware/],
      [{ interface: "lo" }, "unsupported", /'lo'/],
    ];
    for (const [options, code, words] of cases) {
      await assert.rejects(bind(transport, "127.0.0.1", options), (error: TransportError) => {
        assert.ok(error instanceof TransportError, String(error));
        assert.equal(error.code, code, error.message);
        assert.match(error.message, /^[^\n]+$/);
        return words.test(error.message);
      });
    }
  });

  test(`${wait}: where IPv4's options stop at IPv6 sockets, half of TOS is refused`, { skip }, async () => {
    const half = load({ ...system, ipv4OnIpv6: false });
    for (const options of [{ tos: 8 }, { dontFragment: true }]) {
      const both = bind(half, "::", { dualStack: true, ...options });
      await assert.rejects(both, (error: TransportError) => error.code === "unsupported" && /-4/.test(error.message));
      await bind(half, "::", options);
      await bind(half, "::1", options);
    }
    await bind(half, "::", { dualStack: true, ttl: 9, dontFragment: false });
  });

  test(`${wait}: a datagram there and back makes no garbage`, { skip }, async () => {
    // Without the turns of the event loop, which are promises.
    const calls = system.load(openNative()!);
    const { address } = await bind(load(), "127.0.0.1");
    const handle = calls.open(AF_INET)!;
    const name = fixedMemory(SOCKADDR_IN6);
    const peer = peerOctets(parseAddress("127.0.0.1")!, address.port + (address.port < 65_000 ? 1 : -1));
    writeName(system.layout.sockaddr, AF_INET, peer, 0, name, 0);
    assert.equal(calls.bind(handle, name, SOCKADDR_IN), 0);
    const batch = createBatch(4);
    const messages = new Messages(calls.native, system, batch, AF_INET, true);
    const clock = load().clock();
    let sent = 0, came = 0;
    const growth = growthPerRound(() => {
      sent++;
      batch.length[0] = 41;
      batch.peer.set(peer);
      messages.prepare(0);
      if (messages.send(calls, handle, 0) === 41 && messages.receive(calls, handle, clock, 0)) came++;
    }, 2000);
    calls.close(handle);
    assert.ok(came >= sent - 1, `${came} of ${sent} came`);
    assert.ok(growth < 8, `${growth} octets a datagram`);
  });
}
