/**
 * The cipher before its first packet: runtimes compile what they run often, and until then sealing takes up to a hundred
 * times as long, which in encrypted mode is in the delay of replies.
 *
 * @module
 */
import { deriveTestKeys, Seal } from "../../core/session/seal.ts";
import { SEALED_REFLECTOR_SIZE } from "../../core/wire/sealed_packet.ts";
import { randomOctets } from "./derive.ts";

/** Never longer. */
const MOST_MS = 40;
const TIMES = 3000;

/** Seals and opens packets of nobody. */
export function warmSeal(): void {
  const seal = new Seal("encrypted", deriveTestKeys(randomOctets(16), randomOctets(32), randomOctets(16)));
  const bytes = new Uint8Array(SEALED_REFLECTOR_SIZE);
  const view = new DataView(bytes.buffer);
  const until = performance.now() + MOST_MS;
  for (let times = 0; times < TIMES && performance.now() < until; times++) {
    seal.sealReflector(view, bytes, 0);
    seal.sealSender(view, bytes, 0);
    seal.openSender(view, bytes, 0);
  }
}
