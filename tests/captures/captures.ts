/**
 * Reads the recorded exchanges of this folder.
 *
 * @module
 */
import { readFileSync } from "node:fs";

/** One payload of a conversation. */
export interface Recorded {
  readonly seconds: number;
  readonly nanos: number;
  readonly proto: "tcp" | "udp";
  readonly from: number;
  readonly to: number;
  /** Undefined for TCP. */
  readonly ttl: number | undefined;
  readonly octets: Uint8Array;
}

/** The payloads of `name` (a file here, without `.json`), in order. */
export function readRecorded(name: string): Recorded[] {
  const { messages } = JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), "utf8"));
  return messages.map((message: Record<string, unknown>) => {
    const [seconds, nanos] = (message.t as string).split(".").map(Number);
    const octets = Uint8Array.from((message.hex as string).match(/../g) ?? [], (pair) => parseInt(pair, 16));
    return { seconds, nanos, proto: message.proto, from: message.from, to: message.to, ttl: message.ttl, octets };
  });
}
