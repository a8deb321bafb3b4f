/** What manual pages say beyond the one-liners of the help. Plain text; a blank line parts paragraphs. */

/** What a page of a command has. */
export interface PageText {
  readonly description: string;
  /** Of an option of this command alone, by its long name; nothing for one that is not what it is elsewhere. */
  readonly options?: Readonly<Record<string, string>>;
  /** Numbers of the RFCs that the command follows. */
  readonly standards?: readonly number[];
  /** It talks to a network: all exit statuses can come. */
  readonly network?: boolean;
}

/** Of `twampede` itself. */
export const PROGRAM_TEXT = `twampede measures delay, jitter and loss between two hosts, there and back and each way by
itself. It sends numbered, time-stamped probes to a responder, which stamps them and returns them: full TWAMP with its
control protocol, TWAMP Light, and STAMP. On Linux the kernel stamps them, or the network card.

Round trips need no synchronised clock; one-way delays are wrong by as much as the clocks of both ends differ, and results
say what is known of that.

Addresses are written as 192.0.2.1, 192.0.2.1:862, [2001:db8::1]:862, 2001:db8::1, host.example:862 or :862, which is all
interfaces. Names are resolved once; -4 and -6 choose a family. Times may have a unit, as 500us, 10ms or 2s.`;

const TEST = [5357, 8762, 8972, 9503, 9534, 10052];
const CONTROL = [4656, 5357, 5618, 5938, 6038, 7750, 8186];

/** By the command's name; one that is not here has a page of its help alone. */
export const PAGE_TEXTS: Readonly<Record<string, PageText>> = {
  sender: {
    description:
      `Sends probes to a TWAMP Light or STAMP reflector, and prints what came of them when every probe is answered
or timed out. An interrupt prints the result so far.

The transport, and with it the source of the stamps, is the best that works here; what could not be had is told on
standard error.`,
    options: { "--protocol": "Nothing in the packets tells the one from the other." },
    standards: TEST,
    network: true,
  },
  responder: {
    description:
      `Answers TWAMP Light and STAMP senders on one port, until it is interrupted; then it tells what it did. A
packet is taken for STAMP if octets 16 to 43 are zero and what follows is nothing or a well-formed chain of TLVs, else
for TWAMP; --protocol says it instead.

It answers whoever asks, unless --allow or --deny say otherwise. Nothing that could be used against others is done without
an option that allows it: replies go where their probe came from, one each, and as long as it, or as the shortest reply
if that is longer.`,
    options: { "--padding": "" },
    standards: TEST,
    network: true,
  },
  controller: {
    description:
      `Control-Client and Session-Sender of full TWAMP in one: asks a server for test sessions over TCP, measures
through them, and stops them. The results are those of sender.`,
    standards: CONTROL,
    network: true,
  },
  controlclient: {
    description:
      `Control-Client of full TWAMP alone: sets up the test session that the sender of another host uses, and holds
it until it is interrupted.`,
    options: { "--padding": "" },
    standards: CONTROL,
    network: true,
  },
  server: {
    description:
      `Server and Session-Reflector of full TWAMP: sets test sessions up for clients, and answers their probes and
nobody else's. It offers every mode it can; those with keys need --key-file.`,
    standards: CONTROL,
    network: true,
  },
  demo: {
    description:
      `Starts a responder inside this process and measures through it, over real UDP on the loopback interface. The
options are those of sender; the interval is 10 ms unless it is given.`,
    standards: [5357, 8762],
    network: true,
  },
  decode: {
    description:
      `Names the fields of test packets and control messages. An argument is the name of a capture file (pcap or
pcapng), or hex digits; without one, or for a dash, standard input is read. Replies are put to their requests, and control
connections are put together from their segments.`,
    standards: [4656, 5357, 8762, 8972],
  },
  doctor: {
    description:
      `Without an argument: measures the ruler. Clocks and what keeps them, how late waits end, what interfaces can
stamp, privileges, buffers, and what to change for better numbers.

With one: sends a reflector what ordinary senders do not, and tells what it does wrong, with the octets that show it. A
fault is no failure of the command.`,
    options: { "--output": "" },
    standards: TEST,
    network: true,
  },
  report: {
    description:
      `Shows what --output json or ndjson wrote, in any output, without measuring again. Of a run that was killed it
counts the probes in the file, and says so. Several files are shown as sessions of one run. A file that is no result is
refused.`,
  },
  dscptable: {
    description: "Prints all 64 code points: name, number, bits, and the TOS octet that carries each.",
    standards: [2474],
  },
  plugins: {
    description:
      `Prints the names of outputs, traffic profiles, schedules, STAMP extensions and transports, with the options
of each, their types and defaults.`,
  },
  completions: {
    description:
      `Prints a script that makes a shell complete commands, options and their values when TAB is pressed. How to
install it stands at its beginning. The script asks twampede each time: it need not be made anew after an update.`,
  },
  version: { description: "Prints the version." },
};

/** Of an option wherever it is, by its long name. */
export const OPTION_TEXTS: Readonly<Record<string, string>> = {
  "--count": "The end comes when the last probe is answered, or --packet-timeout after it was sent.",
  "--padding":
    `Where both directions have one size, one-way delays of slow links compare. In STAMP it is the length of the
value of an Extra Padding TLV.`,
  "--precise": "It takes a processor while it lasts.",
  "--key-file": "See FILES.",
  "--tos": "The octet holds the code point in its upper six bits and ECN in the lower two.",
  "--do-not-fragment":
    "A probe that is too large for a link is then lost, and the MTU is told where the network says it.",
  "--transport": "auto takes the best that can do what other options ask; one that is named and cannot is refused.",
  "--timestamp":
    `user: the program reads the clock. kernel: the system does, closer to the wire. hardware: the network card,
that of --interface where there are several.`,
  "--output":
    `Several may be given; all but one need a file. An output that fails is switched off with a line, the others go
on, and the exit status is 1. Options follow a colon, parted by commas: json:indent=0,file=result.json. twampede plugins
lists them.`,
  "--telegraf": "A line a run, with the field names that twampy's fork has; more fields follow.",
  "--jitter": "rfc1889 is the smoothed one of RTP, rfc3393 the standard deviation of the delays.",
  "--stats-interval": "Outputs that can write a line for each interval do so.",
  "--seed": "Up to 32 hex digits. The same seed gives the same run, on every system.",
  "--allow": "A prefix, as 192.0.2.0/24 or 2001:db8::/32, or an address.",
  "--deny": "It goes before --allow.",
  "--stateless": "Loss can then not be told apart by direction.",
  "--rate-limit": "What is over it is dropped and counted.",
  "--nat": "For an address translation between here and the server.",
};

/** Titles of RFCs. */
export const RFC_TITLES: Readonly<Record<number, string>> = {
  2474: "Definition of the Differentiated Services Field in the IPv4 and IPv6 Headers",
  4656: "A One-way Active Measurement Protocol",
  5357: "A Two-Way Active Measurement Protocol",
  5618: "Mixed Security Mode for the Two-Way Active Measurement Protocol",
  5938: "Individual Session Control Feature for the Two-Way Active Measurement Protocol",
  6038: "Two-Way Active Measurement Protocol Reflect Octets and Symmetrical Size Features",
  7750: "Differentiated Service Code Point and Explicit Congestion Notification Monitoring in TWAMP",
  8186: "Support of the IEEE 1588 Timestamp Format in a Two-Way Active Measurement Protocol",
  8762: "Simple Two-Way Active Measurement Protocol",
  8972: "Simple Two-Way Active Measurement Protocol Optional Extensions",
  9503: "STAMP Extensions for Segment Routing Networks",
  9534: "STAMP Extensions for Performance Measurement on a Link Aggregation Group",
  10052: "Performance Measurement with Asymmetrical Traffic Using STAMP",
};

/** Exit statuses; which of them a command can end with depends on whether it uses the network. */
export const STATUSES: readonly (readonly [status: number, text: string, which: "all" | "network" | "threshold"])[] = [
  [0, "Done. An interrupt during a measurement prints the result so far, and ends with this too.", "all"],
  [
    1,
    "The measurement could not be made: no reply at all, refused, unreachable; or a result could not be written.",
    "all",
  ],
  [2, "Wrong usage or configuration.", "all"],
  [3, "The peer broke the protocol.", "network"],
  [4, "A threshold that was given was crossed.", "threshold"],
  [130, "Interrupted before any result.", "network"],
];

/** Variables of the environment. */
export const VARIABLES: readonly (readonly [name: string, text: string])[] = [
  ["NO_COLOR", "If it is set and not empty, nothing is coloured."],
  [
    "FORCE_COLOR",
    "If it is set and not empty: 0 or false for no colours, anything else for colours wherever text goes. It goes before NO_COLOR.",
  ],
  ["TERM", "On a dumb terminal nothing is coloured."],
];

/** Variables of commands whose options can stand elsewhere than on the command line. */
export const CONFIGURATION_VARIABLES: typeof VARIABLES = [
  ["TWAMPEDE_CONFIG", "The configuration file, where --config names none."],
  [
    "TWAMPEDE_*",
    "Options: TWAMPEDE_INTERVAL is --interval of every command that has it, TWAMPEDE_SENDER_INTERVAL that of sender. They go before a configuration file, and the command line before them.",
  ],
];

/** What is said of configuration files, where a command can read one. */
export const CONFIGURATION_TEXT =
  `~/.config/twampede/twampede.toml, or else /etc/twampede/twampede.toml, unless --config, --no-config or TWAMPEDE_CONFIG
says otherwise: options by their long names below [common] or the name of the command, in TOML. Windows and macOS have the
user's elsewhere, and Windows has no second one. --print-config shows what counts.`;

/** What is said of key files, where a command takes one. */
export const KEY_FILE_TEXT =
  `A file of secrets, for --key-file. A line is an identity, a blank or tab, and a secret; hex: before
a secret gives octets; # starts a comment. A file that others can read is refused, with the command that mends it.`;
