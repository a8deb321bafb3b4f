/**
 * What a system can be asked about itself beside its sockets: what `doctor` examines, in a form that is the same on
 * every system.
 *
 * @module
 */
import type { Nanos } from "../../../core/time/clock.ts";

/** A clock of the system. */
export interface SystemClock {
  readonly name: string;
  /** What the system claims; null where it does not say. */
  readonly resolutionNs: Nanos | null;
  /** One reading, in nanoseconds from somewhere. */
  read(): Nanos;
}

/** What the system says of the error of its wall clock. */
export interface Synchronisation {
  readonly synchronized: boolean;
  /** A bound of the error; null where nothing keeps it. */
  readonly maxErrorNs: Nanos | null;
  /** An estimate of it. */
  readonly estErrorNs: Nanos | null;
}

/** Which stamps an interface can give, as its driver says. */
export interface InterfaceStamps {
  readonly rxSoftware: boolean;
  readonly txSoftware: boolean;
  readonly rxHardware: boolean;
  readonly txHardware: boolean;
  /** Every packet that arrives, not only those of PTP: probes are none of those. */
  readonly rxHardwareAll: boolean;
  /** The number of its clock, `/dev/ptpN`; null where it has none. */
  readonly phc: number | null;
}

/** A socket option that was tried on sockets of its own. */
export interface OptionTrial {
  readonly option: string;
  /** In words. */
  readonly what: string;
  readonly works: boolean;
  /** By what is known that it works: a datagram that arrived so, or only that the socket has it. */
  readonly seen: "datagram" | "socket" | null;
  /** Why not, in a few words. */
  readonly error: string | null;
}

/** What came with datagrams on loopback. */
export interface SeenStamps {
  readonly receive: boolean;
  readonly transmit: boolean;
}

/** The buffers of a socket as a measurement opens it. */
export interface SocketBuffers {
  readonly receiveOctets: number | null;
  readonly sendOctets: number | null;
  /** What one datagram of `datagramOctets` takes in the receive buffer, as seen on loopback. */
  readonly memoryPerDatagram: number | null;
  readonly datagramOctets: number;
}

/** A system that can be asked. Nothing throws: what is refused is null, or says why. */
export interface Machine {
  readonly clocks: readonly SystemClock[];
  synchronisation(): Synchronisation | null;
  /** Blocks this thread in a system call for `ns`. */
  block(ns: Nanos): void;
  /** Lets the system delay the timers of this thread by so much; null for as much as it likes. What it was, if told. */
  setTimerSlack(ns: Nanos | null): Nanos | null;
  /** The stamps of an interface, or why they are not known. */
  interfaceStamps(name: string): InterfaceStamps | string;
  tryOptions(): Promise<OptionTrial[]>;
  /** Null where no datagram arrived. */
  seeStamps(): Promise<SeenStamps | null>;
  buffers(): Promise<SocketBuffers>;
}
