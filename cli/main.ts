/**
 * The entry of the program: arguments in, exit status out.
 *
 * @module
 */
import { explain } from "./exit.ts";
import { faults } from "./plugins/faults.ts";
import { isWritingInVain, print, printError } from "./sinks.ts";
import { VERSION } from "./version.ts";

/** Runs the program; resolves to the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.length === 1 && /^(version|--version|-v)$/.test(args[0])) {
    return printVersion();
  }
  if (args[0] === "complete") {
    const { runComplete } = await import("./completion/run.ts");
    return await runComplete(args.slice(1));
  }
  const { run } = await import("./run.ts");
  return await run(args);
}

function printVersion(): number {
  try {
    print(`twampede ${VERSION}\n`);
    return 0;
  } catch (error) {
    const { status, line } = explain(error);
    printError(`twampede: ${line}\n`);
    return status;
  }
}

process.exitCode = await main(process.argv.slice(2));
// What a plugin has begun and not ended would keep the process, and so would a reader who reads no more; all else that the
// program had to write is written.
if (faults.loaded || isWritingInVain()) process.exit();
