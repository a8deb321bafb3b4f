/**
 * The commands that speak TWAMP-Control: what each is called, what it takes, and which file runs it.
 *
 * @module
 */
import { Argument, type Command, type Option } from "commander";
import { OptionError } from "../../core/errors.ts";
import type { ControlClientFlags } from "../commands/controlclient.ts";
import type { ControllerFlags } from "./controller_flags.ts";
import type { ServerFlags } from "../commands/server.ts";
import {
  FAMILY_OPTIONS,
  IP_OPTIONS,
  LOG_OPTIONS,
  PRECISE_OPTION,
  repeatable,
  RESULT_OPTIONS,
  sharedFlags,
  type SharedValues,
  TRAFFIC_OPTIONS,
  TRANSPORT_OPTIONS,
} from "../options.ts";
import { PLUGIN_OPTION } from "../plugins/command.ts";
import { CONTROLCLIENT_OPTIONS, CONTROLLER_OPTIONS, SERVER_OPTIONS } from "./options.ts";

const SERVER_EXAMPLES = `
Examples:
  twampede server                              control on TCP port 862
  twampede server 192.0.2.1:862 --allow 192.0.2.0/24
  twampede server --key-file keys --modes encrypted
  twampede server --control-port 8620 --test-ports 30000-30100
`;

const CONTROLLER_EXAMPLES = `
Examples:
  twampede controller 192.0.2.1                100 probes in their own session
  twampede controller router.example --key-file keys --key-id alice
  twampede controller 192.0.2.1 --sessions 3 --dscp ef --dscp af41 --dscp be
  twampede controller 192.0.2.1 --nat          through an address translation
`;

const CONTROLCLIENT_EXAMPLES = `
Examples:
  twampede controlclient 198.51.100.7:20001 192.0.2.1:20000
     holds a session for the sender on 198.51.100.7 until Ctrl-C
`;

/** Adds a command with its options. */
type AddCommand = (program: Command, name: string, description: string, options: readonly Option[]) => Command;
type Done = (status: number) => void;

/** Adds all of them. */
export function addControlCommands(program: Command, command: AddCommand, done: Done): void {
  addController(program, command, done);
  addControlClient(program, command, done);
  addServer(program, command, done);
}

interface ControllerValues
  extends Omit<SharedValues, "tos" | "dscp">, Omit<ControllerFlags, keyof ReturnType<typeof sharedFlags> | "tos"> {
  readonly tos?: readonly number[];
  readonly dscp?: readonly number[];
}

const SEVERAL = ["tos", "dscp", "padding", "profile"];
/** Where they are another thing than for a sender. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  padding:
    "octets of padding; -1 is IMIX (default: what makes both directions one size: 27, 30 with monitor, 64 sealed)",
};

function addController(program: Command, command: AddCommand, done: Done): void {
  const options = [
    ...FAMILY_OPTIONS,
    ...CONTROLLER_OPTIONS,
    ...TRAFFIC_OPTIONS,
    PRECISE_OPTION,
    ...IP_OPTIONS,
    ...TRANSPORT_OPTIONS,
    ...RESULT_OPTIONS,
    PLUGIN_OPTION,
    ...LOG_OPTIONS,
  ].map((option) =>
    SEVERAL.includes(option.attributeName()) ? repeatable(option, DESCRIPTIONS[option.attributeName()]) : option
  );
  command(program, "controller", "measure to a server: sets the sessions up itself (full TWAMP)", options)
    .addArgument(
      new Argument("[server]", "address[:port]; the port is the UDP port wished for").default("127.0.0.1:20001"),
    )
    .addArgument(new Argument("[local]", "address[:port] to send from").default(":20000"))
    .addHelpText("after", CONTROLLER_EXAMPLES)
    .action(async (server: string, local: string, values: ControllerValues) => {
      const { runController } = await import("../commands/controller.ts");
      const { tos, dscp, ...rest } = values;
      if (tos !== undefined && dscp !== undefined) {
        throw new OptionError(
          "--tos and --dscp both say how packets are marked: give one of them, several times if need be",
        );
      }
      done(
        await runController(server, local, {
          ...rest,
          ...sharedFlags(rest),
          tos: tos ?? dscp?.map((point) => point << 2) ?? [],
          padding: values.padding ?? [],
          profile: values.profile ?? [],
          nat: values.nat ?? false,
          symmetrical: values.symmetrical ?? false,
          precise: values.precise ?? false,
          telegraf: values.telegraf ?? false,
          printResponses: values.printResponses ?? false,
        }),
      );
    });
}

interface ControlClientValues extends SharedValues, Omit<ControlClientFlags, keyof ReturnType<typeof sharedFlags>> {}

function addControlClient(program: Command, command: AddCommand, done: Done): void {
  const marking = IP_OPTIONS.filter((option) => ["tos", "dscp"].includes(option.attributeName()));
  const options = [...FAMILY_OPTIONS, ...CONTROLCLIENT_OPTIONS, ...marking, ...LOG_OPTIONS];
  command(program, "controlclient", "set up and hold the session that another host's sender uses", options)
    .addArgument(new Argument("[sender]", "address[:UDP port] of the sender").default("127.0.0.1:20001"))
    .addArgument(new Argument("[server]", "address[:UDP port] of the server").default("127.0.0.1:20000"))
    .addHelpText("after", CONTROLCLIENT_EXAMPLES)
    .action(async (sender: string, server: string, values: ControlClientValues) => {
      const { runControlClient } = await import("../commands/controlclient.ts");
      done(await runControlClient(sender, server, { ...values, ...sharedFlags(values), nat: values.nat ?? false }));
    });
}

interface ServerValues extends SharedValues, Omit<ServerFlags, keyof ReturnType<typeof sharedFlags>> {}

function addServer(program: Command, command: AddCommand, done: Done): void {
  const options = [...FAMILY_OPTIONS, ...SERVER_OPTIONS, ...TRANSPORT_OPTIONS, PLUGIN_OPTION, ...LOG_OPTIONS];
  command(program, "server", "set sessions up for clients and answer their probes (full TWAMP)", options)
    .addArgument(
      new Argument("[local]", "address[:port] to answer on; with a port, that is the test port of all sessions")
        .default(":0", "all addresses"),
    )
    .addHelpText("after", SERVER_EXAMPLES)
    .action(async (local: string, values: ServerValues) => {
      const { runServer } = await import("../commands/server.ts");
      done(
        await runServer(local, {
          ...values,
          ...sharedFlags(values),
          strictPeer: values.strictPeer ?? false,
          maxLife: values.maxLife === 0 ? Infinity : values.maxLife,
        }),
      );
    });
}
