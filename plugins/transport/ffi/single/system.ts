/**
 * What the machine for single messages is told of an operating system: a table of numbers, and calls in one shape.
 *
 * @module
 */
import type { Mono } from "../../../../core/time/clock.ts";
import type { Capabilities } from "../../../../core/transport.ts";
import type { Agreement } from "../clock.ts";
import type { Native } from "../native.ts";
import type { Synchronisation } from "../timex.ts";
import type { PollSet } from "../waiters.ts";

/** A socket as the system's calls want it: an int, or on Windows a SOCKET of 64 bits. */
export type Handle = number | bigint;

/** A socket option: level and name. */
export type Option = readonly [level: number, name: number];
/** A socket option and its value. */
export type Setting = readonly [level: number, name: number, value: number];
/** A socket option and its values for on and off. */
export type Switch = readonly [level: number, name: number, on: number, off: number];

/** What a control message that came with a datagram tells. */
export const Told = { TTL: 0, TOS: 1, LOCAL_IPV4: 2, LOCAL_IPV6: 3, STAMP_MICRO: 4, STAMP_NANO: 5 } as const;

/** A kind of control message; `at` is where in its data the value is. */
export interface ControlRow {
  readonly level: number;
  readonly type: number;
  readonly tells: typeof Told[keyof typeof Told];
  readonly at: number;
}

/** The control message that says which address a datagram leaves from: `size` octets of data, the address at `at`. */
export interface SourceRow {
  readonly level: number;
  readonly type: number;
  readonly size: number;
  readonly at: number;
}

/**
 * Structures: offsets in octets. All are little-endian, and what has 64 bits on some systems is a number of 32 bits with
 * zeros behind it.
 */
export interface Layout {
  /** `hasLength`: a sockaddr begins with its length, and its family has 8 bits. */
  readonly sockaddr: { readonly hasLength: boolean; readonly inet6: number };
  /** `struct msghdr`, WSAMSG. */
  readonly message: {
    readonly size: number;
    readonly name: number;
    readonly nameLength: number;
    readonly buffers: number;
    readonly bufferCount: number;
    readonly control: number;
    readonly controlLength: number;
    readonly flags: number;
  };
  /** `struct iovec`, WSABUF; 16 octets. */
  readonly buffer: { readonly base: number; readonly length: number };
  /** `struct cmsghdr`; its length is at 0. */
  readonly control: { readonly level: number; readonly type: number; readonly data: number; readonly align: number };
  /** The bit of a message's flags. */
  readonly truncated: number;
}

/** The socket options. */
export interface OptionTable {
  readonly ipv6Only: Option;
  /** Set where the system lets us; what they bring is a gain, and its absence is seen. */
  readonly always: readonly Setting[];
  readonly told: { readonly ipv4: readonly Setting[]; readonly ipv6: readonly Setting[] };
  readonly local: { readonly ipv4: Setting; readonly ipv6: Setting };
  readonly tos: { readonly ipv4: Option; readonly ipv6: Option };
  readonly ttl: { readonly ipv4: Option; readonly ipv6: Option };
  readonly dontFragment: { readonly ipv4: Switch; readonly ipv6: Switch };
  /** What makes the kernel stamp what arrives: the first is needed, the others make it finer. */
  readonly stamps: readonly Setting[];
  readonly sharePort?: Setting;
  /** The value is the number of the interface. */
  readonly interface?: { readonly ipv4: Option; readonly ipv6: Option };
  readonly receiveBuffer: Option;
  readonly sendBuffer: Option;
}

/** The errors that must be told apart, and others that have names and words. */
export interface ErrorTable extends Readonly<Record<string, number>> {
  readonly EAGAIN: number;
  readonly EMSGSIZE: number;
  /** These are what a bind is refused with. */
  readonly EADDRINUSE: number;
  readonly EADDRNOTAVAIL: number;
  readonly EAFNOSUPPORT: number;
  readonly EACCES: number;
  readonly EINVAL: number;
}

/** One operating system. */
export interface System {
  readonly capabilities: Capabilities;
  readonly layout: Layout;
  readonly options: OptionTable;
  readonly told: readonly ControlRow[];
  readonly source: {
    readonly ipv4: SourceRow;
    readonly ipv6: SourceRow;
    /** Which of them an IPv6 socket wants for a peer of IPv4. */
    readonly mapped: "ipv4" | "ipv6";
  };
  /** IPv4's options can be set on an IPv6 socket. If not, its hop limit is the TTL too, and the rest stays unset. */
  readonly ipv4OnIpv6: boolean;
  readonly errors: ErrorTable;
  /** A datagram that is larger than its buffer comes as this error, not as a flag. */
  readonly tooLong?: number;
  readonly clock: Agreement;
  /** How to list the interfaces, for people. */
  readonly interfaces: string;
  /** Loads the functions; throws where they are not. */
  load(native: Native): Calls;
}

/** The calls. They return -1 and set the error, or what they should. */
export interface Calls {
  readonly native: Native;
  /** A UDP socket whose calls do not block. */
  open(family: number): Handle | undefined;
  close(handle: Handle): void;
  bind(handle: Handle, name: Uint8Array, size: number): number;
  getsockname(handle: Handle, name: Uint8Array, size: Uint8Array): number;
  setsockopt(handle: Handle, level: number, name: number, value: Uint8Array, size: number): number;
  getsockopt(handle: Handle, level: number, name: number, value: Uint8Array, size: Uint8Array): number;
  /** Octets received. */
  receive(handle: Handle, message: Uint8Array): number;
  /** Octets sent. */
  send(handle: Handle, message: Uint8Array): number;
  /**
   * Blocks for `ns` at the most, and less if the system's timers are too coarse, until `descriptor` is readable, or
   * writable if so; above 0 if it is, -1 if a signal came.
   */
  wait(descriptor: number, writable: boolean, ns: number): number;
  /** The same for many that are to be readable. */
  readonly together: PollSet;
  /** Why the last call failed. */
  error(): number;
  /** The number of an interface; 0 if there is none of that name. */
  interfaceIndex(name: string): number;
  mono(): Mono;
  wall(out: Uint32Array, at: number): void;
  /** What the system says of its clock's error. */
  synchronisation(): Synchronisation | undefined;
}
