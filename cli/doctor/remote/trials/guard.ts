/**
 * What no sender sends: replies, and datagrams shorter than a probe. Last of all, because there are reflectors that end
 * by it.
 *
 * @module
 */
import { REFLECTOR, SENDER, TWAMP_REFLECTOR_SIZE } from "../../../../core/wire/test_packet.ts";
import { twampProbe } from "../packets.ts";
import type { Bench, Trial } from "../trial.ts";

/** A probe with all that makes it a reply: a Receive Timestamp that is now, and a sender's fields. */
function replyShaped(bench: Bench, size: number): Uint8Array {
  const { asked } = bench.exchange;
  const now = asked.findLast(({ octets }) => octets.length >= TWAMP_REFLECTOR_SIZE)!.octets;
  const octets = twampProbe(size, bench.fields()).fill(0, TWAMP_REFLECTOR_SIZE);
  octets.copyWithin(REFLECTOR.SENDER_SEQ, SENDER.SEQ, SENDER.TIME);
  octets.set(now.subarray(SENDER.TIME, SENDER.TIME + 8), SENDER.TIME);
  octets.set(now.subarray(SENDER.TIME, SENDER.TIME + 8), REFLECTOR.RECEIVED);
  octets.set(now.subarray(SENDER.TIME, SENDER.TIME + 8), REFLECTOR.SENDER_TIME);
  octets[REFLECTOR.SENDER_TTL] = 63;
  return octets;
}

export const LOOP: Trial = {
  name: "whether replies are answered",
  slow: false,
  async run(bench) {
    for (const size of [41, 44]) {
      const octets = replyShaped(bench, size);
      const protocol = size === 44 ? "stamp" : "twamp";
      await bench.exchange.ask(bench.lines.main, { trial: "loop", protocol, octets, stamped: true });
    }
  },
};

/** Octets; a sender's packet has 14 at the least. None at all cannot be sent through a batch. */
export const SHORT_SIZES = [43, 40, 14, 13, 3, 1];

export const SHORT: Trial = {
  name: "datagrams shorter than a probe",
  slow: true,
  async run(bench) {
    const [protocol] = bench.protocols;
    for (const size of SHORT_SIZES) {
      const asked = await bench.ask("short", protocol, twampProbe(size, bench.fields()));
      if (asked.answers.length > 0) continue;
      const alive = await bench.ask("alive", protocol, bench.base(protocol), String(size));
      if (alive.answers.length === 0) {
        const again = await bench.ask("alive", protocol, bench.base(protocol), String(size));
        if (again.answers.length === 0) return;
      }
    }
  },
};
