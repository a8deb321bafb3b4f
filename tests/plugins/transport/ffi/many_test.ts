/** Many sockets in one thread, over loopback: by epoll and SIGIO as on Linux, by ppoll and by select as elsewhere. */
import { after, test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { driveReflector, driveSender } from "../../../../core/drive.ts";
import { createSender } from "../../../../core/session/sender.ts";
import type { DatagramSocket, SocketOptions, Transport } from "../../../../core/transport.ts";
import { createFfiTransport } from "../../../../plugins/transport/ffi/mod.ts";
import { openSingleTransport } from "../../../../plugins/transport/ffi/single/transport.ts";
import { reflector } from "../../../support/run.ts";
import { senderOptions } from "../../../support/sim.ts";
import { linuxSystem } from "./linux_system.ts";

const open: DatagramSocket[] = [];
after(() => open.forEach((socket) => socket.close()));

async function bind(transport: Transport, options: Partial<SocketOptions> = {}): Promise<DatagramSocket> {
  const socket = await transport.openDatagram({ hostname: "127.0.0.1", port: 0, ...options });
  open.push(socket);
  return socket;
}

/** Sends an octet from one socket to the other's port. */
async function pass(near: DatagramSocket, far: DatagramSocket): Promise<void> {
  const tx = near.createBatch();
  tx.count = tx.length[0] = 1;
  tx.peer.set(near.peer("127.0.0.1", far.address.port));
  assert.equal(await near.send(tx), 1, near.lastSendError ?? "");
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

const skip = process.platform === "linux" ? false : "its numbers are those of Linux";
const single = (wait: "ppoll" | "select") => () => {
  const opened = openSingleTransport(linuxSystem(wait));
  if (typeof opened === "string") throw new Error(opened);
  return opened;
};
const systems = { epoll: createFfiTransport, ppoll: single("ppoll"), select: single("select") };

const SESSIONS = 20;
const COUNT = 50;
const INTERVAL_NS = 10e6;

for (const [name, load] of Object.entries(systems)) {
  test(`${name}: ${SESSIONS} sessions and their reflectors in one thread`, { skip }, async () => {
    const transport = load();
    const clock = transport.clock();
    const stop = new AbortController();
    const reflecting: Promise<void>[] = [];
    const lateness: number[] = [];
    let received = 0;
    const running: Promise<void>[] = [];
    for (let n = 0; n < SESSIONS; n++) {
      const [far, near] = [await bind(transport), await bind(transport, { txStamps: true })];
      reflecting.push(driveReflector(reflector(), far, clock, stop.signal));
      let due = NaN;
      const schedule = {
        name: "staggered",
        next() {
          // The one before leaves now.
          if (!Number.isNaN(due)) lateness.push(clock.mono() - due);
          const gap = Number.isNaN(due) ? 20e6 + INTERVAL_NS * n / SESSIONS : INTERVAL_NS;
          due = (Number.isNaN(due) ? clock.mono() : due) + gap;
          return gap;
        },
      };
      const peer = near.peer("127.0.0.1", far.address.port);
      const session = createSender(senderOptions({ peer, count: COUNT, schedule, timeout: 5e9 }));
      running.push(driveSender(session, near, clock, stop.signal, (probe) => received += probe.flags & 1));
    }
    await Promise.all(running);
    stop.abort();
    await Promise.all(reflecting);
    assert.equal(received, SESSIONS * COUNT);
    // Of taking turns of 5 ms each it is some tens of ms; a machine that is busy with others delays a few.
    assert.ok(median(lateness) < 2e6, `${median(lateness)} ns`);
  });

  test(`${name}: sockets are opened, closed and woken while others wait`, { skip }, async () => {
    const transport = load();
    const clock = transport.clock();
    const near = await bind(transport);
    const counts = Array<number>(12).fill(0);
    const ended: number[] = [];
    let passed = () => {};
    const wait = async (n: number, socket: DatagramSocket, isClosed: () => boolean) => {
      const rx = socket.createBatch();
      while (!isClosed()) {
        counts[n] += await socket.receive(rx, Infinity);
        passed();
      }
      ended.push(n);
    };
    let last = -1;
    const sockets: DatagramSocket[] = [];
    const waiting: Promise<void>[] = [];
    for (let n = 0; n < counts.length; n++) {
      const socket = await bind(transport);
      sockets.push(socket);
      waiting.push(wait(n, socket, () => n <= last));
      // The oldest goes and its number with it, another is woken for nothing, and all others get their datagram.
      if (n % 3 === 2) sockets[++last].close();
      sockets[n].wake();
      for (let other = last + 1; other <= n; other++) {
        const [before, came] = [counts[other], new Promise<void>((resolve) => passed = resolve)];
        await pass(near, sockets[other]);
        for (await came; counts[other] === before;) await new Promise<void>((resolve) => passed = resolve);
      }
      // A wait of one of them that nothing comes for ends at its time.
      const until = clock.mono() + 3e6;
      assert.equal(await near.receive(near.createBatch(), until), 0);
      assert.ok(clock.mono() >= until);
    }
    last = counts.length;
    for (const socket of sockets) socket.close();
    await Promise.all(waiting);
    assert.deepEqual(ended.slice(0, 4), [0, 1, 2, 3]);
    assert.deepEqual(counts, [2, 4, 6, 8, 8, 7, 6, 5, 4, 3, 2, 1]);
  });
}

test("sockets that sleep leave the event loop free, and a datagram rouses its own", { skip }, async () => {
  const transport = createFfiTransport();
  const near = await bind(transport);
  const sockets = await Promise.all(Array.from({ length: 50 }, () => bind(transport)));
  const roused: number[] = [];
  const waiting = sockets.map(async (socket, n) => {
    if (await socket.receive(socket.createBatch(), Infinity) > 0) roused.push(n);
  });
  // Timers run although all wait.
  await new Promise((resolve) => setTimeout(resolve, 30));
  for (const n of [7, 49, 0]) {
    await pass(near, sockets[n]);
    await waiting[n];
  }
  assert.deepEqual(roused, [7, 49, 0]);
  for (const socket of sockets) socket.wake();
  await Promise.all(waiting);
});
