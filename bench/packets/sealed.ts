/**
 * Full TWAMP: sessions that were set up, open and sealed, and the ciphers alone.
 *
 * @module
 */
import { type Batch, createBatch, PEER_PORT, PEER_SIZE, SlotFlag } from "../../core/batch.ts";
import type { SealMode } from "../../core/session/seal.ts";
import { TestSessions } from "../../core/session/test_sessions.ts";
import type { TestMode } from "../../core/wire/format.ts";
import { EPOCH, SENDER } from "../../tests/support/sim.ts";
import { sealOf, spec } from "../../tests/support/test_sessions.ts";
import { BATCHES, type Case, SEALED, SLOTS, SteppedClock } from "./case.ts";
import { exchangeCase } from "./send.ts";

/** The shortest packets with which both directions have one size. */
const OCTETS = { open: 41, authenticated: 112, encrypted: 112 } as const;
const MODES = ["open", "authenticated", "encrypted"] as const;
const SEAL_MODES = ["authenticated", "encrypted"] as const;
const PORT = 1024;

/** Sessions on one port, as a server has them; each is bound to its own sender. */
function tableOf(mode: TestMode, sessions: number): TestSessions {
  const table = new TestSessions({ capacity: sessions, hashSeed: 1, strictPeer: false });
  for (let n = 0; n < sessions; n++) {
    const seal = mode === "open" ? undefined : sealOf(mode, n);
    table.add(spec({ peer: senderOf(n), seal }))!.start(0);
  }
  return table;
}

function senderOf(n: number): Uint8Array {
  const peer = SENDER.slice();
  new DataView(peer.buffer).setUint16(PEER_PORT, PORT + n);
  return peer;
}

/** A probe of session `n`. */
function probeOf(mode: TestMode, n: number): Uint8Array {
  const probe = new Uint8Array(OCTETS[mode]);
  const view = new DataView(probe.buffer);
  view.setUint32(mode === "open" ? 4 : 16, 3_900_000_000);
  if (mode !== "open") sealOf(mode, n).sealSender(view, probe, 0);
  return probe;
}

/** Puts sealed probes into the slots, one session after another. */
class Refill {
  readonly batches: Batch[] = Array.from({ length: BATCHES }, () => createBatch(SLOTS));
  readonly #probes: Uint8Array[];
  readonly #peers: Uint8Array[];
  #turn = 0;

  constructor(mode: TestMode, sessions: number) {
    this.#probes = Array.from({ length: sessions }, (_, n) => probeOf(mode, n));
    this.#peers = Array.from({ length: sessions }, (_, n) => senderOf(n));
  }

  fill(): void {
    for (const batch of this.batches) {
      batch.count = SLOTS;
      for (let slot = 0; slot < SLOTS; slot++, this.#turn++) {
        const n = this.#turn % this.#probes.length;
        batch.bytes.set(this.#probes[n], slot * batch.stride);
        batch.length[slot] = this.#probes[n].length;
        batch.flags[slot] = SlotFlag.IP_HEADER;
        batch.stamp[2 * slot] = EPOCH;
        batch.peer.set(this.#peers[n], slot * PEER_SIZE);
      }
    }
  }
}

function reflectCase(mode: TestMode, sessions: number): Case {
  const table = tableOf(mode, sessions);
  const refill = new Refill(mode, sessions);
  const clock = new SteppedClock();
  const name = `reflect ${mode}, ${sessions.toLocaleString("en")} session${sessions > 1 ? "s" : ""}`;
  return {
    name,
    work: SEALED,
    octets: OCTETS[mode],
    crypto: cryptoName("reflect", mode),
    pass(watch) {
      refill.fill();
      clock.now += 1_000_000;
      let replies = 0;
      watch.start();
      for (const batch of refill.batches) {
        replies += table.reflect(clock.now, batch);
        table.stampTransmit(batch, clock);
      }
      watch.stop();
      if (replies !== BATCHES * SLOTS) throw new Error(`${name}: ${replies} replies`);
    },
  };
}

function cryptoName(work: "reflect" | "send", mode: TestMode): string {
  return `ciphers and MACs of ${work} ${mode}`;
}

/** A probe opened and a reply sealed. */
function reflectCrypto(mode: SealMode): Case {
  const seal = sealOf(mode, 0);
  const refill = new Refill(mode, 1);
  const name = cryptoName("reflect", mode);
  return {
    name,
    work: SEALED,
    octets: OCTETS[mode],
    pass(watch) {
      refill.fill();
      let opened = 0;
      watch.start();
      for (const { view, bytes, stride } of refill.batches) {
        for (let slot = 0; slot < SLOTS; slot++) {
          if (seal.openSender(view, bytes, slot * stride)) opened++;
          seal.sealReflector(view, bytes, slot * stride);
        }
      }
      watch.stop();
      if (opened !== BATCHES * SLOTS) throw new Error(`${name}: ${opened} opened`);
    },
  };
}

/** A probe sealed and a reply opened. */
function sendCrypto(mode: SealMode): Case {
  const seal = sealOf(mode, 0);
  const batches = Array.from({ length: BATCHES }, () => createBatch(SLOTS));
  const name = cryptoName("send", mode);
  const reply = new Uint8Array(OCTETS[mode]);
  seal.sealReflector(new DataView(reply.buffer), reply, 0);
  return {
    name,
    work: SEALED,
    octets: OCTETS[mode],
    pass(watch) {
      for (const batch of batches) for (let slot = 0; slot < SLOTS; slot++) batch.bytes.set(reply, slot * batch.stride);
      let opened = 0;
      watch.start();
      for (const { view, bytes, stride } of batches) {
        for (let slot = 0; slot < SLOTS; slot++) {
          if (seal.openReflector(view, bytes, slot * stride)) opened++;
          seal.sealSender(view, bytes, slot * stride);
        }
      }
      watch.stop();
      if (opened !== BATCHES * SLOTS) throw new Error(`${name}: ${opened} opened`);
    },
  };
}

function sendCase(mode: TestMode): Case {
  const seal = () => mode === "open" ? undefined : sealOf(mode);
  const far = new TestSessions({ capacity: 1, hashSeed: 1, strictPeer: false });
  far.add(spec({ peer: SENDER, seal: seal() }))!.start(0);
  return exchangeCase({
    name: `send ${mode}`,
    work: SEALED,
    octets: OCTETS[mode],
    withStats: false,
    far,
    seal: seal(),
    crypto: cryptoName("send", mode),
  });
}

/** All of them. */
export function sealedCases(): Case[] {
  return [
    ...MODES.flatMap((mode) => [reflectCase(mode, 1), reflectCase(mode, 1000)]),
    ...SEAL_MODES.map(reflectCrypto),
    ...MODES.map(sendCase),
    ...SEAL_MODES.map(sendCrypto),
  ];
}
