/**
 * Ordinary probes at a gentle rate: fields, stamps, loss, duplicates.
 *
 * @module
 */
import type { Trial } from "../trial.ts";

/** Beside the least gap: stamps of a clock with milliseconds have to differ. */
const REST_NS = 30e6;

export const PLAIN: Trial = {
  name: "ordinary probes",
  slow: false,
  async run(bench) {
    const count = bench.quick ? 6 : 12;
    for (const protocol of bench.protocols) {
      for (let i = 0; i < count; i++) {
        const rest = i === 0 ? 0 : REST_NS;
        const octets = bench.base(protocol);
        const { exchange, lines } = bench;
        const asked = await exchange.ask(lines.main, { trial: "plain", protocol, octets }, rest);
        // Whoever is silent three times at first does not answer this protocol, or not now.
        if (
          i === 2 && asked.answers.length === 0 && exchange.asked.slice(-3).every((one) => one.answers.length === 0)
        ) {
          break;
        }
      }
    }
    await bench.exchange.listen(bench.lines.main, 60e6);
  },
};

/** The session identifier of RFC 8972, with octets that are nowhere else in a probe. */
export const SSID_SENT = 0x5a17;

export const SSID: Trial = {
  name: "the SSID",
  slow: false,
  cannot: (bench) => bench.protocols.includes("stamp") ? undefined : "it does not answer STAMP",
  async run(bench) {
    for (let i = 0; i < 2; i++) {
      await bench.insist("ssid", "stamp", () => bench.base("stamp", bench.fields(SSID_SENT)));
    }
  },
};
