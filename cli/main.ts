/**
 * The entry of the program: arguments in, exit status out.
 *
 * @module
 */
import { VERSION } from "./version.ts";

/** Runs the program; resolves to the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.length === 1 && /^(version|--version|-v)$/.test(args[0])) {
    process.stdout.write(`twampede ${VERSION}\n`);
    return 0;
  }
  const { run } = await import("./run.ts");
  return await run(args);
}

process.exitCode = await main(process.argv.slice(2));
