/**
 * What plugins are: plain objects that say what they are called, what they can be told, and how to make one.
 *
 * @module
 */
import type { ProbeRecord } from "./record.ts";
import type { JitterAlgorithm, Snapshot } from "./snapshot.ts";
import type { Nanos } from "./time/clock.ts";
import type { Tlv, TlvAnswer } from "./tlv.ts";
import type { Transport } from "./transport.ts";

/** One option of a plugin; help, checking and error messages come from it. */
export interface OptionSpec {
  readonly name: string;
  readonly type: "string" | "number" | "duration" | "size" | "boolean";
  readonly summary: string;
  readonly default?: string | number | boolean;
  readonly choices?: readonly string[];
}
/** Options after checking, with defaults filled in. Durations are nanoseconds, sizes octets. */
export type PluginOptions = Readonly<Record<string, string | number | boolean>>;

/** What every plugin says about itself. */
export interface PluginInfo {
  /** Version of this interface that the plugin was written for. */
  readonly api: 1;
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionSpec[];
}

/** How big each probe is and what pads it. Pure: same seq, same answer. */
export interface TrafficProfile {
  /** Its name with its options, as it stands in results: `fixed:padding=27`. */
  readonly name: string;
  /** The largest answer of {@linkcode size}. */
  readonly maxSize: number;
  /** UDP payload octets of probe `seq`. */
  size(seq: number): number;
  /** Fills the padding of probe `seq`, octets `at` to `end` (exclusive). */
  fill(bytes: Uint8Array, at: number, end: number, seq: number): void;
}

/** When each probe leaves. Drawn in order, so that a seed replays it. */
export interface Schedule {
  readonly name: string;
  /** The gap before the next probe, nanoseconds; asked for the first probe too. */
  next(): Nanos;
}

/** What a traffic profile must know of the packets it shapes. */
export interface PacketShape {
  readonly family: 4 | 6;
  readonly protocol: "twamp" | "stamp";
  /** Octets of the base packet, the least a probe can have: 14 TWAMP, 44 STAMP, more where sealed or symmetrical. */
  readonly base: number;
  /** Octets of padding with which both directions have one size; what is to come back (RFC 6038) is on top. */
  readonly onesize: number;
  /** 16 octets. */
  readonly seed: Uint8Array;
}

/** How test packets are protected; with `mixed` (RFC 5618) the control connection is encrypted and they are open. */
export type SecurityMode = "open" | "authenticated" | "encrypted" | "mixed";

/** An extension that both ends of a control connection agreed to use. */
export type ControlExtension =
  | "individual-session-control"
  | "reflect-octets"
  | "symmetrical-size"
  | "dscp-ecn-monitoring"
  | "ptp-timestamps";

/** The control connection that set a session up (RFC 5357 section 3). */
export interface ControlInfo {
  /** `address:port` of the Server, `[address]:port` for IPv6. */
  readonly server: string;
  /** The SID that the Server gave the session: 32 hex digits. */
  readonly sid: string;
  /** The identity whose secret was used; null in open mode. */
  readonly keyId: string | null;
  readonly modes: readonly ControlExtension[];
}

/** The place of a session among those of its run, from 1. */
export interface SessionNumber {
  readonly index: number;
  readonly of: number;
}

/** What was run, known before the first probe. */
export interface RunInfo {
  readonly tool: {
    readonly name: string;
    readonly version: string;
    readonly runtime: string;
    readonly transport: string;
  };
  readonly session: {
    readonly protocol: "twamp" | "stamp";
    readonly mode: SecurityMode;
    /** `address:port`, `[address]:port` for IPv6. */
    readonly local: string;
    readonly remote: string;
    readonly ssid: number;
    /** Null where the transport cannot set it and the system decides. */
    readonly tos: number | null;
    readonly ttl: number | null;
    readonly dontFragment: boolean;
    readonly profile: string;
    readonly schedule: string;
    /** Null when it runs until interrupted. */
    readonly count: number | null;
    readonly intervalNs: Nanos;
    readonly timeoutNs: Nanos;
    readonly jitter: JitterAlgorithm;
    /** 32 hex digits: makes the run repeatable. */
    readonly seed: string;
    /** How it was set up; undefined where nobody set it up (TWAMP Light, STAMP). */
    readonly control?: ControlInfo | undefined;
    /** Which of several sessions at once this is; undefined where it is the only one. */
    readonly number?: SessionNumber | undefined;
  };
  /** This host's name. */
  readonly host: string;
  /** The network card that stamps, where hardware stamps were asked for: its interface, and its clock (`ptp0`). */
  readonly card?: { readonly interface: string; readonly phc: string } | undefined;
  /** What this host's clock says of itself, as it stands in probes (S bit and error of the Error Estimate). */
  readonly clock?: { readonly synchronized: boolean; readonly errorNs: Nanos | null } | undefined;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
}

/** Where formatted text goes: standard output, a file, a string in tests. */
export interface Sink {
  write(chunk: string): void;
  close(): Promise<void>;
}

/** A formatter. Arguments are borrowed: copy what must outlive the call. */
export interface Output {
  begin?(run: RunInfo): void;
  probe?(probe: Readonly<ProbeRecord>): void;
  interval?(snapshot: Snapshot): void;
  /** May finish later; the host waits up to its deadline. */
  end(summary: Snapshot): void | Promise<void>;
  /**
   * Of an output for whom the exit status has another meaning, and only where it was told so: asked after `end`, and put
   * in place of the program's own unless undefined.
   */
  exitStatus?(): number | undefined;
}

/**
 * An output of several sessions at once: one {@linkcode Output} a session, over one sink. Each is begun with a
 * `RunInfo.session.number`; what they are told comes mixed, and they are ended one after another, in order.
 */
export interface OutputGroup {
  /**
   * The output of session `number`, from 1; asked for once each, in order, before the first `begin`. Numbers may be
   * missing: those of sessions that were refused.
   */
  session(number: number): Output;
  /** After the `end` of the last; may finish later too. */
  end?(): void | Promise<void>;
  /** As {@linkcode Output.exitStatus}, of all sessions together. */
  exitStatus?(): number | undefined;
}

/**
 * A plugin that knows nothing of several sessions gets an instance a session by `create`; the text of each is kept
 * together, and written in the order of the sessions. One that can do better has `createGroup`.
 */
export interface OutputPlugin extends PluginInfo {
  readonly kind: "output";
  /** Its file is put in place when it is complete, for who reads it meanwhile; else it is written as text comes. */
  readonly inOnePiece?: boolean;
  create(options: PluginOptions, sink: Sink): Output;
  /** For two sessions or more; for one it is always `create`. */
  createGroup?(options: PluginOptions, sink: Sink): OutputGroup;
  /** It writes nothing before its `end`, though it is told of probes: a terminal is free to show how the run goes. */
  readonly atEnd?: boolean;
}
export interface TrafficPlugin extends PluginInfo {
  readonly kind: "traffic";
  create(options: PluginOptions, packet: PacketShape): TrafficProfile;
}
export interface SchedulePlugin extends PluginInfo {
  readonly kind: "schedule";
  /** `interval`: the mean gap, nanoseconds; `seed`: 16 octets. */
  create(options: PluginOptions, interval: Nanos, seed: Uint8Array): Schedule;
}
export interface TransportPlugin extends PluginInfo {
  readonly kind: "transport";
  /** `inner`: what a wrapper wraps. */
  create(options: PluginOptions, inner?: Transport): Transport;
}
/** A STAMP extension: how a sender asks with it, and how a reflector answers. */
export interface TlvPlugin extends PluginInfo {
  readonly kind: "tlv";
  readonly type: number;
  /** One for a session of a sender: it may remember. */
  create(options: PluginOptions): Tlv;
  /** Undefined where the walk answers it itself. */
  readonly answer?: TlvAnswer | undefined;
}
export type Plugin = OutputPlugin | TrafficPlugin | SchedulePlugin | TransportPlugin | TlvPlugin;
