// Reads what a Mach-O executable (macOS) says of itself (`mach-o/loader.h`), and checks its code signature as the kernel
// does: each page by its hash (`kern/cs_blobs.h`; Apple's TN3126 tells it in words).
import { createHash } from "node:crypto";

const CPU = { 0x01000007: "x64", 0x0100000c: "arm64" };
const COMMAND = { SEGMENT: 0x19, SIGNATURE: 0x1d, LIBRARY: 0x0c, BUILD_VERSION: 0x32 };
export const MAGIC = { SIGNATURE: 0xfade0cc0, DIRECTORY: 0xfade0c02, CMS: 0xfade0b01 };
const ADHOC = 2;
const RUNTIME = 0x10000;

export const isMachO = (file) => file.readUInt32LE(0) === 0xfeedfacf;

/** `{ system, processor, needs, minimum, signature, section }`; `section` finds one by its name. */
export function readMachO(file) {
  const commands = commandsOf(file);
  const build = commands.find(({ type }) => type === COMMAND.BUILD_VERSION);
  const version = build === undefined ? null : file.readUInt32LE(build.at + 12);
  return {
    system: "darwin",
    processor: CPU[file.readUInt32LE(4)] ?? `processor 0x${file.readUInt32LE(4).toString(16)}`,
    needs: commands.filter(({ type }) => type === COMMAND.LIBRARY).map(({ at }) =>
      text(file, at + file.readUInt32LE(at + 8))
    ),
    minimum: version === null ? null : `macOS ${version >> 16}.${(version >> 8) & 0xff}`,
    signature: readSignature(file, commands),
    section: (name) => sectionOf(file, commands, name),
  };
}

export function commandsOf(file) {
  const found = [];
  let at = 32;
  for (let left = file.readUInt32LE(16); left > 0; left--) {
    found.push({ type: file.readUInt32LE(at), at, size: file.readUInt32LE(at + 4) });
    at += file.readUInt32LE(at + 4);
  }
  return found;
}

/** The segments: name, places in memory and file, and where the load command is. */
export function segmentsOf(file, commands) {
  return commands.filter(({ type }) => type === COMMAND.SEGMENT).map(({ at }) => {
    const word = (offset) => Number(file.readBigUInt64LE(at + offset));
    return { at, name: fixed(file, at + 8), address: word(24), room: word(32), start: word(40), size: word(48) };
  });
}

export const signatureCommand = (commands) => commands.find(({ type }) => type === COMMAND.SIGNATURE);

const text = (file, at) => file.toString("latin1", at, file.indexOf(0, at));
const fixed = (file, at) => file.toString("latin1", at, at + 16).replace(/\0+$/, "");

function sectionOf(file, commands, name) {
  for (const { at } of segmentsOf(file, commands)) {
    for (let index = 0; index < file.readUInt32LE(at + 64); index++) {
      const section = at + 72 + index * 80;
      if (fixed(file, section) !== name) continue;
      const start = file.readUInt32LE(section + 48);
      return file.subarray(start, start + Number(file.readBigUInt64LE(section + 40)));
    }
  }
  return undefined;
}

/** `{ valid, reason, kind, identifier, hardened, pages }`, or null where there is none. */
function readSignature(file, commands) {
  const command = signatureCommand(commands);
  if (command === undefined) return null;
  const [start, size] = [file.readUInt32LE(command.at + 8), file.readUInt32LE(command.at + 12)];
  const bad = (reason) => ({ valid: false, reason });
  if (start + size !== file.length) return bad("the signature is not the end of the file");
  if (file.readUInt32BE(start) !== MAGIC.SIGNATURE) return bad("no signature where one should be");
  const linkEdit = segmentsOf(file, commands).find(({ name }) => name === "__LINKEDIT");
  if (linkEdit.start + linkEdit.size !== file.length) return bad("the signature is not the end of __LINKEDIT");
  if (linkEdit.room < linkEdit.size) return bad("__LINKEDIT has less room in memory than in the file");
  const blobs = Array.from({ length: file.readUInt32BE(start + 8) }, (_, index) => {
    const at = start + file.readUInt32BE(start + 16 + index * 8);
    return { magic: file.readUInt32BE(at), at, size: file.readUInt32BE(at + 4) };
  });
  const directory = blobs.find(({ magic }) => magic === MAGIC.DIRECTORY);
  if (directory === undefined) return bad("no code directory");
  const said = readDirectory(file, directory.at);
  const signed = blobs.some(({ magic, size }) => magic === MAGIC.CMS && size > 8);
  return {
    ...checkPages(file, said, start),
    kind: said.flags & ADHOC ? "ad-hoc" : signed ? "certificate" : "none",
    identifier: said.identifier,
    hardened: (said.flags & RUNTIME) !== 0,
    pages: said.count,
  };
}

function readDirectory(file, at) {
  const word = (offset) => file.readUInt32BE(at + offset);
  return {
    flags: word(12),
    hashes: at + word(16),
    identifier: text(file, at + word(20)),
    count: word(28),
    limit: word(32),
    hashSize: file[at + 36],
    hashType: file[at + 37],
    pageBits: file[at + 39],
  };
}

/** Everything before the signature has to be covered, and by the right hashes. */
function checkPages(file, { hashes, count, limit, hashSize, hashType, pageBits }, start) {
  if (hashType !== 2 || hashSize !== 32) return { valid: false, reason: `hashes of type ${hashType}, not SHA-256` };
  if (limit !== start) return { valid: false, reason: `it covers ${limit} octets of ${start}` };
  const page = 1 << pageBits;
  if (count !== Math.ceil(limit / page)) return { valid: false, reason: `${count} pages for ${limit} octets` };
  for (let index = 0; index < count; index++) {
    const hash = hashOf(file.subarray(index * page, Math.min(limit, (index + 1) * page)));
    if (hash.compare(file, hashes + index * 32, hashes + (index + 1) * 32) !== 0) {
      return { valid: false, reason: `page ${index} of ${count} is not what was signed` };
    }
  }
  return { valid: true, reason: null };
}

export const hashOf = (octets) => createHash("sha256").update(octets).digest();
