/** How sockets of a thread wait together, in virtual time: time passes in waits, and where a datagram is served. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { type Batch, createBatch } from "../../../../core/batch.ts";
import type { Clock, Mono } from "../../../../core/time/clock.ts";
import { type Poller, Waits } from "../../../../plugins/transport/ffi/wait.ts";
import type { PollSet } from "../../../../plugins/transport/ffi/waiters.ts";
import { WaitingSocket } from "../../../../plugins/transport/ffi/waiting.ts";

/** A system: its time, its descriptors, and what is queued there. */
class World implements Poller, PollSet {
  readonly set = this;
  now: Mono = 1e9;
  readonly polled: number[] = [];
  readonly sockets = new Map<number, FakeSocket>();
  /** What each wait was asked. */
  readonly waits: { readonly descriptors: readonly number[]; readonly ns: number; readonly at: Mono }[] = [];
  /** A signal ends the next wait. */
  isSignalled = false;

  mono(): Mono {
    return this.now;
  }
  add(descriptor: number): void {
    this.polled.push(descriptor);
  }
  remove(at: number): void {
    const last = this.polled.pop()!;
    if (at < this.polled.length) this.polled[at] = last;
  }
  wait(ns: number): number {
    this.waits.push({ descriptors: [...this.polled].sort((a, b) => a - b), ns, at: this.now });
    assert.ok(ns >= 0 && ns <= 20e6, `a wait of ${ns} ns`);
    const arrivals = this.polled.map((descriptor) => {
      const socket = this.sockets.get(descriptor);
      assert.ok(socket, `descriptor ${descriptor} is closed`);
      return socket.arrivals[0] ?? Infinity;
    });
    this.now = Math.max(this.now, Math.min(this.now + ns, ...arrivals));
    if (this.isSignalled) {
      this.isSignalled = false;
      return -1;
    }
    return arrivals.filter((arrival) => arrival <= this.now).length;
  }
  events(at: number): number {
    return this.sockets.get(this.polled[at])!.arrivals[0] <= this.now ? 1 : 0;
  }
}

class FakeSocket extends WaitingSocket {
  readonly descriptor: number;
  /** When datagrams come, in order. */
  readonly arrivals: Mono[];
  /** How long it takes to serve a batch. */
  readonly serviceNs: number;
  blocked = 0;
  readonly #world: World;

  constructor(world: World, waits: Waits, descriptor: number, arrivals: readonly Mono[] = [], serviceNs = 0) {
    super(waits, world as unknown as Clock);
    this.#world = world;
    this.descriptor = descriptor;
    this.arrivals = [...arrivals];
    this.serviceNs = serviceNs;
    world.sockets.set(descriptor, this);
  }
  protected read(rx: Batch): number {
    for (rx.count = 0; rx.count < rx.capacity && this.arrivals[0] <= this.#world.now; rx.count++) this.arrivals.shift();
    if (rx.count > 0) this.#world.now += this.serviceNs;
    return rx.count;
  }
  protected block(ns: number): boolean {
    this.blocked++;
    this.#world.now = Math.max(this.#world.now, Math.min(this.#world.now + ns, this.arrivals[0] ?? Infinity));
    return true;
  }
  close(): void {
    this.retire();
    this.#world.sockets.delete(this.descriptor);
  }
}

function createWorld() {
  const world = new World();
  const waits = new Waits(world);
  const open = (descriptor: number, arrivals: readonly Mono[] = [], serviceNs = 0) =>
    new FakeSocket(world, waits, descriptor, arrivals.map((ns) => world.now + ns), serviceNs);
  return { world, open };
}

const rx = () => createBatch(4, 64);
/** A signal for loops, as `driveReflector` has it. */
interface Stop {
  aborted: boolean;
}

/** Receives until `stop`; tells what came and when. */
async function serve(world: World, socket: FakeSocket, stop: Stop, came: (n: number, at: Mono) => void): Promise<void> {
  const batch = rx();
  while (!stop.aborted) {
    const waiting = socket.receive(batch, Infinity);
    if (typeof waiting !== "number") await waiting;
    came(batch.count, world.now);
  }
}

/** Waits for `count` times, `gap` apart; how late each wait ended. */
async function depart(world: World, socket: FakeSocket, first: number, gap: number, count: number): Promise<number[]> {
  const batch = rx();
  const late: number[] = [];
  for (let due = world.now + first; late.length < count; due += gap) {
    while (world.now < due) {
      const waiting = socket.receive(batch, due);
      if (typeof waiting !== "number") await waiting;
    }
    late.push(world.now - due);
  }
  return late;
}

test("one socket blocks for itself", async () => {
  const { world, open } = createWorld();
  const socket = open(3);
  assert.deepEqual(await depart(world, socket, 1e6, 1e6, 30), Array(30).fill(0));
  assert.equal(world.waits.length, 0);
  assert.ok(socket.blocked >= 30);
});

test("several wait in one call, which ends when the earliest is due", async () => {
  const { world, open } = createWorld();
  // The first one sleeps already when others come, as that of a server does.
  const stop = { aborted: false };
  const far = open(3, [10.25e6]);
  const came: Mono[] = [];
  const from = world.now;
  const serving = serve(world, far, stop, (n, at) => n > 0 && came.push(at - from));
  const sockets = [open(4), open(5), open(6)];
  const late = await Promise.all(sockets.map((socket, i) => depart(world, socket, 5e6 + i * 0.25e6, 1e6, 40)));
  assert.deepEqual(late.flat(), Array(120).fill(0));
  assert.deepEqual(came, [10.25e6]);
  assert.equal(sockets.concat(far).reduce((sum, { blocked }) => sum + blocked, 0), 0, "none blocks for itself");
  const together = world.waits.filter(({ descriptors }) => descriptors.join() === "3,4,5,6");
  // Three departures and one arrival a round, and what is spent on turns of the event loop.
  assert.ok(together.length >= 115 && together.length < 300, `${together.length} waits`);
  stop.aborted = true;
  far.wake();
  await serving;
});

test("a closed socket is not polled, and another may have its number", async () => {
  const { world, open } = createWorld();
  const stop = { aborted: false };
  const counts = [0, 0, 0, 0];
  const sockets = [3, 4, 5].map((descriptor) => open(descriptor, [1e6, 30e6, 60e6]));
  const serving = sockets.map((socket, i) => serve(world, socket, stop, (n) => counts[i] += n));
  const beat = open(6);
  const late = await depart(world, beat, 2e6, 1e6, 10);
  assert.deepEqual(counts, [1, 1, 1, 0]);
  // Its loop gets nothing, and ends for that.
  const gone = { aborted: false };
  const waiting = serve(world, open(7), gone, (n) => {
    assert.equal(n, 0);
    gone.aborted = true;
  });
  late.push(...await depart(world, beat, 1e6, 1e6, 3));
  assert.ok(world.polled.includes(7));
  world.sockets.get(7)!.close();
  assert.ok(!world.polled.includes(7));
  serving.push(serve(world, open(7, [1.5e6]), stop, (n) => counts[3] += n));
  late.push(...await depart(world, beat, 1e6, 1e6, 60));
  await waiting;
  assert.deepEqual(counts, [3, 3, 3, 1]);
  assert.deepEqual(late, Array(73).fill(0));
  stop.aborted = true;
  for (const socket of world.sockets.values()) socket.wake();
  await Promise.all(serving);
});

test("who does not come back holds nobody up", async () => {
  const { world, open } = createWorld();
  const [ends, beat, other] = [open(3, [3.5e6]), open(4), open(5)];
  const once = ends.receive(rx(), Infinity);
  const stop = { aborted: false };
  const serving = serve(world, other, stop, () => {});
  const late = await depart(world, beat, 1e6, 1e6, 20);
  assert.equal(await once, 1);
  assert.deepEqual(late, Array(20).fill(0));
  assert.ok(!world.polled.includes(3));
  stop.aborted = true;
  other.wake();
  await serving;
  // The last one goes on for itself.
  const waits = world.waits.length;
  assert.deepEqual(await depart(world, beat, 1e6, 1e6, 20), Array(20).fill(0));
  assert.ok(world.waits.length - waits < 5);
});

test("a flood takes no turn of others, nor does a sender that cannot keep up", async () => {
  const { world, open } = createWorld();
  const stop = { aborted: false };
  const turns = { flooded: 0, behind: 0 };
  const SERVICE = 50_000;
  // Each has 4 datagrams a batch, and more than it can be rid of in this time.
  const floods = Array.from({ length: 10 }, (_, i) => open(20 + i, Array(4000).fill(0), SERVICE));
  const serving = floods.map((socket, i) => serve(world, socket, stop, () => i === 0 && turns.flooded++));
  const behind = open(4);
  serving.push((async () => {
    const batch = rx();
    while (!stop.aborted) {
      await behind.receive(batch, world.now - 1e6);
      world.now += SERVICE;
      if (turns.behind++ === 0) turns.flooded = 0; // it was alone until then
    }
  })());
  const others = [5, 6, 7, 8, 9].map((descriptor, i) => ({
    served: 0,
    socket: open(descriptor, [20e6 + i, 21e6, 22e6]),
  }));
  for (const other of others) serving.push(serve(world, other.socket, stop, (n) => other.served += n));
  const late = await depart(world, open(10), 10e6, 1e6, 30);
  assert.deepEqual(others.map(({ served }) => served), [3, 3, 3, 3, 3]);
  assert.ok(turns.flooded > 50 && turns.behind > 50, JSON.stringify(turns));
  assert.ok(Math.abs(turns.flooded - turns.behind) < 10, `they take turns: ${JSON.stringify(turns)}`);
  assert.ok(Math.max(...late) <= 2 * SERVICE, `a departure waits for who is served and for no more: ${late}`);
  stop.aborted = true;
  for (const { socket } of others) socket.wake();
  await Promise.all(serving);
});

test("the event loop has its turns, but none right before a departure; at once after a signal", async () => {
  const { world, open } = createWorld();
  const stop = { aborted: false };
  let [last, longest] = [world.now, 0];
  const rounds: Mono[] = [];
  const round = () => {
    longest = Math.max(longest, world.now - last);
    rounds.push(last = world.now);
    if (!stop.aborted) setImmediate(round);
  };
  setImmediate(round);
  const every = (gap: number) => Array.from({ length: 2600 }, (_, i) => gap * i);
  const serving = [3, 4].map((descriptor, i) => serve(world, open(descriptor, every(0.07e6 + i)), stop, () => {}));
  const beats = [open(5), open(6)];
  const from = world.now;
  const late = await Promise.all(beats.map((socket, i) => depart(world, socket, 3e6 + i * 0.5e6, 1e6, 150)));
  assert.deepEqual(late.flat(), Array(300).fill(0));
  assert.ok(longest <= 17.5e6, `${longest} ns without a turn`);
  assert.ok(new Set(rounds).size >= 15, `${new Set(rounds).size} turns`);
  // Departures are on multiples of 0.5 ms.
  for (const at of new Set(rounds.slice(20))) {
    const before = 0.5e6 - (at - from) % 0.5e6;
    assert.ok(before > 0.1e6 || before === 0.5e6, `a turn ${before} ns before a departure`);
  }
  for (const isSignalled of [false, true]) {
    for (const before = rounds.length; rounds.length === before;) await depart(world, beats[0], 0.2e6, 1e6, 1);
    const before = rounds.length;
    world.isSignalled = isSignalled;
    await depart(world, beats[0], 1e6, 1e6, 2);
    assert.equal(rounds.length > before, isSignalled);
  }
  stop.aborted = true;
  for (const socket of world.sockets.values()) socket.wake();
  await Promise.all(serving);
});
