/**
 * The commands: what each is called, what it takes, and which file runs it. A command's file is loaded when it runs.
 *
 * @module
 */
import { Argument, Command, Option } from "commander";
import { addCompletions } from "./completion/command.ts";
import { addConfigOptions, configured } from "./config/configure.ts";
import { addControlCommands } from "./control/commands.ts";
import { addPluginsCommand, loadBefore, PLUGIN_OPTION } from "./plugins/command.ts";
import {
  DECODE_OPTIONS,
  DOCTOR_OPTIONS,
  DOCTOR_REMOTE_OPTIONS,
  type DoctorValues,
  FAMILY_OPTIONS,
  IMPAIR_OPTIONS,
  INTERVAL,
  interval,
  IP_OPTIONS,
  LOG_OPTIONS,
  PRECISE_OPTION,
  PROTOCOL_OPTIONS,
  REFLECT_OPTIONS,
  REQUIRE_SSID,
  RESULT_OPTIONS,
  sharedFlags,
  type SharedValues,
  TIMESTAMP_FORMAT,
  TLV_OPTION,
  TRAFFIC_OPTIONS,
  TRANSPORT_OPTIONS,
} from "./options.ts";
import type { DecodeValues } from "./commands/decode.ts";
import { arrange, HELP } from "./help.ts";
import { addReport } from "./report/command.ts";
import type { DoctorOutput } from "./commands/doctor.ts";
import type { ResponderFlags } from "./commands/responder.ts";
import type { SenderFlags } from "./commands/sender.ts";
import { OptionError } from "../core/errors.ts";
import { narrowPermissions } from "./permissions.ts";
import { lookAtHangUp } from "./signals.ts";
import { print } from "./sinks.ts";
import { VERSION } from "./version.ts";

const EXAMPLES = `
Examples:
  twampede demo                             see it work, on this machine alone
  twampede responder                        answer on port 20001
  twampede sender 192.0.2.1                 100 probes, 100 ms apart
  twampede sender 192.0.2.1:862 -c 0 -i 20  until Ctrl-C, 50 a second
  twampede sender 192.0.2.1 --output json   one document for scripts
  twampede server                           full TWAMP: control on TCP 862
  twampede controller 192.0.2.1             the same probes, set up by control
  twampede doctor                           what this machine can measure with
`;

const SENDER_EXAMPLES = `
Examples:
  twampede sender 192.0.2.1                    TWAMP Light, to port 20001
  twampede sender 192.0.2.1:862 :0 --protocol stamp
  twampede sender 192.0.2.1:862 --protocol stamp --tlv cos:dscp=ef
  twampede sender host --protocol stamp --mode authenticated --key-file keys
  twampede sender router.example --padding -1  the sizes of IMIX
  twampede sender 192.0.2.1 --output table --output json:file=result.json
`;

const RESPONDER_EXAMPLES = `
Examples:
  twampede responder                           all addresses, port 20001
  twampede responder 192.0.2.1:862 --allow 192.0.2.0/24
  twampede responder --mode authenticated --key-file keys
  twampede responder --workers auto            a thread on each processor
  twampede responder --test-mode --drop-rate 5 --seed 1
`;

const DEMO_EXAMPLES = `
Examples:
  twampede demo                                100 probes, 10 ms apart
  twampede demo --protocol stamp --tlv location
  twampede demo -c 20 --output json            what scripts get
`;

const DSCP_EXAMPLES = `
Examples:
  twampede dscptable                           all 64
  twampede dscptable | grep -w af41
`;

const VERSION_EXAMPLES = `
Examples:
  twampede version
  twampede --version
`;

const DECODE_EXAMPLES = `
Examples:
  twampede decode 00000000eeaacb019f470fff0101
  twampede decode capture.pcap --port 862
  tcpdump -w - -c 10 udp port 862 | twampede decode
`;

/** Sources of a value that nobody chose. */
const UNASKED: readonly (string | undefined)[] = [undefined, "default", "implied"];

/** A command that runs; sets the exit status it resolves to. */
type Run = (status: number) => void;

/** Makes the program; `done` gets the exit status of the command that ran. */
export function createProgram(done: Run): Command {
  const program = configured(new Command("twampede"))
    .description("Two-way active measurement of delay, jitter and loss: TWAMP, TWAMP Light, STAMP.")
    .version(`twampede ${VERSION}`, "-v, --version", "the version")
    .enablePositionalOptions()
    .helpOption("-h, --help", "this text")
    .addHelpText("after", EXAMPLES)
    .configureHelp(HELP);
  addSender(program, done);
  addResponder(program, done);
  addControlCommands(program, command, done);
  addDemo(program, done);
  addReport(program, command, done);
  addSmallCommands(program, done);
  // In this order: what a file or variable gives counts for what follows, and a plugin is loaded with what it may do.
  addConfigOptions(program);
  program.hook("preAction", (_, command) => {
    lookAtHangUp();
    const given = (option: string) => !UNASKED.includes(command.getOptionValueSource(option));
    narrowPermissions(command.name(), given, command.opts());
  });
  loadBefore(program);
  arrange(program);
  return program;
}

function command(program: Command, name: string, description: string, options: readonly Option[]): Command {
  const made = program.command(name).description(description);
  for (const option of options) made.addOption(option);
  return made;
}

interface SenderValues extends SharedValues, Omit<SenderFlags, keyof ReturnType<typeof sharedFlags>> {}

function senderFlags(values: SenderValues): SenderFlags {
  return {
    ...values,
    ...sharedFlags(values),
    requireSsid: values.requireSsid ?? false,
    precise: values.precise ?? false,
    telegraf: values.telegraf ?? false,
    printResponses: values.printResponses ?? false,
  };
}

const SENDER_OPTIONS = [
  ...FAMILY_OPTIONS,
  ...TRAFFIC_OPTIONS,
  PRECISE_OPTION,
  ...PROTOCOL_OPTIONS,
  REQUIRE_SSID,
  TIMESTAMP_FORMAT,
  TLV_OPTION,
  ...IP_OPTIONS,
  ...TRANSPORT_OPTIONS,
  ...RESULT_OPTIONS,
  PLUGIN_OPTION,
  ...LOG_OPTIONS,
];

function addSender(program: Command, done: Run): void {
  command(program, "sender", "measure to a responder (TWAMP Light or STAMP Session-Sender)", SENDER_OPTIONS)
    .addArgument(new Argument("[remote]", "responder, address[:port]").default("127.0.0.1:20001"))
    .addArgument(new Argument("[local]", "address[:port] to send from").default(":20000"))
    .addHelpText("after", SENDER_EXAMPLES)
    .action(async (remote: string, local: string, values: SenderValues) => {
      const { runSender } = await import("./commands/sender.ts");
      done(await runSender(remote, local, senderFlags(values)));
    });
}

function addDemo(program: Command, done: Run): void {
  const quick = SENDER_OPTIONS.map((option) => option === INTERVAL ? interval(10) : option);
  command(program, "demo", "a responder and a measurement through it, on loopback", quick)
    .addHelpText("after", DEMO_EXAMPLES)
    .action(async (values: SenderValues) => {
      const { runDemo } = await import("./commands/demo.ts");
      done(await runDemo(senderFlags(values)));
    });
}

interface ResponderValues extends SharedValues {
  readonly protocol: ResponderFlags["protocol"];
  readonly mode: ResponderFlags["mode"];
  readonly keyFile?: string;
  readonly keyId?: string;
  readonly stateless?: boolean;
  readonly strictSize?: boolean;
  readonly timer: number;
  readonly allow: ResponderFlags["allow"];
  readonly deny: ResponderFlags["deny"];
  readonly rateLimit?: ResponderFlags["rateLimit"];
  readonly maxSessions: number;
  readonly allowReturnPath?: boolean;
  readonly allowControl?: boolean;
  readonly maxAmplification?: number;
  readonly allowDscp: readonly number[];
  readonly hideLocation?: boolean;
  readonly microSession?: number;
  readonly workers?: number;
  readonly testMode?: boolean;
  readonly dropRate?: number;
  readonly duplicateRate?: number;
  readonly delayRate?: number;
  readonly maxDelay: number;
  readonly reorderRate?: number;
  readonly plugin: readonly string[];
}

function addResponder(program: Command, done: Run): void {
  const options = [
    ...FAMILY_OPTIONS,
    ...REFLECT_OPTIONS,
    ...IP_OPTIONS,
    ...TRANSPORT_OPTIONS,
    ...IMPAIR_OPTIONS,
    PLUGIN_OPTION,
    ...LOG_OPTIONS,
  ];
  command(program, "responder", "answer probes (TWAMP Light and STAMP Session-Reflector)", options)
    .alias("reflector")
    .addArgument(new Argument("[local]", "address[:port] to answer on").default(":20001"))
    .addHelpText("after", RESPONDER_EXAMPLES)
    .action(async (local: string, values: ResponderValues, self: Command) => {
      const { checkControl, checkImpairments, checkWorkers, runResponder } = await import("./commands/responder.ts");
      const rates = ["dropRate", "duplicateRate", "delayRate", "reorderRate", "maxDelay"];
      // A file may hold them ready for --test-mode.
      const given = rates.filter((rate) => self.getOptionValueSource(rate) === "cli");
      checkControl(values.allowControl ?? false, values.maxAmplification);
      checkImpairments(
        values.testMode ?? false,
        given.map((rate) => `--${rate.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)}`),
      );
      const workers = values.workers ?? 1;
      checkWorkers(workers, values.testMode ?? false);
      done(
        await runResponder(local, {
          ...sharedFlags(values),
          plugins: values.plugin,
          protocol: values.protocol,
          mode: values.mode,
          keyFile: values.keyFile,
          keyId: values.keyId,
          stateless: values.stateless ?? false,
          strictSize: values.strictSize ?? false,
          timer: values.timer,
          allow: values.allow,
          deny: values.deny,
          rateLimit: values.rateLimit,
          maxSessions: values.maxSessions,
          tlv: {
            allowReturnPath: values.allowReturnPath ?? false,
            allowControl: values.allowControl ?? false,
            maxAmplification: values.maxAmplification ?? 1,
            dscps: values.allowDscp,
            hideLocation: values.hideLocation ?? false,
            microSession: values.microSession ?? 0,
          },
          workers,
          impairments: values.testMode
            ? {
              drop: values.dropRate ?? 0,
              duplicate: values.duplicateRate ?? 0,
              delay: values.delayRate ?? 0,
              reorder: values.reorderRate ?? 0,
              maxDelayNs: values.maxDelay,
            }
            : undefined,
        }),
      );
    });
}

function addSmallCommands(program: Command, done: Run): void {
  const printLines = (lines: readonly string[]) => {
    print(`${lines.join("\n")}\n`);
    done(0);
  };
  command(program, "dscptable", "code points by name, number and TOS octet", [])
    .addHelpText("after", DSCP_EXAMPLES)
    .action(async () => printLines((await import("./commands/dscptable.ts")).dscpLines()));
  addPluginsCommand(program, command, done);
  command(program, "decode", "annotate packets given in hex or a capture file", DECODE_OPTIONS)
    .addArgument(new Argument("[input...]", "capture files (pcap, pcapng), hex, or - for standard input"))
    .addHelpText("after", DECODE_EXAMPLES)
    .action(async (inputs: string[], values: DecodeValues) => {
      const { runDecode } = await import("./commands/decode.ts");
      done(await runDecode(inputs, values));
    });
  addDoctor(program, done);
  addCompletions(program, done);
  command(program, "version", "the version; with --json also commit, compiler and target", [VERSION_JSON])
    .addHelpText("after", VERSION_EXAMPLES)
    .action(async ({ json = false }) => done(await (await import("./commands/version.ts")).runVersion(json)));
}

const VERSION_JSON = new Option("--json", "one JSON document");

const DOCTOR_EXAMPLES = `
Examples:
  twampede doctor                              this machine: what it can measure
  twampede doctor 192.0.2.1:862                a far end: what it does wrong
  twampede doctor 192.0.2.1 --quick            ... without what hurts poor ones
`;

/** Of a far end alone: by this machine's report they would be passed over in silence. */
const REMOTE_ONLY = ["ipv4", "ipv6", "protocol", "transport", "interface", "quick"];

function addDoctor(program: Command, done: Run): void {
  const options = [...DOCTOR_REMOTE_OPTIONS, ...DOCTOR_OPTIONS];
  command(program, "doctor", "what this machine can measure with, or what a far reflector does wrong", options)
    .addArgument(new Argument("[remote]", "a reflector to examine, address[:port]; without it, this machine"))
    .addHelpText("after", DOCTOR_EXAMPLES)
    .action(async (remote: string | undefined, values: DoctorValues, self: Command) => {
      const output: DoctorOutput = values.json ? "json" : values.output;
      if (remote === undefined) {
        const given = REMOTE_ONLY.find((name) => self.getOptionValueSource(name) === "cli");
        if (given !== undefined) {
          throw new OptionError(`--${given} is for a far reflector: name one, as in twampede doctor 192.0.2.1`);
        }
        const { runDoctor } = await import("./commands/doctor.ts");
        done(await runDoctor(output));
        return;
      }
      const { runDoctorRemote } = await import("./commands/doctor_remote.ts");
      const family = values.ipv4 ? 4 : values.ipv6 ? 6 : undefined;
      const { protocol, transport, interface: name, quick = false } = values;
      done(await runDoctorRemote(remote, { output, family, protocol, transport, interface: name, quick }));
    });
}
