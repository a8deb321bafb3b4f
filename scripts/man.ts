// Makes man/*.1 out of what commands and options say of themselves: npm run man, or bun scripts/man.ts. With --check it
// only says what is stale, and ends with 1.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { createProgram } from "../cli/program.ts";
import { manualPages } from "./manual.ts";

const folder = fileURLToPath(new URL("../man", import.meta.url));

function read(file: string): string | undefined {
  try {
    return readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n");
  } catch {
    return undefined;
  }
}

function main(check: boolean): number {
  const pages = manualPages(createProgram(() => {}));
  mkdirSync(folder, { recursive: true });
  const extra = readdirSync(folder).filter((file) => !pages.some((page) => page.file === file));
  const stale = pages.filter(({ file, text }) => read(file) !== text);
  if (check) {
    const names = [...stale.map(({ file }) => file), ...extra];
    if (names.length > 0) console.error(`man/ is stale (${names.join(", ")}): run npm run man`);
    return names.length > 0 ? 1 : 0;
  }
  for (const { file, text } of stale) writeFileSync(join(folder, file), text);
  for (const file of extra) rmSync(join(folder, file));
  return 0;
}

if (import.meta.main) process.exitCode = main(process.argv.includes("--check"));
