/**
 * Types for authors of plugins, as a file of its own. Made by scripts/plugin_types.ts: change core, not this.
 *
 * @module
 */

/** What `twampede plugins new` writes beside a plugin. */
export const DECLARATIONS: string = `// deno-fmt-ignore-file
/**
 * The types of twampede's plugins, interface version 1: what \`twampede --plugin FILE\` loads.
 *
 * Import types only (\`import type { OutputPlugin } from "./twampede.d.ts"\`): a plugin needs nothing of the program.
 * Written by \`twampede plugins new\`; delete it to have it written anew.
 *
 * @module
 */

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
  /** Its name with its options, as it stands in results: \`fixed:padding=27\`. */
  readonly name: string;
  /** The largest answer of {@linkcode size}. */
  readonly maxSize: number;
  /** UDP payload octets of probe \`seq\`. */
  size(seq: number): number;
  /** Fills the padding of probe \`seq\`, octets \`at\` to \`end\` (exclusive). */
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

/** How test packets are protected; with \`mixed\` (RFC 5618) the control connection is encrypted and they are open. */
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
  /** \`address:port\` of the Server, \`[address]:port\` for IPv6. */
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
    /** \`address:port\`, \`[address]:port\` for IPv6. */
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
  /** The network card that stamps, where hardware stamps were asked for: its interface, and its clock (\`ptp0\`). */
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
   * Of an output for whom the exit status has another meaning, and only where it was told so: asked after \`end\`, and put
   * in place of the program's own unless undefined.
   */
  exitStatus?(): number | undefined;
}

/**
 * An output of several sessions at once: one {@linkcode Output} a session, over one sink. Each is begun with a
 * \`RunInfo.session.number\`; what they are told comes mixed, and they are ended one after another, in order.
 */
export interface OutputGroup {
  /**
   * The output of session \`number\`, from 1; asked for once each, in order, before the first \`begin\`. Numbers may be
   * missing: those of sessions that were refused.
   */
  session(number: number): Output;
  /** After the \`end\` of the last; may finish later too. */
  end?(): void | Promise<void>;
  /** As {@linkcode Output.exitStatus}, of all sessions together. */
  exitStatus?(): number | undefined;
}

/**
 * A plugin that knows nothing of several sessions gets an instance a session by \`create\`; the text of each is kept
 * together, and written in the order of the sessions. One that can do better has \`createGroup\`.
 */
export interface OutputPlugin extends PluginInfo {
  readonly kind: "output";
  /** Its file is put in place when it is complete, for who reads it meanwhile; else it is written as text comes. */
  readonly inOnePiece?: boolean;
  create(options: PluginOptions, sink: Sink): Output;
  /** For two sessions or more; for one it is always \`create\`. */
  createGroup?(options: PluginOptions, sink: Sink): OutputGroup;
  /** It writes nothing before its \`end\`, though it is told of probes: a terminal is free to show how the run goes. */
  readonly atEnd?: boolean;
}

export interface TrafficPlugin extends PluginInfo {
  readonly kind: "traffic";
  create(options: PluginOptions, packet: PacketShape): TrafficProfile;
}

export interface SchedulePlugin extends PluginInfo {
  readonly kind: "schedule";
  /** \`interval\`: the mean gap, nanoseconds; \`seed\`: 16 octets. */
  create(options: PluginOptions, interval: Nanos, seed: Uint8Array): Schedule;
}

export interface TransportPlugin extends PluginInfo {
  readonly kind: "transport";
  /** \`inner\`: what a wrapper wraps. */
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

/** Bits of {@linkcode ProbeRecord.flags}. */
export interface ProbeFlag {
  /** Answered in time. A sequence number is finished once, with this or with LOST. */
  readonly RECEIVED: 1;
  /** Not answered within the timeout. */
  readonly LOST: 2;
  /** One more reply to a probe already answered; not a finished probe. */
  readonly DUPLICATE: 4;
  /** A reply to a probe already counted as lost; not a finished probe. */
  readonly LATE: 8;
  /** Arrived after a reply to a higher sequence number (RFC 4737 section 3.3). */
  readonly REORDERED: 16;
  /** With DUPLICATE: the reflector numbered this reply anew, so the copy was made on the way there. */
  readonly COPIED_OUTBOUND: 32;
  readonly T1_KERNEL: 256;
  readonly T3_KERNEL: 1024;
  readonly T4_KERNEL: 2048;
  readonly T1_HARDWARE: 4096;
  readonly T3_HARDWARE: 16384;
  readonly T4_HARDWARE: 32768;
  /** The reflector's Error Estimate has S = 0. */
  readonly UNSYNCHRONIZED: 65536;
}

/**
 * One probe, complete. Reused from call to call: copy what must outlive it.
 *
 * A number that is not known is \`NaN\`, never 0.
 */
export interface ProbeRecord {
  /** Sequence number, not wrapped at 2^32. */
  seq: number;
  /** Bits of {@linkcode ProbeFlag}. */
  flags: number;
  /** The reflector's own sequence number, 32 bits as on the wire. */
  reflectorSeq: number;
  /** UDP payload octets of the probe. */
  size: number;
  /** UDP payload octets of the reply. */
  replySize: number;
  /** TTL of the probe as the reflector saw it. */
  ttlForward: number;
  /** TTL of the reply as it came in here. */
  ttlBackward: number;
  /** TOS octet of the probe as the reflector received it, where it tells (S-DSCP-ECN, RFC 7750 section 2.2.1). */
  tosForward: number;
  /** TOS octet of the reply as it came in here. */
  tosBackward: number;
  /** What TLVs brought back; undefined where none were sent, or none came back. */
  tlv: TlvValues | undefined;
  /** T1..T4, two words each: \`[s, ns, s, ns, s, ns, s, ns]\`; UNIX time, 0 0 where absent. */
  readonly stamps: Uint32Array;
  /** (T4 - T1) - (T3 - T2), nanoseconds. */
  rtt: Nanos;
  /** T2 - T1, nanoseconds, signed: clocks may disagree. */
  forward: Nanos;
  /** T4 - T3, nanoseconds, signed. */
  backward: Nanos;
  /** T3 - T2, nanoseconds: the reflector's residence time. */
  residence: Nanos;
  /** From this program's own T1 to the one in \`stamps\`: what the way out of this host took. 0 where they are one. */
  txLag: Nanos;
  /** From the T3 that the reply had to the one in \`stamps\`, which came later (RFC 8972 section 4.7). 0 where they are one. */
  t3Lag: Nanos;
  /** From the T4 in \`stamps\` to this program's own: what the way into it took. 0 where they are one. */
  rxLag: Nanos;
  /** How often this host's wall clock had been set in this session when the reply was read, or the probe given up. */
  clockSteps: number;
}

/** How jitter is computed: smoothed as RFC 1889/3550 does, or as the deviation of RFC 3393. */
export type JitterAlgorithm = "rfc1889" | "rfc3393";

/** One bin of a histogram: values \`from <= v < to\`, and how many there were. */
export type Bin = readonly [from: number, to: number, count: number];

/** A distribution of delays in nanoseconds; null where there is nothing to say, an unknown is never 0. */
export interface Distribution {
  readonly count: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** Root of the mean squared difference from the mean. */
  readonly stddev: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  /** By the algorithm the statistics were made with. */
  readonly jitter: number | null;
  /** Bins with a count, in ascending order. */
  readonly histogram: Iterable<Bin>;
}

/** The difference between the two clocks, their clock minus ours. All of it is since a clock was last set. */
export interface ClockOffset {
  /** At \`referenceAt\`, assuming that the quickest packets took as long there as back. */
  readonly offsetNs: Nanos;
  /** It is certain within this much, whatever the path. */
  readonly boundNs: Nanos;
  /** At \`referenceAt\`, parts per million; positive: theirs gains on ours. Null where the run does not tell it. */
  readonly driftPpm: number | null;
  /** What that is likely wrong by at most. */
  readonly driftErrorPpm: number | null;
  /** What it is certainly wrong by at most, whatever the path; null where there is no such bound. */
  readonly driftBoundPpm: number | null;
  /** When that was by our clock, milliseconds of UNIX time: at the quickest round trip in the middle third of the run. */
  readonly referenceAt: number;
  /** How the offset was found: a line through the run, or the least of each direction where no drift is known. */
  readonly method: "line" | "minimum";
  /** What \`offsetNs\` rests on; the bounds do not. */
  readonly assumes: "symmetric path";
  /** Probes it rests on. */
  readonly probes: number;
  /** Times that one of the clocks was set in the run. */
  readonly steps: number;
  /** What each clock claims of itself (S bit of the Error Estimate); null where it claims nothing. */
  readonly synchronized: { readonly local: boolean | null; readonly remote: boolean | null };
}

/** How many packets came with one TOS octet (traffic class of IPv6): six bits of DSCP, two of ECN. */
export interface TosCount {
  readonly tos: number;
  readonly count: number;
}

/** What became of the marking on the way, of probes answered in time. */
export interface Marking {
  /** TOS that probes left with; null where the system decided. */
  readonly sent: number | null;
  /** TOS that replies were agreed to leave with (its ECN bits aside); null where the far end chooses. */
  readonly replies: number | null;
  /** As the reflector received the probes (RFC 7750), most frequent first; empty where it does not tell. */
  readonly forward: readonly TosCount[];
  /** As the replies came in here, the same; empty where the transport does not tell. */
  readonly backward: readonly TosCount[];
}

/** Padding that the far end had to return as it was sent (RFC 6038 section 5.2.1). */
export interface Reflected {
  /** Octets of it in each probe. */
  readonly octets: number;
  /** Replies in which they came back as they were sent. */
  readonly verified: number;
  /** Replies in which they did not. */
  readonly altered: number;
}

/** Something the far end does that a reader of the numbers must know. */
export interface Finding {
  /** Stable name, for scripts. */
  readonly code: string;
  /** Replies that showed it. */
  readonly count: number;
  /** One sentence for people. */
  readonly text: string;
}

/** What came back of one STAMP extension, in replies that answered their probe in time. */
export interface TlvReport {
  readonly name: string;
  readonly type: number;
  /** Probes that had it. */
  readonly sent: number;
  /** Replies that had it. */
  readonly returned: number;
  /** Of these, the ones that came back with U: not understood, or not to be done. */
  readonly unrecognized: number;
  /** With M, or longer than the reply. */
  readonly malformed: number;
  /** Replies whose TLVs were discarded because an HMAC did not verify, there or here. */
  readonly integrityFailed: number;
  /** With C: the far end could not do as it was asked. */
  readonly nonConformant: number;
  /** The values that came last. */
  readonly values: Readonly<TlvValues>;
}

/** What the replies said of the far end; shown, never believed. */
export interface PeerReport {
  /** The last Error Estimate received, nanoseconds. */
  readonly errorEstimateNs: number | null;
  /** Its S bit. */
  readonly synchronized: boolean | null;
  readonly timestampFormat: "ntp" | "ptp" | null;
  readonly findings: readonly Finding[];
}

/** How a threshold compares: it is crossed where the comparison is true. */
export type ThresholdOperator = ">" | ">=" | "<" | "<=" | "==" | "!=";

/** What its numbers count: a ratio is a share of 1. */
export type ThresholdUnit = "ns" | "ratio" | "count" | "ppm";

/** A threshold that the user gave, and what became of it. */
export interface ThresholdResult {
  /** As it was given: \`rtt.p99>20ms\`. */
  readonly expression: string;
  /** The number that it is about: \`rtt.p99\`. */
  readonly metric: string;
  readonly operator: ThresholdOperator;
  /** In \`unit\`, as is \`actual\`. */
  readonly limit: number;
  readonly unit: ThresholdUnit;
  /** Null where it is not known: then it is crossed. */
  readonly actual: number | null;
  readonly crossed: boolean;
}

/** Everything known of a run. */
export interface Snapshot {
  /** received + lost = sent, once the run is over. */
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  /** Null where the reflector's own numbers cannot tell. */
  readonly lostForward: number | null;
  readonly lostBackward: number | null;
  readonly duplicates: number;
  readonly reordered: number;
  /** Null where the reflector's own numbers cannot tell. */
  readonly reorderedForward: number | null;
  readonly reorderedBackward: number | null;
  readonly late: number;
  readonly malformed: number;
  readonly unexpected: number;
  /** Sealed replies whose HMAC did not verify. */
  readonly forged: number;
  readonly unfinished: number;
  /** Probes that the system refused to send; they count as sent and lost. */
  readonly sendErrors: number;
  /** Datagrams that reached this host and were dropped before they were read; null where nobody counts them. */
  readonly lostInHost: number | null;
  readonly rtt: Distribution;
  readonly forward: Distribution;
  readonly backward: Distribution;
  /** The same less the difference of the clocks, if the quickest took as long there as back; null where it is unknown. */
  readonly forwardCorrected: Distribution | null;
  readonly backwardCorrected: Distribution | null;
  readonly residence: Distribution;
  /** Difference of the round trips of consecutive sequence numbers (RFC 3393), signed. */
  readonly ipdv: Distribution;
  /** Relative error of a percentile, at most. */
  readonly histogramError: number;
  /** Source of every value above; null where the far end does not say. */
  readonly stamps: {
    readonly t1: StampSource | null;
    readonly t2: StampSource | null;
    readonly t3: StampSource | null;
    readonly t4: StampSource | null;
    /** Answered probes that lacked that source and were left out. */
    readonly fallback: number;
    /** Answered probes whose T3 a later reply has put right. */
    readonly t3Corrected: number;
    /** Those for which one told a time at which their reply cannot have left. */
    readonly t3Refused: number;
  };
  readonly clock: ClockOffset | null;
  /** Null where neither direction was told. */
  readonly marking: Marking | null;
  /** Null where no octets were to be reflected. */
  readonly reflected: Reflected | null;
  /** Of STAMP extensions, in the order in which they were asked for; empty where none were. */
  readonly tlvs: readonly TlvReport[];
  readonly peer: PeerReport;
  /** From the start of the run to now, or to the last probe finished. */
  readonly durationNs: Nanos;
  /** What degraded or is odd, one line each. */
  readonly notes: readonly string[];
  /** Thresholds that the result was held against, in the order in which they were given; of a run that is over. */
  readonly thresholds?: readonly ThresholdResult[] | undefined;
}

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
  /** A datagram can leave with a TOS of its own: \`Batch.txTos\`. Where this is absent, that is not looked at. */
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
   * \`batch\` times \`stride\` in each. Absent, and at the most, as many as the socket likes best; what does not fit stays
   * with the system until the next call.
   */
  readonly batch?: number | undefined;
  /** The best source of stamps to use; the best there is where absent, but hardware only if asked for. */
  readonly stamps?: StampSource | undefined;
  /** The interface whose card stamps, for hardware stamps; absent, the one in \`interface\`. */
  readonly stampInterface?: string | undefined;
  /**
   * Transmit times are wanted: see {@linkcode DatagramSocket.txStamps}. They cost rate, so they are off by default;
   * \`marked\`: of datagrams with \`SlotFlag.WANTS_TX_STAMP\` alone, which costs the others nothing.
   */
  readonly txStamps?: boolean | "marked";
  /** The TOS of arriving packets is wanted. It costs rate, so it is off by default. */
  readonly readTos?: boolean;
  /** Send and receive through this interface only. */
  readonly interface?: string | undefined;
  /**
   * Other sockets of this program have the same port. The \`first\` one is bound as if it were alone, so that a port in
   * use is an error, and lets \`another\` join it only then.
   */
  readonly sharePort?: "first" | "another" | undefined;
  /** A wait ends as close to its time as can be, whatever it costs. */
  readonly precise?: boolean;
}

/** Writes the time into slots \`from\` to \`to\` that have a length: the last thing before the system call. */
export type Stamp = (tx: Batch, from: number, to: number) => void;

/** A network card that stamps packets. */
export interface StampingCard {
  readonly interface: string;
  /** The clock that it stamps by: \`ptp0\`. */
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
  /** The octets by which this socket knows a peer, as in \`Batch.peer\`; \`host\` is a literal, with its zone if it has one. */
  peer(host: string, port: number): Uint8Array;
  /** The address that datagrams to \`peer\` leave from, where the system tells of a socket on any address. */
  localFor?(peer: Uint8Array): string | undefined;
  /** A batch that this socket can fill and send at the rate it likes best. */
  createBatch(): Batch;
  /**
   * Fills \`rx\` with what is queued, waiting for it until \`until\` at the longest; returns how many came.
   * A number at once, a promise only to wait. After {@linkcode wake} it returns at once with what there is.
   */
  receive(rx: Batch, until: Mono): number | Promise<number>;
  /**
   * Sends slots whose length is not 0 to their peers; returns how many left. One that the system refuses has length 0
   * afterwards, where that is known at once. \`stamp\` is called for each of them, for a
   * few at a time, as late as can be; for no more than \`together\`, where stamping takes long (sealing does).
   */
  send(tx: Batch, stamp?: Stamp, together?: number): number | Promise<number>;
  /**
   * Fills \`out\` with transmit times that have come since; returns how many. Absent where there are none to be had.
   * With \`until\` it waits for the first of them, briefly.
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
  /** Binds a socket; rejects with a \`TransportError\`. */
  openDatagram(options: SocketOptions): Promise<DatagramSocket>;
}

/** Bits of {@linkcode Batch.flags}. */
export interface SlotFlag {
  /** \`stamp\` is the kernel's (else user space). */
  readonly KERNEL_STAMP: 1;
  /** \`stamp\` is the network card's. */
  readonly HARDWARE_STAMP: 2;
  /** \`ttl\` was read from the packet. */
  readonly IP_HEADER: 4;
  /** Larger than the slot: counted, never reflected. */
  readonly TRUNCATED: 8;
  /** \`tos\` was read from the packet: not where it was not asked for, nor where the system did not tell it. */
  readonly TOS: 16;
  /** Written by the session: the time at which this one leaves is wanted, of a socket that asks for marked ones alone. */
  readonly WANTS_TX_STAMP: 32;
}

/** Datagram slots shared by a transport and a session. */
export interface Batch {
  readonly capacity: number;
  /** Slot \`i\` starts at octet \`i * stride\`. */
  readonly stride: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Slots in use, from 0. */
  count: number;
  /** Octets used in each slot; 0 means "do not send". */
  readonly length: Uint32Array;
  /** Two words a slot: UNIX seconds and nanoseconds of the arrival. */
  readonly stamp: Uint32Array;
  /** UNIX seconds and nanoseconds at which this program had the datagrams in hand; 0 0 where \`stamp\` says it. */
  readonly readAt: Uint32Array;
  /** Received TTL or hop limit, valid with {@linkcode SlotFlag.IP_HEADER}. */
  readonly ttl: Uint8Array;
  /** Received TOS or traffic class, all eight bits, valid with {@linkcode SlotFlag.TOS}. */
  readonly tos: Uint8Array;
  /**
   * TOS or traffic class to send with, all eight bits, where the socket has \`perPacketTos\`; {@linkcode SOCKET_TOS} in a
   * fresh batch, and again in each slot that is received into.
   */
  readonly txTos: Uint16Array;
  /** Bits of {@linkcode SlotFlag}. */
  readonly flags: Uint8Array;
  /** Written by the session, for the transmit time to come back with; a sender's is the low half of its number. */
  readonly token: Uint32Array;
  /** {@linkcode PEER_SIZE} octets a slot: where it came from, and so where its reply goes. */
  readonly peer: Uint8Array;
  /** The memory of \`peer\` as words: comparing and copying takes fewer steps. */
  readonly peerWords: Uint32Array;
  /**
   * {@linkcode LOCAL_SIZE} octets a slot: the address it came to, from which its reply leaves (16, IPv4-mapped; zeros where
   * nobody says), and the interface of a link-local one (4, as the system has it).
   */
  readonly local: Uint8Array;
}

/** Transmit times of datagrams that have left, as the kernel tells them later; matched by token. */
export interface TxStamps {
  readonly capacity: number;
  count: number;
  /** \`Batch.token\` of the datagram. */
  readonly token: Uint32Array;
  /** Two words each: UNIX seconds and nanoseconds. */
  readonly stamp: Uint32Array;
  /** {@linkcode SlotFlag.KERNEL_STAMP} or {@linkcode SlotFlag.HARDWARE_STAMP}. */
  readonly flags: Uint8Array;
}

/** What TLVs bring back, by name: \`cos.dscp2\`. A number that is not known is \`NaN\`. Reused: copy what must outlive it. */
export type TlvValues = Record<string, number | string>;

/** One extension as a sender sends it. */
export interface Tlv {
  readonly type: number;
  /** The plugin's: what its values begin with. */
  readonly name: string;
  /** Its value, as far as that has a fixed form; absent where nobody has to know. */
  readonly layout?: Layout | undefined;
  /** Octets of its value, the same in every probe. */
  readonly length: number;
  /**
   * Writes the value for probe \`seq\` at \`at\`, where all is zero; false: this probe goes without it, and keeps its size by
   * padding.
   */
  write(view: DataView, at: number, seq: number): boolean | void;
  /**
   * Reads what came back, of a TLV that the reflector understood; false has the reply discarded. \`ptp\`: the reply's
   * timestamps are of that form.
   */
  read?(view: DataView, at: number, length: number, out: TlvValues, ptp: boolean): boolean | void;
  /** For one that has to be sent again until it is answered. */
  readonly timer?: TlvTimer | undefined;
  /** For one that tells of earlier replies when they left; {@linkcode read} fills it. */
  readonly late?: LateStamp | undefined;
  /** For one that asks for several replies to a probe: the far end's numbers count those, and no probes. */
  readonly asksSeveral?: boolean | undefined;
}

/** What a reply brings of an earlier one's departure (RFC 8972 section 4.7). */
export interface LateStamp {
  /** There was such a TLV, and it was understood. */
  asked: boolean;
  /** The reflector's number of that earlier reply; -1 where nothing was told. */
  seq: number;
  /** When it left, by the far end's clock: UNIX seconds and nanoseconds. */
  readonly stamp: Uint32Array;
  /** How that was found out (Timestamp Mode, Table 9 of RFC 8972). */
  method: number;
}

/** When a TLV wants a probe to carry it, besides those that leave anyway. */
export interface TlvTimer {
  /** When the next one is due; \`Infinity\` for never. */
  pollTimeout(): Mono;
  /** Time is \`now\`: what is written from here on leaves then. */
  handleTimeout(now: Mono): void;
}

/** How a reflector answers one type. Extra Padding and HMAC are not among them: the walk knows those itself. */
export interface TlvAnswer {
  readonly type: number;
  /**
   * Rewrites the value at \`at\` of the probe in \`slot\` into the reply's; returns the flags of the reply's TLV: 0 where it
   * did as it was asked, U where it could not, M where \`length\` cannot be. It is not called for a value that runs over
   * the end of the packet.
   */
  reflect(context: TlvContext, batch: Batch, slot: number, at: number, length: number): number;
}

/** The last reply of a session that had left when this one was made (RFC 8972 section 4.7). */
export interface FollowUp {
  /** The reflector's number of it; -1 where there was none. */
  seq: number;
  /** When it left: UNIX seconds and nanoseconds. */
  readonly stamp: Uint32Array;
  /** \`SlotFlag\` of that stamp; 0 is the program's own. */
  flags: number;
}

/** What a reflector is told to allow, and what its socket and host are. */
export interface TlvHost {
  /** The UDP port that it answers on. */
  readonly port: number;
  /** The address of its socket in 16 octets, IPv4-mapped; zeros where that is bound to any. */
  readonly address: Uint8Array;
  /** Addresses of this host, 16 octets each, one after another. */
  readonly addresses: Uint8Array;
  /** A reply can leave with a TOS of its own. */
  readonly perPacketTos: boolean;
  /** Whether a reply may have this DSCP, as a Class of Service TLV asks (RFC 8972 section 4.4). */
  readonly mayUseDscp: (dscp: number) => boolean;
  /** Location TLVs come back with zeros: nobody is to learn addresses behind a translator (RFC 8972 section 4.2.2). */
  readonly hideLocation: boolean;
  /** Replies leave through the interface that their probes came in by. */
  readonly sameLink: boolean;
  /** Replies may go elsewhere, or not at all, as a Return Path TLV asks (RFC 9503 section 6: on request only). */
  readonly allowReturnPath: boolean;
  /** Whether a Reflected Test Packet Control TLV is looked at. */
  readonly allowControl: boolean;
  /** Whether a reply may go to the address at \`at\`, which is not where its probe came from. */
  readonly mayReturnTo: (address: Uint8Array, at: number) => boolean;
  /** Octets of all replies to a probe, at most this many times those of the probe. */
  readonly maxAmplification: number;
  /** UDP payload octets that a reply may have, at most. */
  readonly maxReply: number;
  /** The identifier of this end's member link (RFC 9534); 0 for none. */
  readonly microSession: number;
}

/** What an answer may know of the probe's session, and ask of its reply; one object, reused. */
export interface TlvContext {
  readonly host: TlvHost;
  /** Whether the clock says that it is synchronised. */
  readonly synchronized: boolean;
  /** Octets of the base packet. */
  readonly base: number;
  /** Stamps of the reply are truncated PTPv2, as those of its probe (RFC 8186 section 2.3). */
  readonly ptp: boolean;
  /** Probes of this session that came, and replies that left, both with this one, 32 bits; -1 where nobody counts (stateless). */
  readonly received: number;
  readonly sent: number;
  /** Undefined where nobody remembers (stateless). */
  readonly followUp: FollowUp | undefined;
  /** This session wants {@linkcode followUp} next time. */
  wantsFollowUp: boolean;
  /** Where the reply goes, 16 octets, where {@linkcode redirected}; done when all TLVs are answered, as the next. */
  readonly returnTo: Uint8Array;
  redirected: boolean;
  /** Where it leaves from, the same. */
  readonly leaveFrom: Uint8Array;
  relocated: boolean;
  /** The probe is not for this reflector. */
  drop: boolean;
  /** A Return Path TLV asks for no reply. */
  noReply: boolean;
  /** Where the value of the first Return Path TLV of this probe is; -1 where it has none. */
  returnPathAt: number;
  /** Where the value of the Reflected Test Packet Control TLV is that shall be followed; -1 where there is none. */
  controlAt: number;
  /** What that one asks for is no reply. */
  controlDrop: boolean;
}

/** Nanoseconds of monotonic time since an arbitrary origin; exact for 104 days (2^53). */
export type Mono = number;

/** A signed span in nanoseconds. */
export type Nanos = number;

/** The only source of time; core never reads a clock by itself. */
export interface Clock {
  /** Now, in nanoseconds; never goes backward. */
  mono(): Mono;
  /** Writes UNIX seconds and nanoseconds of now to \`out[at]\` and \`out[at + 1]\`. */
  wall(out: Uint32Array, at: number): void;
  /** What RFC 4656 section 4.1.2 calls the Error Estimate, as its 16 wire bits. */
  readonly errorEstimate: number;
  /** Times the wall clock was set since this clock was made, as far as it can tell. */
  readonly steps?: number;
  /** The last of them; undefined before the first. */
  readonly lastStep?: ClockStep | undefined;
}

/** A jump of the wall clock against the monotonic one. */
export interface ClockStep {
  /** When it was noticed; it happened at most one look earlier. */
  readonly at: Mono;
  /** Forward is positive. */
  readonly by: Nanos;
}

/** Octets of the kinds that are read as a number. */
export interface NUMBER_SIZE {
  readonly u8: 1;
  readonly u16: 2;
  readonly u32: 4;
  readonly error: 2;
  readonly accept: 1;
  /** Four bits that must be zero, four of an IP version. */
  readonly version: 1;
  readonly modes: 4;
  readonly "type-p": 4;
}

/** How the octets of a field are read: as a number, or as what they are. */
export type FieldKind =
  | keyof NUMBER_SIZE
  | "timestamp"
  | "interval"
  | "address"
  | "text"
  | "mbz"
  | "bytes";

/** One field. */
export interface Field {
  readonly name: string;
  readonly at: number;
  readonly size: number;
  readonly kind: FieldKind;
}

/** A fixed header, every octet accounted for. */
export interface Layout {
  readonly name: string;
  /** Document and section it is from. */
  readonly rfc: string;
  readonly size: number;
  readonly fields: readonly Field[];
}

/** The flags octet; bit 0 of the RFC is the most significant. */
export interface TlvFlag {
  /** Unrecognized: the sender sets it, a reflector that understood the TLV clears it. */
  readonly U: 0x80;
  /** Malformed. */
  readonly M: 0x40;
  /** Integrity check failed. */
  readonly I: 0x20;
  /** In a reply: the reflector could not do as it was asked (Reflected Test Packet Control, RFC 10052). */
  readonly C: 0x10;
}
`;
