// node scripts/release/inspect.mjs FILE…: what executables say of themselves, whatever system they are for. No tool of
// that system is needed, so each is looked at wherever it was built.
import { readFileSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { isElf, readElf } from "./elf.mjs";
import { isMachO, readMachO } from "./macho.mjs";
import { isPe, readPe } from "./pe.mjs";

/** Where Bun puts the program: a section with its length before it and this behind it. */
const SECTION = { elf: ".bun", pe: ".bun", macho: "__bun" };
const BUNDLE_END = "\n---- Bun! ----\n";

/** `{ format, system, processor, bundle, … }` of the executable at `path`; what its format has not is left out. */
export function inspect(path) {
  const file = readFileSync(path);
  if (file.length < 4096) throw new Error(`${path} is no executable: it has ${file.length} octets`);
  const format = isElf(file) ? "elf" : isPe(file) ? "pe" : isMachO(file) ? "macho" : undefined;
  if (format === undefined) throw new Error(`${path} is neither ELF nor PE nor Mach-O`);
  const { section, ...said } = { elf: readElf, pe: readPe, macho: readMachO }[format](file);
  return { format, size: file.length, ...said, bundle: readBundle(section(SECTION[format])) };
}

/** `{ octets, files }` of the embedded program; null where there is none. */
function readBundle(section) {
  if (section === undefined || section.length < 24) return null;
  const octets = Number(section.readBigUInt64LE(0));
  if (octets + 8 > section.length) return null;
  const bundle = section.subarray(8, 8 + octets);
  if (bundle.toString("latin1", octets - BUNDLE_END.length) !== BUNDLE_END) return null;
  // Names stand in it as text, of Windows with a drive before them.
  const files = bundle.toString("latin1").match(/(?:\/\$bunfs|B:[\\/]~BUN)[\\/]root[\\/][\w.-]+(?=\0)/g) ?? [];
  return { octets, files: [...new Set(files.map((name) => name.split(/[\\/]/).pop()))].sort() };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const path of process.argv.slice(2)) console.log(JSON.stringify({ path, ...inspect(path) }, null, 2));
}
