/**
 * The entry of the program: arguments in, exit status out.
 *
 * @module
 */
import { print } from "./sinks.ts";
import { VERSION } from "./version.ts";

/** Runs the program; resolves to the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.length === 1 && /^(version|--version|-v)$/.test(args[0])) {
    print(`twampede ${VERSION}\n`);
    return 0;
  }
  const { run } = await import("./run.ts");
  return await run(args);
}

process.exitCode = await main(process.argv.slice(2));
