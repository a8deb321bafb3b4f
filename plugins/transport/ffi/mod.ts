/**
 * The transport of system calls: what the system can do, batches, stamps of the kernel.
 *
 * @module
 */
import process from "node:process";
import type { Transport } from "../../../core/transport.ts";
import { TransportError } from "../../../core/errors.ts";
import { hostClock } from "../host_clock.ts";
import { freebsd } from "./freebsd.ts";
import { openLinuxTransport } from "./linux/mod.ts";
import { macos } from "./macos.ts";
import { openSingleTransport } from "./single/transport.ts";
import { windows } from "./windows.ts";

/** By `process.platform`; each returns the transport, or in a few words why there is none. */
const SYSTEMS: Readonly<Record<string, () => Transport | string>> = {
  linux: openLinuxTransport,
  darwin: () => openSingleTransport(macos),
  freebsd: () => openSingleTransport(freebsd),
  win32: () => openSingleTransport(windows),
};

/** The transport of this system; one whose probe says no where there is none. */
export function createFfiTransport(): Transport {
  const opened = SYSTEMS[process.platform]?.() ?? `there is none for ${process.platform}`;
  if (typeof opened !== "string") return opened;
  return {
    name: "ffi",
    probe: () => undefined,
    missing: opened,
    clock: hostClock,
    openDatagram: () => Promise.reject(new TransportError("unsupported", `no ffi transport: ${opened}`)),
  };
}
