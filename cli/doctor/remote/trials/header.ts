/**
 * Probes with another TOS and another TTL.
 *
 * @module
 */
import type { Trial } from "../trial.ts";

export const MARKING: Trial = {
  name: "the TOS of replies",
  slow: false,
  cannot: ({ lines }) =>
    lines.marked === undefined ? "this transport cannot set a TOS and read that of replies" : undefined,
  async run(bench) {
    const [protocol] = bench.protocols;
    for (const line of [bench.lines.main, bench.lines.marked!]) {
      for (let i = 0; i < 2; i++) await bench.ask("marking", protocol, bench.base(protocol), "", line);
    }
  },
};

export const TTL: Trial = {
  name: "whether the Sender TTL follows the TTL",
  slow: false,
  cannot: ({ lines }) =>
    lines.other.ttl === null || lines.main.ttl === null ? "this transport cannot set the TTL" : undefined,
  async run(bench) {
    const [protocol] = bench.protocols;
    for (let i = 0; i < 2; i++) await bench.ask("ttl", protocol, bench.base(protocol), "", bench.lines.other);
  },
};
