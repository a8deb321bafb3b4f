// Signs a Mach-O executable ad hoc: hashes of its pages and nobody's name, as linkers do it. macOS on arm64 starts nothing
// unsigned, and nothing anywhere whose signature is wrong. A signature by a certificate replaces this one later.
import { Buffer } from "node:buffer";
import { commandsOf, hashOf, MAGIC, segmentsOf, signatureCommand } from "./macho.mjs";

const PAGE_BITS = 12;
const PAGE = 1 << PAGE_BITS;
const DIRECTORY_HEAD = 88;
/** Version 0x20400: the first with an executable segment. */
const VERSION = 0x20400;
/** CS_ADHOC and CS_LINKER_SIGNED: `codesign` puts another one in its place without being forced to. */
const FLAGS = 0x20002;
const MAIN_BINARY = 1n;
/** Segments end on pages of the processor with the larger ones. */
const SEGMENT_PAGE = 0x4000;

/** The octets of `file`, signed anew as `identifier`. */
export function signAdHoc(file, identifier) {
  const commands = commandsOf(file);
  const command = signatureCommand(commands);
  if (command === undefined) throw new Error("there is no room for a signature: the file never had one");
  const start = file.readUInt32LE(command.at + 8);
  const size = signatureSize(start, identifier);
  const signed = Buffer.alloc(start + size);
  file.copy(signed, 0, 0, start);
  // What is signed tells how long the signature is, so that comes first.
  signed.writeUInt32LE(size, command.at + 12);
  const segments = segmentsOf(signed, commands);
  const linkEdit = segments.find(({ name }) => name === "__LINKEDIT");
  const length = signed.length - linkEdit.start;
  signed.writeBigUInt64LE(BigInt(length), linkEdit.at + 48);
  const room = Math.ceil(length / SEGMENT_PAGE) * SEGMENT_PAGE;
  if (room > linkEdit.room) signed.writeBigUInt64LE(BigInt(room), linkEdit.at + 32);
  writeSignature(signed, start, identifier, segments.find(({ name }) => name === "__TEXT"));
  return signed;
}

const pages = (start) => Math.ceil(start / PAGE);
const directorySize = (start, identifier) => DIRECTORY_HEAD + identifier.length + 1 + pages(start) * 32;
/** One blob with its index; the end is rounded, as `codesign` does it. */
const signatureSize = (start, identifier) => Math.ceil((20 + directorySize(start, identifier)) / 16) * 16;

function writeSignature(file, start, identifier, code) {
  const at = start + 20;
  const hashes = DIRECTORY_HEAD + identifier.length + 1;
  const directory = directorySize(start, identifier);
  [MAGIC.SIGNATURE, 20 + directory, 1, 0, 20].forEach((word, index) => file.writeUInt32BE(word, start + index * 4));
  [MAGIC.DIRECTORY, directory, VERSION, FLAGS, hashes, DIRECTORY_HEAD, 0, pages(start), start]
    .forEach((word, index) => file.writeUInt32BE(word, at + index * 4));
  // Length and kind of a hash (SHA-256), the platform, the size of a page.
  file.set([32, 2, 0, PAGE_BITS], at + 36);
  file.writeBigUInt64BE(BigInt(code.start), at + 64);
  file.writeBigUInt64BE(BigInt(code.size), at + 72);
  file.writeBigUInt64BE(MAIN_BINARY, at + 80);
  file.write(`${identifier}\0`, at + DIRECTORY_HEAD, "latin1");
  for (let page = 0; page < pages(start); page++) {
    hashOf(file.subarray(page * PAGE, Math.min(start, (page + 1) * PAGE))).copy(file, at + hashes + page * 32);
  }
}
