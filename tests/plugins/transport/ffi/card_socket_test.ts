/**
 * Real sockets of Linux over loopback, with a card made up below them: what the kernel tells of each datagram is given
 * the stamp that a card would have taken, by a clock of its own.
 */
import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { driveReflector, driveSender } from "../../../../core/drive.ts";
import { ProbeFlag } from "../../../../core/record.ts";
import { createSender } from "../../../../core/session/sender.ts";
import { createStats } from "../../../../core/stats/stats.ts";
import { LinuxClock } from "../../../../plugins/transport/ffi/linux/clock.ts";
import { type Libc, openLibc } from "../../../../plugins/transport/ffi/linux/libc.ts";
import { openLinuxTransport } from "../../../../plugins/transport/ffi/linux/mod.ts";
import { createThread } from "../../../../plugins/transport/ffi/linux/poller.ts";
import { LinuxSocket } from "../../../../plugins/transport/ffi/linux/socket.ts";
import { finish, reflector } from "../../../support/run.ts";
import { everyMs, senderOptions } from "../../../support/sim.ts";
import { card, cardFunctions, type FakeCard } from "./fake_libc.ts";

const real = process.platform === "linux" ? openLibc() : "not Linux";
const skip = typeof real === "string" ? real : false;

/** The card takes its stamp so long before the kernel on the way in, and after it on the way out: loopback takes longer. */
const IN_NS = 200n;
const OUT_NS = 300n;
const BILLION = 1_000_000_000n;

/** How the card behaves: which transmit stamps it tells, and how late. */
interface Habit {
  readonly tells: (nth: number) => boolean;
  readonly lateNs?: bigint;
}

/** The real libc with a card in front of it; `truth` collects when the card stamped arrivals, in system time. */
function withCard(libc: Libc, fake: FakeCard, habit: Habit, truth: bigint[]): Libc {
  const timespec = new Uint8Array(new ArrayBuffer(16));
  const words = new BigUint64Array(timespec.buffer);
  const at = (address: bigint, length: number) => new Uint8Array(libc.native.view(address, length));
  const realtime = () => {
    libc.clock_gettime(0, timespec);
    return words[0] * BILLION + words[1];
  };
  const made = cardFunctions(fake, at, realtime, () => -1);
  let told = 0;
  const held: { due: bigint; control: Uint8Array }[] = [];

  /** Rewrites the stamps in message `slot`; false if there are none. */
  const stamp = (headers: DataView, slot: number, change: (kernel: bigint, timespecs: BigUint64Array) => void) => {
    const length = Number(headers.getBigUint64(slot * 64 + 40, true));
    if (length === 0) return false;
    const control = libc.native.view(headers.getBigUint64(slot * 64 + 32, true), length);
    const view = new DataView(control);
    for (let i = 0; i + 16 <= length; i += (Number(view.getBigUint64(i, true)) + 7) & ~7) {
      if (view.getInt32(i + 8, true) !== 1 || view.getInt32(i + 12, true) !== 37) continue;
      const timespecs = new BigUint64Array(control, i + 16, 6);
      if (timespecs[0] === 0n) return false;
      change(timespecs[0] * BILLION + timespecs[1], timespecs);
      return true;
    }
    return false;
  };
  const setHardware = (timespecs: BigUint64Array, system: bigint) => {
    const time = fake.time(system);
    timespecs[4] = time / BILLION;
    timespecs[5] = time % BILLION;
  };
  /** Puts a message with `control` at `slot`. */
  const put = (headers: DataView, slot: number, control: Uint8Array) => {
    at(headers.getBigUint64(slot * 64 + 32, true), control.length).set(control);
    headers.setBigUint64(slot * 64 + 40, BigInt(control.length), true);
  };
  /** The card's stamp is a message of its own after the kernel's, with the same number. */
  const tellLater = (headers: DataView, slot: number) => {
    stamp(headers, slot, (kernel, timespecs) => {
      const before = timespecs.slice();
      timespecs[0] = timespecs[1] = 0n;
      setHardware(timespecs, kernel + OUT_NS);
      const length = Number(headers.getBigUint64(slot * 64 + 40, true));
      const control = at(headers.getBigUint64(slot * 64 + 32, true), length).slice();
      held.push({ due: kernel + (habit.lateNs ?? 0n), control });
      timespecs.set(before);
    });
  };

  return {
    ...libc,
    ioctl: made.ioctl,
    open: made.open,
    close: (fd: number) => made.isCard(fd) ? made.close(fd) : libc.close(fd),
    clock_gettime: (id: number, out: Uint8Array) =>
      made.isCard(id) ? made.clock_gettime(id, out) : libc.clock_gettime(id, out),
    recvmmsg(fd: number, memory: Uint8Array, count: number, flags: number, timeout: null): number {
      const isErrors = (flags & 0x2000) !== 0;
      const n: number = libc.recvmmsg(fd, memory, isErrors ? count >> 1 : count, flags, timeout);
      const headers = new DataView(memory.buffer, memory.byteOffset);
      let all = Math.max(n, 0);
      for (let slot = 0; slot < n; slot++) {
        if (!isErrors) {
          stamp(headers, slot, (kernel, timespecs) => {
            truth.push(kernel - IN_NS);
            setHardware(timespecs, kernel - IN_NS);
          });
        } else if (habit.tells(told++)) tellLater(headers, slot);
      }
      for (; isErrors && all < count && held.length > 0 && held[0].due <= realtime(); all++) {
        put(headers, all, held.shift()!.control);
      }
      return all > 0 ? all : n;
    },
  } as Libc;
}

async function measured(fake: FakeCard, habit: Habit, count = 200) {
  const truth: bigint[] = [];
  const libc = withCard(real as Libc, fake, habit, truth);
  const clock = new LinuxClock(libc);
  const thread = createThread(libc, clock);
  const transport = openLinuxTransport();
  assert.ok(typeof transport !== "string");
  const can = transport.probe()!;
  const far = await transport.openDatagram({ hostname: "127.0.0.1", port: 0 });
  const near = new LinuxSocket(thread, {
    hostname: "127.0.0.1",
    port: 0,
    stamps: "hardware",
    stampInterface: fake.name,
    txStamps: true,
  }, can);
  const stop = new AbortController();
  const reflecting = driveReflector(reflector(), far, transport.clock(), stop.signal);
  const peer = near.peer("127.0.0.1", far.address.port);
  const sender = createSender(senderOptions({ peer, count, window: 1024, schedule: everyMs(2) }));
  const { rxStamp: t4, txStamp: t1 } = near.capabilities;
  const stats = createStats({ stamps: { t1, t4 } });
  const arrivals: bigint[] = [];
  const flags: number[] = [];
  const lags: number[] = [];
  await driveSender(sender, near, clock, stop.signal, (probe) => {
    stats.record(probe);
    arrivals.push(BigInt(probe.stamps[6]) * BILLION + BigInt(probe.stamps[7]));
    flags.push(probe.flags);
    lags.push(probe.txLag);
  });
  stop.abort();
  await reflecting;
  const about = near.card;
  near.close();
  far.close();
  return { snapshot: finish(sender, stats), arrivals, truth, flags, lags, about };
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];

test("both stamps of a card that drifts and counts TAI, in system time", { skip }, async () => {
  const start = BigInt(Date.now()) * 1_000_000n;
  const fake = card({ time: (system) => system + 37n * BILLION + (system - start) / 10_000n });
  const { snapshot, arrivals, truth, flags, lags, about } = await measured(fake, { tells: () => true });
  assert.deepEqual([about?.interface, about?.phc], ["eth7", "ptp3"]);
  assert.equal(snapshot.received, 200);
  assert.deepEqual([snapshot.stamps.t1, snapshot.stamps.t4], ["hardware", "hardware"]);
  // The kernel may not stamp the first few; then the fake has nothing to go by either.
  assert.ok(snapshot.stamps.fallback < 20, `${snapshot.stamps.fallback} lack them`);
  const off = arrivals.filter((_, i) => flags[i] & ProbeFlag.T4_HARDWARE).map((ns, i) => {
    return Math.abs(Number(ns - truth[i]));
  });
  assert.ok(median(off) < 1000, `off by ${median(off)} ns`);
  const hardwareLags = lags.filter((_, i) => flags[i] & ProbeFlag.T1_HARDWARE);
  assert.ok(median(hardwareLags) > Number(OUT_NS), "the card's T1 is later than the kernel's");
  assert.ok(snapshot.rtt.p50! > 0 && snapshot.rtt.p50! < 1e6, `${snapshot.rtt.p50}`);
  assert.ok(fake.log.includes("close ptp"), "its clock is closed with the socket");
});

test("a card that misses some transmit times: those probes are left out and counted", { skip }, async () => {
  const { snapshot } = await measured(card(), { tells: (nth) => nth % 4 !== 0 });
  assert.deepEqual([snapshot.stamps.t1, snapshot.stamps.t4], ["hardware", "hardware"]);
  assert.ok(snapshot.stamps.fallback >= 40 && snapshot.stamps.fallback < 80, `${snapshot.stamps.fallback}`);
  assert.equal(snapshot.rtt.count + snapshot.stamps.fallback, 200);
});

test("a card that tells transmit times by and by", { skip }, async () => {
  const { snapshot } = await measured(card(), { tells: () => true, lateNs: 700_000n });
  assert.deepEqual([snapshot.stamps.t1, snapshot.stamps.t4], ["hardware", "hardware"]);
  assert.ok(snapshot.stamps.fallback < 40, `${snapshot.stamps.fallback}`);
});

test("a card that tells no transmit times: the kernel's are used for all, and it is said", { skip }, async () => {
  const { snapshot } = await measured(card(), { tells: () => false });
  assert.deepEqual([snapshot.stamps.t1, snapshot.stamps.t4], ["kernel", "hardware"]);
  assert.match(snapshot.notes.join("\n"), /most replies lack .*\(T1 hardware\): the kernel's are used/);
  assert.ok(snapshot.rtt.p50! < 1e6);
});
