/**
 * What a control client is told, and what it tells.
 *
 * @module
 */
import type { Nanos } from "../time/clock.ts";
import type { Accept } from "../wire/control.ts";
import type { ClientState } from "./table.ts";

/** How a client goes about it. */
export interface ControlClientOptions {
  /** Security modes that will do, best first. */
  readonly modes: readonly number[];
  /** Extensions that are used where the server has them. */
  readonly extensions: number;
  /** Extensions without which the connection is of no use. */
  readonly required: number;
  /** For keyed modes. */
  readonly keyId: string | undefined;
  /** Octets that nobody can guess. */
  readonly random: (size: number) => Uint8Array;
  /** How long an answer is waited for. */
  readonly timeout: Nanos;
  /** The most iterations of the key derivation that this client does for a server. */
  readonly mostCount: number;
}

/** Why a connection is over. */
export type ClientEnd =
  | "closed"
  | "not-welcome"
  | "no-mode"
  | "no-extension"
  | "count"
  | "refused"
  | "hmac-wrong"
  /** An Accept-Session that says yes, but no port, a SID that is there already, or other octets than were to come back. */
  | "bad-answer"
  | "unexpected"
  | "server-closed"
  | "timeout";

/** What a program must know of. */
export type ControlClientEvent =
  | { readonly type: "greeted"; readonly modes: number; readonly count: number }
  /** Derive the key and call `handleKey`. */
  | { readonly type: "key-wanted"; readonly salt: Uint8Array; readonly count: number }
  | { readonly type: "ready"; readonly mode: number; readonly startTime: Uint32Array }
  | {
    readonly type: "accepted";
    readonly sid: Uint8Array;
    readonly port: number;
    /** RFC 6038: what came back of the octets to be reflected, and the server's own. */
    readonly reflectedOctets: number;
    readonly serverOctets: number;
  }
  | { readonly type: "rejected"; readonly accept: Accept }
  | { readonly type: "started" | "stopped"; readonly sids: readonly string[] }
  | { readonly type: "not-started" | "not-stopped"; readonly accept: Accept; readonly sids: readonly string[] }
  /** Nothing more is sent. `accept` where the server said why; `state` is where it happened. */
  | { readonly type: "closed"; readonly why: ClientEnd; readonly accept: Accept; readonly state: ClientState };
