/**
 * Options of the commands that speak TWAMP-Control, declared once: help, checking and defaults come from here.
 *
 * @module
 */
import type { Option } from "commander";
import { LEAST_COUNT, MOST_COUNT } from "../../core/control/counts.ts";
import { OptionError } from "../../core/errors.ts";
import { offering } from "../shapes.ts";
import { option, prefix, repeated } from "../options.ts";
import { duration, integer } from "../values.ts";
import { EXTENSION, parseExtensions, parseModes, parseSecurity, SECURITY } from "./modes.ts";
import { parsePortRange } from "./test_ports.ts";

const S = 1e9;
const CONTROL = "Control:";
const SESSIONS = "Sessions:";
const LIMITS = "Limits:";
const EXTENSIONS = Object.keys(EXTENSION);

const CONTROL_PORT = option(
  CONTROL,
  "--control-port <PORT>",
  "TCP port of the server",
  integer("--control-port", 1, 65_535),
)
  .default(862);
const KEY_FILE = option(CONTROL, "--key-file <FILE>", "secrets: lines of 'identity secret', readable by you alone");

/** Checked when it is given, and read again when it is used. */
function checked(check: (text: string) => unknown): (text: string) => string {
  return (text) => {
    check(text);
    return text;
  };
}

/** A power of two that both RFCs and their clients allow. */
function iterations(option: string): (text: string) => number {
  const number = integer(option, LEAST_COUNT, MOST_COUNT);
  return (text) => {
    const value = number(text);
    if ((value & (value - 1)) === 0) return value;
    throw new OptionError(`${option} '${text}' is no power of two: write 1024, 2048, 4096, ...`);
  };
}

/** Extensions to use; what is taken without it differs. */
function extensions(usual: string): Option {
  return option(
    CONTROL,
    "--extensions <NAMES>",
    `to use where offered: individual, monitor, ptp; plain for none (default: ${usual})`,
    offering(checked((text) => parseExtensions("--extensions", text)), () => [...EXTENSIONS, "plain"], true),
  );
}

/** What `controller` and `controlclient` have in common. */
const CLIENT: readonly Option[] = [
  CONTROL_PORT,
  option(
    CONTROL,
    "--mode <NAMES>",
    "open, authenticated, encrypted, mixed; of several the strongest offered (default: open; with a key encrypted or authenticated)",
    offering(parseSecurity("--mode"), () => Object.keys(SECURITY), true),
  ),
  KEY_FILE,
  option(CONTROL, "--key-id <ID>", "identity in that file (default: the only one there)"),
  option(
    CONTROL,
    "--control-timeout <TIME>",
    "how long the server may take to answer, seconds",
    duration("--control-timeout", S, 1),
  ).default(10 * S, "10"),
  option(
    CONTROL,
    "--max-iterations <N>",
    "the most work on a key that a server may ask for",
    integer("--max-iterations", 1024, 2 ** 24),
  ).default(MOST_COUNT),
  option(CONTROL, "--nat", "leave addresses out of the request: the server takes those that it sees"),
];

/** What packets are: TWAMP-Control sets up no other. Taken for those who say it to every command. */
const PROTOCOL = option("Packets:", "--protocol <NAME>", "twamp, which is what TWAMP-Control sets up", (text) => {
  if (text === "twamp") return text;
  throw new OptionError(`--protocol '${text}' has no control protocol: use twampede sender, or leave it out`);
}).default("twamp");

/** `controller`, besides what a sender has. */
export const CONTROLLER_OPTIONS: readonly Option[] = [
  ...CLIENT,
  extensions("all"),
  option(
    SESSIONS,
    "--sessions <N>",
    "test sessions at once; --tos, --dscp, --padding and --profile, given several times, go to them in turn",
    integer("--sessions", 1, 1000),
  ).default(1),
  option(
    SESSIONS,
    "--reflect-octets <N>",
    "octets of padding that must come back as they were sent (RFC 6038)",
    integer("--reflect-octets", 2, 65_000),
  ),
  option(SESSIONS, "--symmetrical", "probes of the form that is as long as its reply (RFC 6038)"),
  PROTOCOL,
];

/** `controlclient`. */
export const CONTROLCLIENT_OPTIONS: readonly Option[] = [
  ...CLIENT,
  extensions("none, as the sender is not told"),
  option(
    SESSIONS,
    "--padding <OCTETS>",
    "padding of the sender's probes (default: what makes both directions one size)",
    integer("--padding", 0, 65_459),
  ),
  option(
    SESSIONS,
    "--packet-timeout <TIME>",
    "after the end, probes in transit are answered for so many seconds",
    duration("--packet-timeout", S, 0),
  ).default(5 * S, "5"),
];

/** `server`. */
export const SERVER_OPTIONS: readonly Option[] = [
  option(
    CONTROL,
    "--control-port <PORT>",
    "TCP port; 0 lets the system choose, the first line says which",
    integer("--control-port", 0, 65_535),
  ).default(862),
  option(
    CONTROL,
    "--modes <NAMES>",
    "offered: open, authenticated, encrypted, mixed; individual, reflect, symmetrical, monitor, ptp, or plain for no extension " +
      "(default: all, keyed ones with --key-file)",
    offering(checked(parseModes), () => [...Object.keys(SECURITY), ...EXTENSIONS, "plain"], true),
  ),
  KEY_FILE,
  option(CONTROL, "--iterations <N>", "work on each key, a power of two", iterations("--iterations")).default(2048),
  option(
    CONTROL,
    "--setup-timeout <TIME>",
    "for a set-up or a message to be whole, seconds",
    duration("--setup-timeout", S, 1),
  )
    .default(30 * S, "30"),
  option(
    CONTROL,
    "--servwait <TIME>",
    "silence of a connection that tests nothing, seconds",
    duration("--servwait", S, 1),
  )
    .default(900 * S, "900"),
  option(
    CONTROL,
    "--drain <TIME>",
    "what runs when the server is ended may go on for so long",
    duration("--drain", S, 0),
  )
    .default(10 * S, "10"),
  option(SESSIONS, "--test-ports <RANGE>", "UDP ports for sessions, one each; 0 lets the system choose", parsePortRange)
    .default({ first: 18_760, last: 19_960 }, "18760-19960"),
  option(SESSIONS, "--refwait <TIME>", "silence after which a session is over, seconds", duration("--refwait", S, 1))
    .default(900 * S, "900"),
  option(SESSIONS, "--strict-peer", "answer only the address and port that were asked for: no address translation"),
  option(SESSIONS, "--allow <PREFIX>", "only clients from there; repeatable", repeated(prefix("--allow"))).default(
    [],
    "all",
  ),
  option(SESSIONS, "--deny <PREFIX>", "no clients from there; repeatable", repeated(prefix("--deny"))).default(
    [],
    "none",
  ),
  option("Packets:", "--ttl <N>", "TTL or hop limit of replies, 1 to 255 (default: 255)", integer("--ttl", 1, 255)),
  option(LIMITS, "--max-connections <N>", "connections set up", integer("--max-connections", 1, 65_535)).default(1000),
  option(
    LIMITS,
    "--max-connections-per-address <N>",
    "of them, from one address",
    integer("--max-connections-per-address", 1, 65_535),
  ).default(100),
  option(LIMITS, "--max-sessions <N>", "test sessions", integer("--max-sessions", 1, 10_000)).default(1000),
  option(
    LIMITS,
    "--max-sessions-per-address <N>",
    "of them, that one address asks for",
    integer("--max-sessions-per-address", 1, 10_000),
  ).default(500),
  option(LIMITS, "--max-padding <OCTETS>", "padding of a probe", integer("--max-padding", 0, 65_493)).default(9000),
  option(
    LIMITS,
    "--max-timeout <TIME>",
    "answering after the end of a session, seconds",
    duration("--max-timeout", S, 0),
  )
    .default(900 * S, "900"),
  option(LIMITS, "--max-life <TIME>", "the longest session, seconds; 0 for no limit", duration("--max-life", S, 0))
    .default(0, "0"),
];
