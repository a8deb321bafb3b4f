/** The wait for a datagram leaves nothing behind, however many there are. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createBatch } from "../../../core/batch.ts";
import { AddressBook } from "../../../plugins/transport/address_book.ts";
import { HostClock } from "../../../plugins/transport/host_clock.ts";
import { ReceiveQueue } from "../../../plugins/transport/queue.ts";

test("a thousand waits ended by replies have one turn of the event loop pending at a time, and no timer", async (t) => {
  const clock = new HostClock();
  const queue = new ReceiveQueue(clock, new AddressBook(4), 64);
  const rx = createBatch(1, 64);
  const real = { setImmediate: globalThis.setImmediate, setTimeout: globalThis.setTimeout };
  let [pending, most, timers] = [0, 0, 0];
  globalThis.setImmediate = ((call: () => void) => {
    most = Math.max(most, ++pending);
    return real.setImmediate(() => {
      pending--;
      call();
    });
  }) as typeof setImmediate;
  globalThis.setTimeout = ((call: () => void, ms: number) => {
    timers++;
    return real.setTimeout(() => {
      timers--;
      call();
    }, ms);
  }) as typeof setTimeout;
  const clear = globalThis.clearTimeout;
  globalThis.clearTimeout = ((timer: Parameters<typeof clear>[0]) => {
    if (timer !== undefined) timers = Math.max(0, timers - 1);
    clear(timer);
  }) as typeof clearTimeout;
  t.after(() => Object.assign(globalThis, real, { clearTimeout: clear }));
  for (let i = 0; i < 1000; i++) {
    // Half of the waits are fine ones, half coarse ones; all are ended by a datagram.
    const waiting = queue.receive(rx, clock.mono() + (i % 2 === 0 ? 1e6 : 50e6));
    queue.push(new Uint8Array(41), "192.0.2.1", 862);
    assert.equal(await waiting, 1);
  }
  assert.ok(most <= 1, `${most} turns pending at once`);
  assert.ok(timers <= 1, `${timers} timers left`);
});

test("a wake before a wait ends it, and only it", async () => {
  const clock = new HostClock();
  const queue = new ReceiveQueue(clock, new AddressBook(4), 64);
  const rx = createBatch(1, 64);
  queue.wake();
  assert.equal(await queue.receive(rx, Infinity), 0);
  const until = clock.mono() + 5e6;
  assert.equal(await queue.receive(rx, until), 0);
  assert.ok(clock.mono() >= until);
});

test("what does not fit is counted, and what is left keeps its order", async () => {
  const queue = new ReceiveQueue(new HostClock(), new AddressBook(4), 64);
  const rx = createBatch(64, 64);
  for (let i = 0; i < 300; i++) queue.push(Uint8Array.of(i & 255, i >> 8), "192.0.2.1", 862);
  assert.equal(queue.overflows, 44);
  let next = 0;
  while (next < 256) {
    const got = await queue.receive(rx, Infinity);
    for (let slot = 0; slot < got; slot++, next++) assert.equal(rx.view.getUint16(slot * 64, true), next);
  }
});
