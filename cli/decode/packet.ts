/**
 * A packet to be told about, wherever it came from.
 *
 * @module
 */
import type { CaptureTime } from "./frame.ts";

/** A payload in a buffer, with what is known of its way. */
export interface Packet {
  /** From 1; in a capture, of the frame. */
  readonly number: number;
  readonly view: DataView;
  readonly at: number;
  /** Octets there are. */
  readonly length: number;
  /** Octets there were on the wire. */
  readonly size: number;
  /** `address:port`; undefined for a packet given in hex, as are all that follow. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly time: CaptureTime | undefined;
  readonly ttl: number | undefined;
  readonly tos: number | undefined;
}

/** `192.0.2.1:862` or `[2001:db8::1]:862`. */
export function endpoint(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
