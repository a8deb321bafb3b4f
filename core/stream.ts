/**
 * What a stream of octets is: a TCP connection, as the control protocols of OWAMP and TWAMP need it. Who reads and writes
 * sees these interfaces and no socket.
 *
 * @module
 */
import type { AbortSignalLike } from "./transport.ts";

/** One end of a stream. `hostname` is a literal: an IPv4 address as one, one of a link with its zone where that is known. */
export interface StreamAddress {
  readonly hostname: string;
  readonly port: number;
}

/** A connection. No method throws for what the network or the peer does. */
export interface ByteStream {
  readonly local: StreamAddress;
  readonly remote: StreamAddress;
  /** What went wrong, in a few words, once it did. */
  readonly error?: string | undefined;
  /** Gets octets as they come, cut anywhere; they are borrowed. Nothing is read before this is set. */
  onData: (bytes: Uint8Array) => void;
  /**
   * Called once, when nothing will come any more: the peer has closed its side (what is written still reaches it), or the
   * connection is gone (`error` says why). Not after {@linkcode destroy}. The owner has to end the stream all the same.
   */
  onEnd: () => void;
  /**
   * Sends a copy of `bytes` after what was written before. False if more waits than a peer that reads leaves waiting, or
   * the stream is over; the caller decides what becomes of such a peer.
   */
  write(bytes: Uint8Array): boolean;
  /** Sends what waits, then closes our side. A peer that does not close its own within a bound is reset. */
  end(): void;
  /** Resets the connection: what waits is dropped. */
  destroy(): void;
  /**
   * From now on packets have the DSCP of the SYN, where the system tells and takes it: of a connection that was taken with
   * {@linkcode ListenOptions.keepDscp}. It costs some system calls, so that the owner first judges whom it is for.
   */
  keepDscp?(): void;
}

/** Where to connect to. */
export interface ConnectOptions {
  /** A literal address, as `localHost`: names are resolved once, by the caller. */
  readonly host: string;
  readonly port: number;
  /** The address to connect from; absent, the system chooses. */
  readonly localHost?: string | undefined;
  readonly timeoutMs: number;
  /** Gives up when it aborts. */
  readonly signal?: AbortSignalLike | undefined;
}

/** Where to listen. */
export interface ListenOptions {
  /** A literal address. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** `::` stands for IPv4 as well. */
  readonly dualStack: boolean;
  /** Connections that the system holds until they are taken. */
  readonly backlog: number;
  /** Connections at a time; further ones are reset at once. The system's own limit may be less. */
  readonly most: number;
  /** SYNs are kept, so that a connection can have the DSCP of its own (RFC 5357 section 3.1): {@linkcode ByteStream.keepDscp}. */
  readonly keepDscp?: boolean;
}

/** Takes connections until it is closed. */
export interface StreamListener {
  readonly address: StreamAddress;
  /** Connections at a time, after the system's own limit. */
  readonly most: number;
  /** Connections that were reset because there were too many. */
  readonly refused: number;
  /** Gives the port back; connections go on. */
  close(): void;
}
