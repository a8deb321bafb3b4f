/**
 * A datagram without octets, through a socket of the runtime: a batch cannot hold one.
 *
 * @module
 */
import { createSocket } from "node:dgram";
import { formatEndpoint } from "../../../core/address.ts";
import type { Nanos } from "../../../core/time/clock.ts";
import type { Answer } from "./evidence.ts";

/** See {@linkcode askEmpty}. */
export type AskEmpty = typeof askEmpty;

/** Resolves to what came back, or to undefined where none could be sent. */
export function askEmpty(host: string, port: number, family: 4 | 6, patienceNs: Nanos): Promise<Answer[] | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(family === 6 ? "udp6" : "udp4");
    const answers: Answer[] = [];
    let unsent = false;
    const timer = setTimeout(() => finish(), patienceNs / 1e6);
    const finish = () => {
      clearTimeout(timer);
      socket.close();
      resolve(unsent ? undefined : answers);
    };
    socket.on("message", (message, from) => {
      answers.push({
        octets: new Uint8Array(message),
        from: formatEndpoint(from.address, from.port),
        sameSource: from.port === port,
        roundNs: 0,
        stamp: [0, 0],
        ttl: null,
        tos: null,
      });
      finish();
    });
    socket.on("error", () => {
      unsent = true;
      finish();
    });
    socket.send(new Uint8Array(0), port, host);
  });
}
