/** The impairments do what their counters say, and the same again by the same seed. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { driveReflector, driveSender } from "../../../core/drive.ts";
import { createRandom } from "../../../core/random.ts";
import { createSender } from "../../../core/session/sender.ts";
import { createStats } from "../../../core/stats/stats.ts";
import { createImpairedTransport, type Impairments } from "../../../plugins/transport/impair.ts";
import { createMemoryTransport, MemoryNetwork } from "../../../plugins/transport/memory.ts";
import { everyMs, RESPONDER, senderOptions } from "../../support/sim.ts";
import { finish, reflector } from "../../support/run.ts";

const CLEAN: Impairments = { drop: 0, duplicate: 0, delay: 0, reorder: 0, maxDelayNs: 0 };

async function run(what: Partial<Impairments>, seed = 1) {
  const network = new MemoryNetwork(() => [1e6]);
  const plain = createMemoryTransport(network);
  const impaired = createImpairedTransport(
    plain,
    { ...CLEAN, ...what },
    createRandom(new Uint8Array(16).fill(seed), "impair"),
  );
  const far = await impaired.openDatagram({ hostname: "192.0.2.2", port: 862 });
  const near = await plain.openDatagram({ hostname: "192.0.2.1", port: 20_000 });
  const stop = new AbortController();
  const reflecting = driveReflector(reflector(), far, network, stop.signal);
  const sender = createSender(senderOptions({ peer: RESPONDER, count: 300, schedule: everyMs(10) }));
  const stats = createStats({ reflectorCounts: true });
  await driveSender(sender, near, network, stop.signal, (probe) => stats.record(probe));
  stop.abort();
  await reflecting;
  far.close();
  near.close();
  return { snapshot: finish(sender, stats), counters: impaired.counters };
}

test("without rates it changes nothing", async () => {
  const { snapshot } = await run({});
  assert.deepEqual([snapshot.received, snapshot.duplicates, snapshot.reordered], [300, 0, 0]);
});

test("dropped replies are lost inbound, as many as were dropped", async () => {
  const { snapshot, counters } = await run({ drop: 0.2 });
  assert.ok(counters.dropped > 30 && counters.dropped < 90);
  assert.equal(snapshot.lost, counters.dropped);
  assert.equal(snapshot.lostForward, 0);
});

test("duplicated replies come twice", async () => {
  const { snapshot, counters } = await run({ duplicate: 0.2 });
  assert.ok(counters.duplicated > 30);
  assert.deepEqual([snapshot.received, snapshot.duplicates], [300, counters.duplicated]);
});

test("reordered replies are overtaken by the next one", async () => {
  const { snapshot, counters } = await run({ reorder: 0.1 });
  assert.ok(counters.reordered > 10);
  assert.equal(snapshot.received, 300);
  assert.ok(snapshot.reordered >= counters.reordered - 1);
  assert.equal(snapshot.reorderedForward, 0);
});

test("the same seed spoils the same replies, another seed others", async () => {
  const [a, b, c] = [await run({ drop: 0.3 }, 1), await run({ drop: 0.3 }, 1), await run({ drop: 0.3 }, 2)];
  assert.deepEqual(a.snapshot.rtt.count, b.snapshot.rtt.count);
  assert.deepEqual(a.counters, b.counters);
  assert.notDeepEqual(a.counters, c.counters);
});
