/**
 * What a control server is told, and what it tells.
 *
 * @module
 */
import type { Nanos } from "../time/clock.ts";
import type { Accept, SessionRequest } from "../wire/control.ts";

/** How a server treats one connection. */
export interface ControlServerOptions {
  /** Bits of `Mode` that are offered; 0 sends the client away. */
  readonly modes: number;
  /** Iterations of the key derivation, a power of two from 1,024 on. */
  readonly count: number;
  /** When this server started, UNIX words; the same for all connections (RFC 4656 section 3.1). */
  readonly startTime: Uint32Array;
  /** Octets that nobody can guess. */
  readonly random: (size: number) => Uint8Array;
  /** Until the connection is set up. */
  readonly setUpTimeout: Nanos;
  /** Until a message that has begun is whole. */
  readonly messageTimeout: Nanos;
  /** SERVWAIT (RFC 5357 section 3.1): silence while nothing is tested. */
  readonly servwait: Nanos;
  /** Sessions of this connection at once. */
  readonly sessions: number;
}

/** Why a connection is over. */
export type ServerEnd =
  | "client-closed"
  | "client-declined"
  | "not-welcome"
  | "mode-not-offered"
  | "key-wrong"
  | "no-room"
  | "hmac-wrong"
  | "unknown-command"
  | "stop-miscounted"
  | "too-much"
  | "slow"
  | "silent"
  | "shutdown";

/** What a program must know of. */
export type ControlServerEvent =
  /** Derive the key and call `handleKey`. */
  | { readonly type: "key-wanted"; readonly keyId: string; readonly salt: Uint8Array; readonly count: number }
  | { readonly type: "set-up"; readonly mode: number; readonly keyId: string | undefined }
  /** Call `answer`. */
  | { readonly type: "requested"; readonly request: SessionRequest }
  | { readonly type: "started" | "stopped"; readonly sids: readonly string[] }
  /** A command was refused, and the connection goes on. */
  | { readonly type: "refused"; readonly command: number }
  /** Nothing more is sent; sessions that still run are to be stopped. */
  | { readonly type: "closed"; readonly why: ServerEnd; readonly sids: readonly string[] };

/** What is answered to a request. */
export interface SessionAnswer {
  readonly accept: Accept;
  /** Where test packets go; 0 unless accepted. */
  readonly port: number;
  /** 16 octets. */
  readonly sid: Uint8Array;
  /** RFC 6038 section 4.3; 0 for none. */
  readonly serverOctets: number;
}
