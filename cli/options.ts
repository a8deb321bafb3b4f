/**
 * Options that several commands share, declared once: help, checking and defaults come from here.
 *
 * @module
 */
import { Option } from "commander";
import { OptionError } from "../core/errors.ts";
import { parsePrefix, type Prefix } from "../core/session/access.ts";
import { MOST_SESSIONS, SESSION_OCTETS } from "../core/session/session_table.ts";
import { parseThreshold } from "../core/threshold.ts";
import type { StampSource } from "../core/transport.ts";
import type { ControlKind } from "../core/wire/control_dissect.ts";
import type { PacketKind } from "../core/wire/dissect.ts";
import { listOf, shaped } from "./shapes.ts";
import type { LogLevel } from "./log.ts";
import { choice, dscp, duration, integer, percentage, rateLimit, seed, workers } from "./values.ts";

const MS = 1e6;
const S = 1e9;
const ADDRESS = "Addresses:";
const TRAFFIC = "Traffic:";
const PROTOCOL = "Protocol:";
const PACKETS = "Packets:";
const RESULT = "Result:";
const EXTENSIONS = "STAMP extensions:";
const DIAGNOSTICS = "Diagnostics:";

/** Makes an option of a help group. */
export function option(
  group: string,
  flags: string,
  description: string,
  parse?: (text: string, before: unknown) => unknown,
) {
  const made = new Option(flags, description).helpGroup(group);
  return parse === undefined ? made : made.argParser(parse);
}

/** Each time it is given adds a value. */
export function repeated<T>(parse: (text: string) => T): (text: string, before: unknown) => T[] {
  return listOf((text, before) => [...(before as T[] | undefined ?? []), parse(text)], parse);
}

/** Addresses of one prefix. */
export function prefix(flag: string): (text: string) => Prefix {
  return (text) => {
    const parsed = parsePrefix(text);
    if (parsed !== undefined) return parsed;
    throw new OptionError(`${flag} '${text}' is no prefix: write 192.0.2.0/24, 2001:db8::/32 or an address`);
  };
}

/** The same option, that can be given several times, described as it is there. */
export function repeatable(one: Option, description: string = one.description): Option {
  const parse = one.parseArg ?? ((text: string) => text);
  const several = new Option(one.flags, description).helpGroup(one.helpGroupHeading ?? "");
  return several.argParser(repeated(parse as (text: string) => unknown));
}

/** IPv4 or IPv6 alone. */
export const FAMILY_OPTIONS = [
  option(ADDRESS, "-4, --ipv4", "IPv4 only").conflicts("ipv6"),
  option(ADDRESS, "-6, --ipv6", "IPv6 only"),
];

/** What is set in the IP header of packets sent. */
export const IP_OPTIONS = [
  option(PACKETS, "--tos <N>", "TOS octet, 0 to 255 (default: 0x88)", integer("--tos", 0, 255)).conflicts("dscp"),
  option(PACKETS, "--dscp <NAME|N>", "code point instead of --tos: ef, af41, 46 (see dscptable)", dscp("--dscp")),
  option(PACKETS, "--ttl <N>", "TTL or hop limit, 1 to 255 (default: 64)", integer("--ttl", 1, 255)),
  option(PACKETS, "--do-not-fragment", "set Don't Fragment"),
];

/** How packets get to the system. */
export const TRANSPORT_OPTIONS = [
  option(PACKETS, "--transport <NAME>", "auto, or a transport by name (see plugins)").default("auto"),
  option(
    PACKETS,
    "--timestamp <SOURCE>",
    "kernel, hardware or user (default: the kernel's where there are)",
    choice("--timestamp", ["kernel", "hardware", "user"]),
  ),
  option(PACKETS, "--interface <NAME>", "send and receive through this interface only"),
];

/** How precisely probes leave. */
export const PRECISE_OPTION = option(
  TRAFFIC,
  "--precise",
  "spin through the last 150 us before each departure, to leave closer to its time",
);

/** What is said besides the result. */
export const LOG_OPTIONS = [
  option(DIAGNOSTICS, "-l, --logfile <FILE>", "diagnostics to FILE, not standard error"),
  option(DIAGNOSTICS, "-q, --quiet", "no diagnostics").conflicts(["verbose", "debug"]),
  option(DIAGNOSTICS, "-v, --verbose", "a line a probe"),
  option(DIAGNOSTICS, "-d, --debug", "every packet in hex"),
];

/** The gap between probes, with its default. */
export function interval(ms: number): Option {
  const parse = duration("--interval", MS, 1);
  return option(TRAFFIC, "-i, --interval <TIME>", "mean gap between probes: ms, or 500us, 2s", parse)
    .default(ms * MS, `${ms}`);
}

/** As a sender has it. */
export const INTERVAL = interval(100);

/** When probes leave and how large they are. */
export const TRAFFIC_OPTIONS = [
  INTERVAL,
  option(
    TRAFFIC,
    "-c, --count <N>",
    "probes to send; 0 runs until interrupted",
    integer("--count", 0, Infinity),
  )
    .default(100),
  option(
    TRAFFIC,
    "--padding <OCTETS>",
    "27 makes both directions of TWAMP one size; -1 is IMIX (default: 27, STAMP 0)",
    integer("--padding", -1, 65_493),
  ),
  option(TRAFFIC, "--profile <SPEC>", "sizes of probes: fixed, imix, jumbo:size=9000 (see plugins)"),
  option(TRAFFIC, "--schedule <SPEC>", "when probes leave: fixed, poisson").default("fixed"),
  option(
    TRAFFIC,
    "--packet-timeout <TIME>",
    "later replies count as lost: seconds, or 500ms",
    duration("--packet-timeout", S, 1),
  ).default(5 * S, "5"),
  option(TRAFFIC, "--seed <HEX>", "repeats what is random: sizes, gaps, padding", seed),
];

/** One at a time: no packet says of itself which mode it is in, so a session's is configured (RFC 8972 section 4). */
function stampMode(text: string): "open" | "authenticated" {
  if (text === "open" || text === "authenticated") return text;
  const both = text.split(",").every((name) => name === "open" || name === "authenticated");
  throw new OptionError(
    both
      ? `--mode '${text}' names two: a packet does not say which it is; run one responder for each, on ports of their own`
      : `--mode '${text}' is not one of open, authenticated`,
  );
}
shaped(stampMode, { enum: ["open", "authenticated"] });

const KEY_OPTIONS = [
  option(PROTOCOL, "--mode <NAME>", "open or authenticated (STAMP, with --key-file)", stampMode).default("open"),
  option(
    PROTOCOL,
    "--key-file <FILE>",
    "HMAC keys of STAMP (in open mode of its HMAC TLVs): lines of 'identity secret', readable by you alone; an identity 0 to 65535 is of that SSID, " +
      "'default' of all others",
  ),
  option(PROTOCOL, "--key-id <ID>", "identity to use instead of 'default'"),
];

/** What a sender's packets are. */
export const PROTOCOL_OPTIONS = [
  option(PROTOCOL, "--protocol <NAME>", "twamp or stamp", choice("--protocol", ["twamp", "stamp"])).default("twamp"),
  option(PROTOCOL, "--ssid <N>", "STAMP session identifier, 0 to 65535", integer("--ssid", 0, 65_535)).default(0),
  ...KEY_OPTIONS,
];

/** What a sender does about a far end that knows no SSID; for a sender alone. */
export const REQUIRE_SSID = option(PROTOCOL, "--require-ssid", "send no more probes once an SSID comes back as zero");

/** STAMP extensions that probes carry; for a sender alone. */
export const TLV_OPTION = option(
  PROTOCOL,
  "--tlv <SPEC>",
  "STAMP extension: cos:dscp=ef, location, follow-up … (see plugins), or hmac (with --key-file); repeatable",
  repeated((text) => text),
).default([], "none");

/** How probes say when they left. */
export const TIMESTAMP_FORMAT = option(
  PROTOCOL,
  "--timestamp-format <NAME>",
  "ntp, or ptp (truncated PTPv2, RFC 8186); our responder answers in kind",
  choice("--timestamp-format", ["ntp", "ptp"]),
).default("ntp");

/** Limits that a result must keep. */
export const FAIL_IF_OPTION = option(
  RESULT,
  "--fail-if <EXPR>",
  "exit status 4 if it is true of the result: 'rtt.p99>20ms', 'loss>1%'; repeatable",
  repeated((text) => parseThreshold(text)),
).default([], "none");

/** What a result looks like, and where it goes. */
export const OUTPUT_OPTION = option(
  RESULT,
  "--output <SPEC>",
  "table, json, ndjson, csv, influx, prometheus, nagios, junit, github, plot, html … (see plugins); " +
    "with :file=PATH to a file; repeatable",
  repeated((text) => text),
).default([], "table");

/** What becomes of the numbers. */
export const RESULT_OPTIONS = [
  OUTPUT_OPTION,
  option(RESULT, "-t, --telegraf", "same as --output influx"),
  option(RESULT, "--jitter <NAME>", "rfc1889 or rfc3393", choice("--jitter", ["rfc1889", "rfc3393"])).default(
    "rfc1889",
  ),
  FAIL_IF_OPTION,
  option(RESULT, "--print-responses", "a line a reply, gap and late arrival"),
  option(
    RESULT,
    "--stats-interval <TIME>",
    "statistics so far, every so many seconds",
    duration("--stats-interval", S, 0),
  )
    .default(0, "off"),
];

/** How a responder answers. */
export const REFLECT_OPTIONS = [
  option(PROTOCOL, "--protocol <NAME>", "auto, twamp or stamp", choice("--protocol", ["auto", "twamp", "stamp"]))
    .default("auto"),
  ...KEY_OPTIONS,
  option(PACKETS, "--stateless", "copy the sender's numbers instead of counting replies"),
  option(PACKETS, "--strict-size", "drop probes whose reply would have to be longer"),
  option(
    PACKETS,
    "--padding <OCTETS>",
    "accepted, and not needed: a reply is as long as its probe",
    integer("--padding", -1, 65_493),
  ),
  option(
    "Sessions:",
    "--timer <TIME>",
    "forget a session silent for so many seconds; 0 never",
    duration("--timer", S, 0),
  )
    .default(900 * S, "900"),
  option("Sessions:", "--allow <PREFIX>", "answer only these; repeatable", repeated(prefix("--allow"))).default(
    [],
    "all",
  ),
  option("Sessions:", "--deny <PREFIX>", "never answer these; repeatable", repeated(prefix("--deny"))).default(
    [],
    "none",
  ),
  option(
    "Sessions:",
    "--rate-limit <RATE>",
    "replies a second to one address, 100, or to all of one prefix: 100/24, with one of IPv6 too 100/24/56 (default: off)",
    rateLimit("--rate-limit"),
  ),
  option(EXTENSIONS, "--allow-return-path", "send replies elsewhere, or none, as a Return Path TLV asks"),
  option(
    EXTENSIONS,
    "--allow-dscp <NAME|N>",
    "DSCP that a Class of Service TLV may ask for; repeatable",
    repeated(dscp("--allow-dscp")),
  ).default([], "all"),
  option(EXTENSIONS, "--hide-location", "tell no address or port in answer to a Location TLV"),
  option(EXTENSIONS, "--allow-control", "make replies as long and as many as a control TLV asks"),
  option(
    EXTENSIONS,
    "--max-amplification <N>",
    "octets of all replies to a probe, at most so many times its own (default: 1)",
    integer("--max-amplification", 1, 1000),
  ),
  option(
    EXTENSIONS,
    "--micro-session <ID>",
    "identifier of this end's member link, 1 to 65535",
    integer("--micro-session", 1, 65_535),
  ),
  option(
    "Sessions:",
    "--max-sessions <N>",
    `sessions numbered at a time, of each worker; the longest silent goes first. ${SESSION_OCTETS} octets each`,
    integer("--max-sessions", 1, MOST_SESSIONS),
  ).default(8192),
  option(
    "Threads:",
    "--workers <N>",
    "threads that answer, or auto: one a processor. Sessions are of each, --rate-limit is for all; -v counts each (default: 1)",
    workers,
  ),
];

/** Faults on purpose. */
export const IMPAIR_OPTIONS = [
  option("Test mode:", "--test-mode", "spoil replies as the rates below say"),
  option("Test mode:", "--drop-rate <PERCENT>", "replies dropped", percentage("--drop-rate")),
  option("Test mode:", "--duplicate-rate <PERCENT>", "replies sent twice", percentage("--duplicate-rate")),
  option("Test mode:", "--delay-rate <PERCENT>", "replies delayed", percentage("--delay-rate")),
  option("Test mode:", "--max-delay <TIME>", "the longest of those delays, seconds", duration("--max-delay", S, 0))
    .default(2 * S, "2"),
  option("Test mode:", "--reorder-rate <PERCENT>", "replies overtaken by the next one", percentage("--reorder-rate")),
  option("Test mode:", "--seed <HEX>", "repeats the same faults", seed),
];

/** Written out here so that no command but decode has to load what knows them. */
const DECODE_KINDS: readonly (PacketKind | ControlKind)[] = [
  "twamp-sender",
  "twamp-reflector",
  "stamp-sender",
  "stamp-reflector",
  "stamp-sealed-sender",
  "stamp-sealed-reflector",
  "server-greeting",
  "set-up-response",
  "server-start",
  "request-tw-session",
  "accept-session",
  "start-sessions",
  "start-ack",
  "stop-sessions",
  "start-n-sessions",
  "start-n-ack",
  "stop-n-sessions",
  "stop-n-ack",
];

/** How packets are decoded. */
export const DECODE_OPTIONS = [
  option(
    "Packets:",
    "--as <KIND>",
    "twamp-sender, twamp-reflector, stamp-sender, stamp-reflector (authenticated: stamp-sealed-…), or of hex a control " +
      "message: server-greeting, set-up-response, request-tw-session … (default: as it looks)",
    choice("--as", DECODE_KINDS),
  ),
  option(
    "Packets:",
    "--port <N>",
    "of a capture, only this UDP port, and control connections to this TCP port (default: all, and 862)",
    integer("--port", 1, 65_535),
  ),
  option("Packets:", "--key-file <FILE>", "opens sealed control connections, and checks the HMACs of STAMP"),
  option("Result:", "--json", "an object a packet, one a line"),
];

/** How the machine's report is written. */
export const DOCTOR_OPTIONS = [
  option(RESULT, "--output <NAME>", "text, or json: one document for programs", choice("--output", ["text", "json"]))
    .default("text"),
  option(RESULT, "--json", "same as --output json").conflicts("output"),
];

/** How a far reflector is examined; they do nothing without one. */
export const DOCTOR_REMOTE_OPTIONS = [
  ...FAMILY_OPTIONS,
  option(
    PACKETS,
    "--protocol <NAME>",
    "twamp, stamp, or auto: both",
    choice("--protocol", ["auto", "twamp", "stamp"]),
  ).default("auto"),
  option(PACKETS, "--transport <NAME>", "auto, or a transport by name (see plugins)").default("auto"),
  option(PACKETS, "--interface <NAME>", "send and receive through this interface only"),
  option(PACKETS, "--quick", "leave out the largest sizes and datagrams shorter than a probe"),
];

/** What they come to. */
export interface DoctorValues {
  readonly output: "text" | "json";
  readonly json?: boolean;
  readonly ipv4?: boolean;
  readonly ipv6?: boolean;
  readonly protocol: "auto" | "twamp" | "stamp";
  readonly transport: string;
  readonly interface?: string;
  readonly quick?: boolean;
}

/** Values of the shared options, as commander hands them over. */
export interface SharedValues {
  readonly ipv4?: boolean;
  readonly ipv6?: boolean;
  readonly tos?: number;
  readonly dscp?: number;
  readonly ttl?: number;
  readonly doNotFragment?: boolean;
  readonly transport: string;
  readonly timestamp?: StampSource;
  readonly interface?: string;
  readonly logfile?: string;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly debug?: boolean;
  readonly seed?: Uint8Array;
}

/** The part of a command's flags that is the same for all. */
export function sharedFlags(values: SharedValues) {
  const level: LogLevel = values.quiet ? "quiet" : values.debug ? "debug" : values.verbose ? "verbose" : "normal";
  return {
    family: values.ipv4 ? 4 as const : values.ipv6 ? 6 as const : undefined,
    // The code point is the upper six bits of the octet (RFC 2474 section 3).
    tos: values.dscp === undefined ? values.tos : values.dscp << 2,
    ttl: values.ttl,
    doNotFragment: values.doNotFragment ?? false,
    transport: values.transport,
    stamps: values.timestamp,
    interface: values.interface,
    logfile: values.logfile,
    level,
    seed: values.seed ?? crypto.getRandomValues(new Uint8Array(16)),
  };
}
