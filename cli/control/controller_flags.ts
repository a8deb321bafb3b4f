/**
 * What the options of `controller` say.
 *
 * @module
 */
import type { SenderFlags } from "../commands/sender.ts";
import type { ControlFlags } from "./connect.ts";

/** Options as the command line gives them, checked. */
export interface ControllerFlags extends
  ControlFlags,
  Omit<
    SenderFlags,
    | "protocol"
    | "ssid"
    | "requireSsid"
    | "timestampFormat"
    | "mode"
    | "keyFile"
    | "keyId"
    | "tos"
    | "padding"
    | "profile"
  > {
  readonly sessions: number;
  /** In turn for the sessions; empty for the default. */
  readonly tos: readonly number[];
  readonly padding: readonly number[];
  readonly profile: readonly string[];
  readonly nat: boolean;
  /** RFC 6038: octets of padding that are to come back; undefined for none. */
  readonly reflectOctets: number | undefined;
  readonly symmetrical: boolean;
}
