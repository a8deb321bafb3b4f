/**
 * What is set on a socket before it is bound, and what to say if the system refuses it.
 *
 * @module
 */
import { TransportError } from "../../../../core/errors.ts";
import type { SocketOptions, StampSource } from "../../../../core/transport.ts";
import { errorText } from "../errors.ts";
import { fixedMemory } from "../native.ts";
import { AF_INET, interfaceIndex } from "./names.ts";
import type { Calls, Handle, Option, System } from "./system.ts";

/** Octets of the buffers asked for: what arrives while a runtime collects its garbage must have room. */
const BUFFER = 4 * 2 ** 20;
/** A system that has a limit refuses what is above it; this is tried last. */
const LEAST_BUFFER = BUFFER / 16;

/** Whether datagrams for any address of the host come to `hostname`. */
export function isWildcard(hostname: string): boolean {
  return /^[0:.]+$/.test(hostname);
}

/** The options of one socket. */
export class Options {
  readonly #system: System;
  readonly #calls: Calls;
  readonly #handle: Handle;
  readonly #value = fixedMemory(4);
  readonly #size = fixedMemory(4);

  constructor(system: System, calls: Calls, handle: Handle) {
    this.#system = system;
    this.#calls = calls;
    this.#handle = handle;
  }

  /** Sets what `options` ask for; returns whose stamps there will be. */
  set(family: number, options: SocketOptions): StampSource {
    const { options: table, ipv4OnIpv6 } = this.#system;
    const isIpv6 = family !== AF_INET;
    const isBoth = isIpv6 && options.dualStack !== false && isWildcard(options.hostname);
    // First, because what an IPv6 socket takes depends on it; the systems' defaults differ.
    if (isIpv6) this.#must(table.ipv6Only, isBoth ? 0 : 1, isBoth ? "take IPv4 as well" : "take IPv6 alone");
    const ipv4 = !isIpv6 || (isBoth && ipv4OnIpv6);
    for (const [level, name, value] of table.always) this.#set([level, name], value);
    for (const family of [...(ipv4 ? ["ipv4"] as const : []), ...(isIpv6 ? ["ipv6"] as const : [])]) {
      for (const [level, name, value] of table.told[family]) this.#set([level, name], value);
      if (isWildcard(options.hostname)) this.#set([table.local[family][0], table.local[family][1]], 1);
      const { tos, ttl, dontFragment } = options;
      if (tos !== undefined) this.#must(table.tos[family], tos, `set TOS ${tos}`);
      if (ttl !== undefined) this.#must(table.ttl[family], ttl, `set TTL ${ttl}`);
      const [level, name, on, off] = table.dontFragment[family];
      if (dontFragment) this.#must([level, name], on, "set Don't Fragment");
      else if (dontFragment === false) this.#set([level, name], off);
    }
    if (options.dualStack && isBoth && !ipv4OnIpv6) refuseBoth(options);
    this.#share(options);
    this.#bindInterface(options, ipv4, isIpv6);
    this.#enlarge(table.receiveBuffer);
    this.#enlarge(table.sendBuffer);
    return this.#stamp(options);
  }

  /** 0, or the error. */
  #set([level, name]: Option, value: number): number {
    new DataView(this.#value.buffer).setInt32(0, value, true);
    return this.#calls.setsockopt(this.#handle, level, name, this.#value, 4) === 0 ? 0 : this.#calls.error();
  }

  #get([level, name]: Option): number {
    this.#size[0] = 4;
    const status = this.#calls.getsockopt(this.#handle, level, name, this.#value, this.#size);
    return status === 0 ? new DataView(this.#value.buffer).getInt32(0, true) : 0;
  }

  #must(option: Option, value: number, what: string): void {
    const error = this.#set(option, value);
    if (error === 0) return;
    const why = errorText(this.#system.errors, error);
    throw new TransportError("unsupported", `the system refuses to ${what}: ${why}`);
  }

  #share(options: SocketOptions): void {
    if (!options.sharePort) return;
    const { sharePort } = this.#system.options;
    if (sharePort === undefined) {
      throw new TransportError("unsupported", "this system does not divide a port among sockets: use one");
    }
    this.#must([sharePort[0], sharePort[1]], sharePort[2], "share a port");
  }

  #bindInterface(options: SocketOptions, ipv4: boolean, ipv6: boolean): void {
    if (options.interface === undefined) return;
    const table = this.#system.options.interface;
    if (table === undefined) {
      throw new TransportError("unsupported", `--interface '${options.interface}': this system cannot, leave it out`);
    }
    const index = interfaceIndex(this.#system, this.#calls, options.interface);
    const what = `bind to interface '${options.interface}'`;
    if (ipv4) this.#must(table.ipv4, index, what);
    if (ipv6) this.#must(table.ipv6, index, what);
  }

  /** As large as asked or as the system allows; a smaller one is no error. */
  #enlarge(option: Option): void {
    const now = this.#get(option);
    for (let size = BUFFER; size > now && size >= LEAST_BUFFER; size /= 2) if (this.#set(option, size) === 0) return;
  }

  #stamp(options: SocketOptions): StampSource {
    if (options.stamps === "user") return "user";
    if (options.stamps === "hardware") {
      throw new TransportError("unsupported", "this system has no hardware time stamps: use --timestamp user");
    }
    const [first, ...finer] = this.#system.options.stamps;
    if (first !== undefined && this.#set([first[0], first[1]], first[2]) === 0) {
      for (const [level, name, value] of finer) this.#set([level, name], value);
      return "kernel";
    }
    if (options.stamps !== "kernel") return "user";
    throw new TransportError("unsupported", "this kernel has no time stamps of packets: use --timestamp user");
  }
}

/** Half of what was asked would be a false result. */
function refuseBoth({ tos, dontFragment }: SocketOptions): void {
  const what = tos !== undefined ? `TOS ${tos}` : dontFragment ? "Don't Fragment" : undefined;
  if (what === undefined) return;
  throw new TransportError(
    "unsupported",
    `this system sets ${what} for one family a socket: add -4, or give one address`,
  );
}
