/**
 * What is known of a machine: plain data, so that text, JSON and advice can be made of any machine. Unknown is null.
 *
 * @module
 */
import type { Nanos } from "../../core/time/clock.ts";
import type { StampSource } from "../../core/transport.ts";
import type {
  InterfaceStamps,
  OptionTrial,
  SeenStamps,
  SocketBuffers,
  Synchronisation,
} from "../../plugins/transport/ffi/machine.ts";

/** The machine and the program. */
export interface HostFacts {
  readonly name: string | null;
  /** `linux`, `win32`, ... */
  readonly system: string;
  readonly release: string | null;
  readonly architecture: string;
  readonly runtime: string;
  /** The executable of this program; null where it runs from source. */
  readonly program: string | null;
  readonly processors: number | null;
  /** Of the last minute. */
  readonly load: number | null;
  readonly virtual: boolean | null;
  /** Which hypervisor, as far as it says. */
  readonly hypervisor: string | null;
  /** Of all processors, each once; empty where nothing scales their frequency from here. */
  readonly governors: readonly string[] | null;
}

/** What reading a clock gives. */
export interface ClockReading {
  readonly name: string;
  readonly resolutionNs: Nanos | null;
  /** The smallest difference between two readings that differ. */
  readonly stepNs: Nanos | null;
  readonly costNs: Nanos | null;
}

export interface ClockFacts {
  readonly readings: readonly ClockReading[];
  readonly synchronisation: Synchronisation | null;
  /** Those that run; null where processes cannot be listed. */
  readonly daemons: readonly string[] | null;
  /** Whether systemd runs this system. */
  readonly systemd: boolean | null;
  readonly source: string | null;
  readonly sources: readonly string[] | null;
  /** Times the wall clock was set while this command ran. */
  readonly steps: number | null;
  readonly watchedNs: Nanos;
}

/** How late waits ended. */
export interface WaitFacts {
  /** A system call, the runtime's `setTimeout`, or no waiting at all. */
  readonly how: "block" | "timer" | "spin";
  /** By how much the system may delay the timers of system calls. */
  readonly slackNs: Nanos | null;
  readonly count: number;
  readonly p50Ns: Nanos | null;
  readonly p99Ns: Nanos | null;
  readonly maxNs: Nanos | null;
}

export interface InterfaceFacts {
  readonly name: string;
  /** `up`, `down`, `unknown` as the system has it. */
  readonly state: string | null;
  readonly mtu: number | null;
  readonly speedMbit: number | null;
  readonly stamps: InterfaceStamps | null;
  /** Why the stamps are not known. */
  readonly error: string | null;
}

export interface PrivilegeFacts {
  readonly user: number | null;
  /** Those that matter to a measurement, and whether they are effective. */
  readonly capabilities: Readonly<Record<string, boolean>> | null;
  readonly unprivilegedPortStart: number | null;
  /** Whether port 862, TWAMP's own, can be bound; null where that is not known because of something else. */
  readonly canBind862: boolean | null;
}

/** Counters of the host since it started. */
export interface UdpFacts {
  readonly received: number | null;
  /** Dropped because a socket's receive buffer was full. */
  readonly receiveBufferErrors: number | null;
  readonly sendBufferErrors: number | null;
}

export interface BufferFacts {
  readonly rmemMax: number | null;
  readonly rmemDefault: number | null;
  readonly wmemMax: number | null;
  readonly wmemDefault: number | null;
  readonly socket: SocketBuffers | null;
  /** Datagrams that a socket holds unread. */
  readonly burst: number | null;
  readonly udp: UdpFacts | null;
}

/** What a transport reports of loopback, where the path takes next to nothing: the least it can tell. */
export interface FloorFacts {
  readonly transport: string;
  readonly works: boolean;
  /** Why there are no numbers. */
  readonly error: string | null;
  readonly sent: number | null;
  readonly received: number | null;
  readonly minNs: Nanos | null;
  readonly p50Ns: Nanos | null;
  readonly p99Ns: Nanos | null;
  /** The source that every reply's stamps of this end had. */
  readonly t1: StampSource | null;
  readonly t4: StampSource | null;
}

/** All of it. */
export interface Facts {
  readonly host: HostFacts;
  readonly clocks: ClockFacts;
  readonly waiting: readonly WaitFacts[];
  readonly interfaces: readonly InterfaceFacts[] | null;
  readonly stampsSeen: SeenStamps | null;
  readonly options: readonly OptionTrial[] | null;
  readonly privileges: PrivilegeFacts;
  readonly buffers: BufferFacts;
  readonly transports: readonly FloorFacts[];
  /** Why the system could not be asked; null where it could. */
  readonly systemUnknown: string | null;
}
