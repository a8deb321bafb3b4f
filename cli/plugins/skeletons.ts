/**
 * What `plugins new` writes: a plugin of each kind that does something, and its test. `NAME` stands for its name. A test
 * runs them all, under both runtimes, and checks their types.
 *
 * @module
 */
import type { Plugin } from "../../core/plugin.ts";

const OUTPUT = `/**
 * An output of twampede: what a result looks like.
 *
 *     twampede demo --plugin ./NAME.ts --output NAME
 *     twampede demo --plugin ./NAME.ts --output NAME:unit=us,file=out.txt
 */
import type { OutputPlugin } from "./twampede.d.ts";

const plugin: OutputPlugin = {
  api: 1,
  kind: "output",
  name: "NAME",
  summary: "one line a run",
  options: [
    {
      name: "unit",
      type: "string",
      choices: ["ms", "us"],
      default: "ms",
      summary: "unit of delays",
    },
  ],
  create(options, sink) {
    const nanoseconds = options.unit === "us" ? 1e3 : 1e6;
    let remote = "";
    return {
      // There is probe(record) as well, and interval(snapshot).
      begin(run) {
        remote = run.session.remote;
      },
      end({ sent, received, rtt }) {
        // What is not known is null, and no 0: here when nothing came back.
        const median = rtt.p50 === null
          ? "no reply"
          : \`\${(rtt.p50 / nanoseconds).toFixed(3)} \${options.unit}\`;
        sink.write(\`\${remote} \${received} of \${sent} \${median}\\n\`);
      },
    };
  },
};

export default plugin;
`;

const OUTPUT_TEST = `import assert from "node:assert/strict";
import { test } from "node:test";
import plugin from "./NAME.ts";
import type { RunInfo, Snapshot } from "./twampede.d.ts";

/** What NAME writes about a run; as much of that as it reads. */
async function written(unit: string, median: number | null): Promise<string> {
  let text = "";
  const output = plugin.create({ unit }, {
    write: (chunk) => void (text += chunk),
    close: () => Promise.resolve(),
  });
  output.begin?.({ session: { remote: "192.0.2.1:862" } } as RunInfo);
  await output.end(
    { sent: 10, received: 9, rtt: { p50: median } } as Snapshot,
  );
  return text;
}

test("NAME writes a line about a run", async () => {
  assert.equal(
    await written("ms", 1_500_000),
    "192.0.2.1:862 9 of 10 1.500 ms\\n",
  );
  assert.equal(
    await written("us", 1_500_000),
    "192.0.2.1:862 9 of 10 1500.000 us\\n",
  );
});

test("NAME says so if nothing came back", async () => {
  assert.match(await written("ms", null), /no reply\\n$/);
});
`;

const TRAFFIC = `/**
 * A traffic profile of twampede: how large probes are, and what pads them.
 *
 *     twampede demo --plugin ./NAME.ts --profile NAME
 *     twampede demo --plugin ./NAME.ts --profile NAME:largest=1400,steps=8
 */
import type { TrafficPlugin } from "./twampede.d.ts";

/** The header of the TLV that padding is in STAMP (RFC 8972 section 4.1). */
const TLV_HEADER = 4;

const plugin: TrafficPlugin = {
  api: 1,
  kind: "traffic",
  name: "NAME",
  summary: "sizes that rise step by step, and begin anew",
  options: [
    {
      name: "largest",
      type: "size",
      default: 1000,
      summary: "octets of UDP payload of the largest probe",
    },
    { name: "steps", type: "number", default: 10, summary: "sizes in all" },
  ],
  create(options, packet) {
    const largest = Number(options.largest);
    const steps = Number(options.steps);
    // No probe is smaller than its base packet, and padding needs its header.
    const smallest = packet.base + TLV_HEADER;
    if (!Number.isInteger(steps) || steps < 2) {
      throw new Error(\`steps \${steps}: give 2 or more\`);
    }
    if (largest < smallest) {
      throw new Error(\`largest \${largest}: give \${smallest} or more\`);
    }
    const step = (largest - smallest) / (steps - 1);
    return {
      name: \`NAME:largest=\${largest},steps=\${steps}\`,
      maxSize: largest,
      // The same number gets the same answer, in whatever order it is asked.
      size: (seq) => smallest + Math.floor((seq % steps) * step),
      fill(bytes, at, end) {
        bytes.fill(0, at, end);
      },
    };
  },
};

export default plugin;
`;

const TRAFFIC_TEST = `import assert from "node:assert/strict";
import { test } from "node:test";
import plugin from "./NAME.ts";

const packet = {
  family: 4,
  protocol: "stamp",
  base: 44,
  onesize: 0,
  seed: new Uint8Array(16),
} as const;

test("NAME rises from the smallest size to the largest", () => {
  const profile = plugin.create({ largest: 1000, steps: 3 }, packet);
  const sizes = [0, 1, 2, 3].map((seq) => profile.size(seq));
  assert.deepEqual(sizes, [48, 524, 1000, 48]);
  assert.equal(profile.maxSize, 1000);
});

test("NAME fills the padding, and nothing else", () => {
  const profile = plugin.create({ largest: 1000, steps: 3 }, packet);
  const bytes = new Uint8Array(6).fill(7);
  profile.fill(bytes, 1, 5, 0);
  assert.deepEqual([...bytes], [7, 0, 0, 0, 0, 7]);
});

test("NAME refuses what cannot be", () => {
  assert.throws(() => plugin.create({ largest: 10, steps: 3 }, packet));
});
`;

const SCHEDULE = `/**
 * A schedule of twampede: when probes leave.
 *
 *     twampede demo --plugin ./NAME.ts --schedule NAME
 *     twampede demo --plugin ./NAME.ts --schedule NAME:burst=20
 */
import type { SchedulePlugin } from "./twampede.d.ts";

const plugin: SchedulePlugin = {
  api: 1,
  kind: "schedule",
  name: "NAME",
  summary: "bursts of probes, as many a second as --interval says",
  options: [
    { name: "burst", type: "number", default: 5, summary: "probes in a burst" },
    { name: "gap", type: "duration", default: "100us", summary: "within one" },
  ],
  create(options, interval) {
    const burst = Number(options.burst);
    const gap = Number(options.gap); // nanoseconds, as the interval
    if (!Number.isInteger(burst) || burst < 1) {
      throw new Error(\`burst \${burst}: give a whole number, 1 or more\`);
    }
    if (gap > interval) throw new Error(\`gap \${gap} ns is above --interval\`);
    const pause = burst * interval - (burst - 1) * gap;
    let next = 0;
    return {
      name: \`NAME:burst=\${burst}\`,
      // The gap before each probe; that before the first one is asked for too.
      next() {
        const seq = next++;
        if (seq === 0) return 0;
        return seq % burst === 0 ? pause : gap;
      },
    };
  },
};

export default plugin;
`;

const SCHEDULE_TEST = `import assert from "node:assert/strict";
import { test } from "node:test";
import plugin from "./NAME.ts";

const MS = 1e6;
const seed = new Uint8Array(16);

test("NAME sends bursts, and as many probes as the interval says", () => {
  const options = { burst: 3, gap: MS };
  const schedule = plugin.create(options, 10 * MS, seed);
  const gaps = Array.from({ length: 7 }, () => schedule.next() / MS);
  assert.deepEqual(gaps, [0, 1, 1, 28, 1, 1, 28]);
  assert.equal(gaps.reduce((sum, gap) => sum + gap), 6 * 10);
});

test("NAME refuses what cannot be", () => {
  assert.throws(() => plugin.create({ burst: 0, gap: 1 }, MS, seed), /burst/);
});
`;

const TRANSPORT = `/**
 * A transport of twampede, around the one that would be used otherwise.
 *
 *     twampede demo --plugin ./NAME.ts --transport NAME
 *     twampede demo --plugin ./NAME.ts --transport NAME:every=3
 */
import type { DatagramSocket, TransportPlugin } from "./twampede.d.ts";

/** \`socket\`, but for what is in \`own\`. */
function around(
  socket: DatagramSocket,
  own: Partial<DatagramSocket>,
): DatagramSocket {
  const bound = new Map<string | symbol, unknown>();
  return new Proxy(socket, {
    get(target, key) {
      if (key in own) return own[key as keyof DatagramSocket];
      const value = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      if (!bound.has(key)) bound.set(key, value.bind(target));
      return bound.get(key);
    },
  });
}

const plugin: TransportPlugin = {
  api: 1,
  kind: "transport",
  name: "NAME",
  summary: "loses one datagram in so many before it is sent",
  options: [
    { name: "every", type: "number", default: 10, summary: "one in so many" },
  ],
  create(options, inner) {
    if (inner === undefined) throw new Error("there is nothing to wrap");
    const every = Number(options.every);
    if (!(every >= 1)) throw new Error(\`every \${every}: give 1 or more\`);
    return {
      name: \`NAME over \${inner.name}\`,
      probe: () => inner.probe(),
      clock: () => inner.clock(),
      async openDatagram(asked) {
        const socket = await inner.openDatagram(asked);
        let datagrams = 0;
        return around(socket, {
          send(batch, stamp, together) {
            for (let slot = 0; slot < batch.count; slot++) {
              // A length of 0 means: do not send this one.
              if (++datagrams % every === 0) batch.length[slot] = 0;
            }
            return socket.send(batch, stamp, together);
          },
        });
      },
    };
  },
};

export default plugin;
`;

const TRANSPORT_TEST = `import assert from "node:assert/strict";
import { test } from "node:test";
import plugin from "./NAME.ts";
import type { Batch, DatagramSocket, Transport } from "./twampede.d.ts";

/** A transport that remembers how long the datagrams were that it sent. */
function recorder(sent: number[]): Transport {
  const socket = {
    send(batch: Batch) {
      for (let slot = 0; slot < batch.count; slot++) {
        if (batch.length[slot] > 0) sent.push(batch.length[slot]);
      }
      return batch.count;
    },
  };
  return {
    name: "recorder",
    openDatagram: () => Promise.resolve(socket as DatagramSocket),
  } as unknown as Transport;
}

test("NAME loses every third datagram if told so", async () => {
  const sent: number[] = [];
  const transport = plugin.create({ every: 3 }, recorder(sent));
  const asked = { hostname: "127.0.0.1", port: 0 };
  const socket = await transport.openDatagram(asked);
  const length = Uint32Array.of(41, 42, 43, 44);
  await socket.send({ count: 4, length } as Batch);
  assert.deepEqual(sent, [41, 42, 44]);
});
`;

const TLV = `/**
 * A STAMP extension of twampede (RFC 8972): a TLV, as both ends know it.
 *
 *     twampede demo --plugin ./NAME.ts --protocol stamp --tlv NAME
 *
 * Between two hosts both need it:
 *
 *     twampede responder --plugin ./NAME.ts
 *     twampede sender HOST --protocol stamp --plugin ./NAME.ts --tlv NAME
 */
import type { TlvFlag, TlvPlugin } from "./twampede.d.ts";

/** 240 to 251 are for experiments (RFC 8972 section 5.1): choose your own. */
const TYPE = 250;
const LENGTH = 4;
const MALFORMED: TlvFlag["M"] = 0x40;

/** Of the responder: probes that had this TLV, since it began. */
let seen = 0;

const plugin: TlvPlugin = {
  api: 1,
  kind: "tlv",
  name: "NAME",
  summary: "asks the reflector how many probes had this TLV",
  options: [],
  type: TYPE,
  // The sender's side.
  create() {
    return {
      type: TYPE,
      name: "NAME",
      length: LENGTH,
      // The value is zero as it is: that is the question.
      write() {},
      // What came back, under the plugin's name.
      read(view, at, _length, out) {
        out["NAME.seen"] = view.getUint32(at);
      },
    };
  },
  // The reflector's side: the answer takes the place of the question.
  answer: {
    type: TYPE,
    reflect(_context, batch, _slot, at, length) {
      if (length !== LENGTH) return MALFORMED;
      batch.view.setUint32(at, ++seen);
      return 0;
    },
  },
};

export default plugin;
`;

const TLV_TEST = `import assert from "node:assert/strict";
import { test } from "node:test";
import plugin from "./NAME.ts";
import type { Batch, TlvContext, TlvValues } from "./twampede.d.ts";

/** Has the reflector's side answer a value of so many octets. */
function answer(octets: number) {
  const view = new DataView(new ArrayBuffer(octets));
  const flags = plugin.answer!.reflect(
    {} as TlvContext,
    { view } as Batch,
    0,
    0,
    octets,
  );
  return { flags, view };
}

test("NAME counts, and the sender reads what was counted", () => {
  answer(4);
  const { flags, view } = answer(4);
  assert.equal(flags, 0);
  const values: TlvValues = {};
  plugin.create({}).read?.(view, 0, 4, values, false);
  assert.deepEqual(values, { "NAME.seen": 2 });
});

test("NAME says of another length that it is malformed", () => {
  assert.equal(answer(5).flags, 0x40);
});
`;

/** By kind: the text of the plugin, and that of its test. */
export const SKELETONS: Readonly<Record<Plugin["kind"], readonly [plugin: string, test: string]>> = {
  output: [OUTPUT, OUTPUT_TEST],
  traffic: [TRAFFIC, TRAFFIC_TEST],
  schedule: [SCHEDULE, SCHEDULE_TEST],
  transport: [TRANSPORT, TRANSPORT_TEST],
  tlv: [TLV, TLV_TEST],
};
