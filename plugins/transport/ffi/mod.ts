/**
 * The transport of system calls: what the system can do, batches, stamps of the kernel.
 *
 * @module
 */
import process from "node:process";
import type { Transport } from "../../../core/transport.ts";
import { TransportError } from "../../../core/errors.ts";
import { hostClock } from "../host_clock.ts";
import { openLinuxTransport } from "./linux/mod.ts";

/** By `process.platform`. */
const SYSTEMS: Readonly<Record<string, () => Transport | undefined>> = {
  linux: openLinuxTransport,
};

/** The transport of this system; one whose probe says no where there is none. */
export function createFfiTransport(): Transport {
  return SYSTEMS[process.platform]?.() ?? {
    name: "ffi",
    probe: () => undefined,
    clock: hostClock,
    openDatagram: () => Promise.reject(new TransportError("unsupported", "no system calls from this runtime here")),
  };
}
