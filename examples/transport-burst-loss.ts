/**
 * A transport, around the one that would be used otherwise: it loses probes in bursts, by the model of Gilbert, before
 * they are sent. What an output or an alarm makes of loss can be tried with it on a path that has none.
 *
 *     twampede demo --plugin ./examples/transport-burst-loss.ts --transport burst-loss:loss=5,burst=4
 */
import type { DatagramSocket, TransportPlugin } from "../mod.ts";

/** `socket`, but for what is in `own`. */
function around(socket: DatagramSocket, own: Partial<DatagramSocket>): DatagramSocket {
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
  name: "burst-loss",
  summary: "loses probes in bursts before they are sent (model of Gilbert)",
  options: [
    { name: "loss", type: "number", default: 1, summary: "percent of all probes" },
    { name: "burst", type: "number", default: 3, summary: "mean number of probes lost in a row" },
    { name: "seed", type: "number", default: 1, summary: "the same seed loses the same probes" },
  ],
  create(options, inner) {
    if (inner === undefined) throw new Error("there is nothing to wrap");
    const loss = Number(options.loss) / 100;
    const burst = Number(options.burst);
    if (!(loss > 0 && loss < 1)) throw new Error(`loss ${options.loss}: give more than 0 and less than 100 percent`);
    if (!(burst >= 1)) throw new Error(`burst ${burst}: give 1 or more`);
    // From good to bad and back again, so that as much is lost as asked, in bursts as long as asked.
    const toGood = 1 / burst;
    const toBad = toGood * loss / (1 - loss);
    return {
      name: `burst-loss over ${inner.name}`,
      probe: () => inner.probe(),
      clock: () => inner.clock(),
      async openDatagram(asked) {
        const socket = await inner.openDatagram(asked);
        let bad = false;
        let state = Math.imul(Number(options.seed), 0x9e3779b1) | 1;
        const random = () => {
          state ^= state << 13;
          state ^= state >>> 17;
          state ^= state << 5;
          return (state >>> 0) / 2 ** 32;
        };
        return around(socket, {
          send(batch, stamp, together) {
            for (let slot = 0; slot < batch.count; slot++) {
              bad = random() < (bad ? 1 - toGood : toBad);
              if (bad) batch.length[slot] = 0; // not sent
            }
            return socket.send(batch, stamp, together);
          },
        });
      },
    };
  },
};

export default plugin;
