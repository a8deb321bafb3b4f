/**
 * The reflector: `reflect` and `stampTransmit`, a batch of probes into a batch of replies.
 *
 * @module
 */
import { createBatch } from "../../core/batch.ts";
import { type Batch } from "../../core/batch.ts";
import type { Tlv } from "../../core/tlv.ts";
import { createReflector } from "../../core/session/reflector.ts";
import { TLV_ANSWERS } from "../../plugins/tlv/mod.ts";
import { BATCHES, type Case, SLOTS, SteppedClock } from "./case.ts";
import { ProbeWriter } from "./probes.ts";

/** As the responder command makes it. */
const RESPONDER = {
  protocol: "auto",
  strictSize: false,
  sessions: 8192,
  wait: 900e9,
  hashSeed: 1,
  tlvs: TLV_ANSWERS,
} as const;

/** What the batches are. */
export interface ReflectOptions {
  readonly name: string;
  readonly octets: number;
  readonly mode: "stateless" | "stateful";
  readonly protocol: "twamp" | "stamp";
  /** Sessions that the probes belong to. */
  readonly sessions: number;
  /** STAMP extensions in each, before its padding. */
  readonly tlvs?: readonly Tlv[];
}

/** Makes the case; slots have the size that a transport gives them. */
export function reflectCase({ name, octets, mode, protocol, sessions, tlvs }: ReflectOptions): Case {
  const session = createReflector({ ...RESPONDER, mode });
  const clock = new SteppedClock();
  const probes = new ProbeWriter(octets, protocol, sessions, tlvs);
  const batches: Batch[] = Array.from({ length: BATCHES }, () => createBatch(SLOTS));
  return {
    name,
    work: "reflect",
    octets,
    pass(watch) {
      for (const batch of batches) probes.fill(batch);
      clock.now += 1_000_000;
      watch.start();
      for (let b = 0; b < BATCHES; b++) {
        session.reflect(clock.now, batches[b]);
        session.stampTransmit(batches[b], clock);
      }
      watch.stop();
      if (batches[0].length[0] !== octets) throw new Error(`${name}: no reply of ${octets} octets`);
    },
  };
}
