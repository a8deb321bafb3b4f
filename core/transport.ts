/**
 * What a socket backend is. Sockets, their clock and their waiting live behind these interfaces; core never sees more.
 *
 * @module
 */
import type { Batch, TxStamps } from "./batch.ts";
import type { Clock, Mono } from "./time/clock.ts";

/** Where a time stamp was taken. */
export type StampSource = "user" | "kernel" | "hardware";

/** What a transport can do here and now, as probed; it stands in every result. */
export interface Capabilities {
  /** Datagrams a system call; 1 where there is no recvmmsg. */
  readonly batch: number;
  readonly rxStamp: StampSource;
  readonly txStamp: StampSource;
  /** The TTL of arriving packets is read, their TOS where it is asked for. */
  readonly ipHeader: boolean;
  readonly setTos: boolean;
  /** A datagram can leave with a TOS of its own: `Batch.txTos`. Where this is absent, that is not looked at. */
  readonly perPacketTos?: boolean;
  /** The TTL of IPv4. */
  readonly setTtl: boolean;
  /** The hop limit of IPv6. */
  readonly setHopLimit: boolean;
  /** Both, on one socket for both families. */
  readonly setBothTtl: boolean;
  readonly dontFragment: boolean;
  /** False where TOS and Don't Fragment reach IPv6 alone on a socket for both families. */
  readonly setBoth?: boolean;
  /** Datagrams can be bound to an interface. */
  readonly bindInterface: boolean;
  /** Several sockets can share a port, each with the flows that the system gives it. */
  readonly sharePort: boolean;
  /** Waits end at their time to the microsecond, for a core that spins. */
  readonly precise: boolean;
}

/** What is asked of a socket. An option that is absent or undefined is left as the system has it. */
export interface SocketOptions {
  /** A literal address, never a name: names are resolved once, by the caller. */
  readonly hostname: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly tos?: number | undefined;
  readonly ttl?: number | undefined;
  /** False has routers fragment what is too large for them; absent, the system decides. */
  readonly dontFragment?: boolean | undefined;
  /** A wildcard IPv6 address that stands for IPv4 as well. */
  readonly dualStack?: boolean;
  /** Octets of the largest datagram to be received; longer ones arrive flagged TRUNCATED. */
  readonly stride?: number;
  /**
   * Slots of the batches that {@linkcode DatagramSocket.createBatch} makes, for a program with many sockets: memory is
   * `batch` times `stride` in each. Absent, and at the most, as many as the socket likes best; what does not fit stays
   * with the system until the next call.
   */
  readonly batch?: number | undefined;
  /** The best source of stamps to use; the best there is where absent, but hardware only if asked for. */
  readonly stamps?: StampSource | undefined;
  /** The interface whose card stamps, for hardware stamps; absent, the one in `interface`. */
  readonly stampInterface?: string | undefined;
  /**
   * Transmit times are wanted: see {@linkcode DatagramSocket.txStamps}. They cost rate, so they are off by default;
   * `marked`: of datagrams with `SlotFlag.WANTS_TX_STAMP` alone, which costs the others nothing.
   */
  readonly txStamps?: boolean | "marked";
  /** The TOS of arriving packets is wanted. It costs rate, so it is off by default. */
  readonly readTos?: boolean;
  /** Send and receive through this interface only. */
  readonly interface?: string | undefined;
  /**
   * Other sockets of this program have the same port. The `first` one is bound as if it were alone, so that a port in
   * use is an error, and lets `another` join it only then.
   */
  readonly sharePort?: "first" | "another" | undefined;
  /** A wait ends as close to its time as can be, whatever it costs. */
  readonly precise?: boolean;
}

/** Writes the time into slots `from` to `to` that have a length: the last thing before the system call. */
export type Stamp = (tx: Batch, from: number, to: number) => void;

/** A network card that stamps packets. */
export interface StampingCard {
  readonly interface: string;
  /** The clock that it stamps by: `ptp0`. */
  readonly phc: string;
  /** How often that was set against the system's clock, as far as it can be told. */
  readonly jumps: number;
}

/** A bound UDP socket. No method throws for what the network does. */
export interface DatagramSocket {
  readonly address: { readonly hostname: string; readonly port: number };
  readonly capabilities: Capabilities;
  /** The card whose stamps were asked for. */
  readonly card?: StampingCard | undefined;
  /** Datagrams that could not be handed to the system, and the system's last word on it. */
  readonly sendErrors: number;
  readonly lastSendError: string | undefined;
  /** What ICMP said of datagrams that had left, where the system tells: how often, and the last of it. */
  readonly networkErrors?: { readonly count: number; readonly text: string | undefined } | undefined;
  /** Datagrams that arrived and had no room in this program before they were read. */
  readonly overflows: number;
  /** Datagrams that reached this host for this socket and were dropped by the system before they were read; null where it does not tell. */
  readonly lostInHost: number | null;
  /** The octets by which this socket knows a peer, as in `Batch.peer`; `host` is a literal, with its zone if it has one. */
  peer(host: string, port: number): Uint8Array;
  /** The address that datagrams to `peer` leave from, where the system tells of a socket on any address. */
  localFor?(peer: Uint8Array): string | undefined;
  /** A batch that this socket can fill and send at the rate it likes best. */
  createBatch(): Batch;
  /**
   * Fills `rx` with what is queued, waiting for it until `until` at the longest; returns how many came.
   * A number at once, a promise only to wait. After {@linkcode wake} it returns at once with what there is.
   */
  receive(rx: Batch, until: Mono): number | Promise<number>;
  /**
   * Sends slots whose length is not 0 to their peers; returns how many left. One that the system refuses has length 0
   * afterwards, where that is known at once. `stamp` is called for each of them, for a
   * few at a time, as late as can be; for no more than `together`, where stamping takes long (sealing does).
   */
  send(tx: Batch, stamp?: Stamp, together?: number): number | Promise<number>;
  /**
   * Fills `out` with transmit times that have come since; returns how many. Absent where there are none to be had.
   * With `until` it waits for the first of them, briefly.
   */
  txStamps?(out: TxStamps, until?: Mono): number;
  /** Ends a wait in {@linkcode receive}, from a signal handler for instance. */
  wake(): void;
  /** Ends a wait; from then on nothing comes, and nothing is waited for. */
  close(): void;
  /** Who waits in a loop asks: {@linkcode receive} would return at once for ever. */
  readonly isClosed: boolean;
}

/** A socket backend. */
export interface Transport {
  readonly name: string;
  /** What it can do here; undefined when it cannot work on this runtime. Cheap, and never throws. */
  probe(): Capabilities | undefined;
  /** Why {@linkcode probe} says no, in a few words. */
  readonly missing?: string;
  /** The clock that stamps this transport's datagrams. */
  clock(): Clock;
  /** Binds a socket; rejects with a `TransportError`. */
  openDatagram(options: SocketOptions): Promise<DatagramSocket>;
}

/** What core needs of an AbortSignal, which `lib: ["esnext"]` does not have. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
