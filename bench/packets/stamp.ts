/**
 * STAMP in authenticated mode: a MAC checked and a MAC made a packet, at either end.
 *
 * @module
 */
import { type Batch, createBatch, PEER_PORT, PEER_SIZE, SlotFlag } from "../../core/batch.ts";
import { createReflector } from "../../core/session/reflector.ts";
import { EPOCH, SENDER } from "../../tests/support/sim.ts";
import { oneKey, seal } from "../../tests/support/stamp_keys.ts";
import { BATCHES, type Case, SEALED, SLOTS, SteppedClock } from "./case.ts";
import { exchangeCase } from "./send.ts";

const OCTETS = 112;
const PORT = 1024;
const CRYPTO = "two MACs of STAMP";
const REFLECTOR = { mode: "stateful", protocol: "auto", strictSize: false, wait: 900e9, hashSeed: 1 } as const;

function far(sessions: number) {
  return createReflector({ ...REFLECTOR, sessions, authenticated: oneKey() });
}

/** Puts the same probe into all slots, from one port after another. */
class Refill {
  readonly batches: Batch[] = Array.from({ length: BATCHES }, () => createBatch(SLOTS));
  readonly #probe = new Uint8Array(OCTETS);
  readonly #sessions: number;
  #turn = 0;

  constructor(sessions: number) {
    this.#sessions = sessions;
    new DataView(this.#probe.buffer).setUint32(16, 3_900_000_000);
    seal().seal(this.#probe, 0);
  }

  fill(): void {
    for (const batch of this.batches) {
      batch.count = SLOTS;
      for (let slot = 0; slot < SLOTS; slot++, this.#turn++) {
        batch.bytes.set(this.#probe, slot * batch.stride);
        batch.length[slot] = OCTETS;
        batch.flags[slot] = SlotFlag.IP_HEADER;
        batch.stamp[2 * slot] = EPOCH;
        batch.peer.set(SENDER, slot * PEER_SIZE);
        const port = PORT + this.#turn % this.#sessions;
        batch.peer[slot * PEER_SIZE + PEER_PORT] = port >> 8;
        batch.peer[slot * PEER_SIZE + PEER_PORT + 1] = port;
      }
    }
  }
}

function reflectCase(sessions: number): Case {
  const session = far(8192);
  const refill = new Refill(sessions);
  const clock = new SteppedClock();
  const name = `reflect STAMP authenticated, ${sessions.toLocaleString("en")} session${sessions > 1 ? "s" : ""}`;
  return {
    name,
    work: SEALED,
    octets: OCTETS,
    crypto: CRYPTO,
    pass(watch) {
      refill.fill();
      clock.now += 1_000_000;
      let replies = 0;
      watch.start();
      for (const batch of refill.batches) {
        replies += session.reflect(clock.now, batch);
        session.stampTransmit(batch, clock);
      }
      watch.stop();
      if (replies !== BATCHES * SLOTS) throw new Error(`${name}: ${replies} replies`);
    },
  };
}

/** One checked and one made: what either end does with a probe and its reply. */
function cryptoCase(): Case {
  const key = seal();
  const refill = new Refill(1);
  return {
    name: CRYPTO,
    work: SEALED,
    octets: OCTETS,
    pass(watch) {
      refill.fill();
      let genuine = 0;
      watch.start();
      for (const { bytes, stride } of refill.batches) {
        for (let slot = 0; slot < SLOTS; slot++) {
          if (key.isGenuine(bytes, slot * stride)) genuine++;
          key.seal(bytes, slot * stride);
        }
      }
      watch.stop();
      if (genuine !== BATCHES * SLOTS) throw new Error(`${CRYPTO}: ${genuine} genuine`);
    },
  };
}

/** All of them. */
export function stampCases(): Case[] {
  return [
    reflectCase(1),
    reflectCase(1000),
    exchangeCase({
      name: "send STAMP authenticated",
      work: SEALED,
      octets: OCTETS,
      withStats: false,
      far: far(8),
      seal: seal(),
      protocol: "stamp",
      crypto: CRYPTO,
    }),
    cryptoCase(),
  ];
}
