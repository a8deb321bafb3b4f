/**
 * `--plugin`, and the command `plugins`.
 *
 * @module
 */
import { Argument, type Command, Option } from "commander";
import { PLUGIN_KINDS } from "../../core/plugin_check.ts";
import { print } from "../sinks.ts";

/** For every command that takes plugins. */
export const PLUGIN_OPTION: Option = new Option(
  "--plugin <FILE>",
  "load plugins: a .ts or .js file, or an installed npm package; repeatable",
).helpGroup("Plugins:")
  .argParser((text: string, before: unknown) => [...(before as string[] | undefined ?? []), text])
  .default([], "none");

const EXAMPLES = `
Examples:
  twampede plugins                             what is built in
  twampede plugins --plugin ./mine.ts          ... and what is in a file
  twampede plugins new output mine             write mine.ts, to begin with
  twampede demo --plugin ./mine.ts --output mine
`;

const NEW_EXAMPLES = `
Examples:
  twampede plugins new output mine             mine.ts, its test, and types
  twampede plugins new tlv site --dir plugins
`;

type AddCommand = (program: Command, name: string, description: string, options: readonly Option[]) => Command;
type Done = (status: number) => void;

/** Before any command runs, what its `--plugin` names is loaded: `--output mine` is to find it. */
export function loadBefore(program: Command): void {
  program.hook("preAction", async (_program, command) => {
    const { plugin } = command.opts<{ plugin?: readonly string[] }>();
    if (plugin === undefined || plugin.length === 0) return;
    const { loadPlugins } = await import("./load.ts");
    await loadPlugins(plugin);
  });
}

/** Adds `plugins`, with `plugins new`. */
export function addPluginsCommand(program: Command, command: AddCommand, done: Done): void {
  const plugins = command(
    program,
    "plugins",
    "what is built in or loaded: outputs, profiles, schedules, TLVs, transports",
    [
      PLUGIN_OPTION,
    ],
  )
    .addHelpText("after", EXAMPLES)
    .action(async () => {
      const { pluginLines } = await import("../commands/plugins.ts");
      print(`${pluginLines().join("\n")}\n`);
      done(0);
    });
  const kind = new Argument("<kind>", "what it adds");
  // Not `choices`, for a message of our own.
  kind.argChoices = [...PLUGIN_KINDS];
  command(plugins, "new", "write a plugin that works, with a test, to begin with", [
    new Option("--dir <DIR>", "where to write it").default("."),
  ])
    .addArgument(kind)
    .addArgument(new Argument("<name>", "lower-case letters, digits and hyphens"))
    .addHelpText("after", NEW_EXAMPLES)
    .action(async (kind: string, name: string, { dir }: { dir: string }) => {
      const { newPlugin } = await import("./new.ts");
      print(newPlugin(kind, name, dir));
      done(0);
    });
}
