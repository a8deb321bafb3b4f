/**
 * Packets typed or pasted as hex: octets with or without spaces, colons, commas, `0x` and `#` comments, or a dump with
 * an offset column as tcpdump -x and xxd print it.
 *
 * @module
 */
import { OptionError } from "../../core/errors.ts";

/** `0x0010:  4500 0052 …  E..R`: an offset with a colon, then groups of hex, then perhaps text behind two spaces. */
const DUMP_LINE = /^\s*(?:0x)?([0-9a-f]{4,8}):\s+(\S.*)$/i;
/** As many octets as an IP packet can have. */
const LARGEST = 65_535;
const SEPARATORS = /[\s:,]+/;

/** What was typed. */
export interface HexText {
  readonly packets: readonly Uint8Array[];
  /** Whether it was a dump with offsets: those of tcpdump start with the IP header. */
  readonly dump: boolean;
}

/**
 * The packets in `text`; an empty line, or in a dump an offset of 0, starts another.
 *
 * @throws {OptionError} with the line and column of what is no hex
 */
export function parseHex(text: string): HexText {
  const lines = text.split(/\r\n|\r|\n/);
  const dump = lines.some((line) => DUMP_LINE.test(line));
  const packets = (dump ? parseDump(lines) : parsePlain(lines)).filter((octets) => octets.length > 0);
  if (packets.length === 0) throw new OptionError("no packet given: type its octets in hex, as in 00000001eeaacace…");
  for (const [i, octets] of packets.entries()) {
    if (octets.length > LARGEST) {
      throw new OptionError(
        `packet ${i + 1} has ${octets.length} octets, ${LARGEST} at most fit: put an empty line between packets`,
      );
    }
  }
  return { packets: packets.map((octets) => Uint8Array.from(octets)), dump };
}

function parsePlain(lines: readonly string[]): number[][] {
  const packets: number[][] = [[]];
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") packets.push([]);
    else readOctets(line.split("#", 1)[0], i + 1, 1, packets.at(-1)!);
  }
  return packets;
}

/** Lines without an offset are the headings that tcpdump writes between packets. */
function parseDump(lines: readonly string[]): number[][] {
  const packets: number[][] = [];
  for (const [i, line] of lines.entries()) {
    const dump = DUMP_LINE.exec(line);
    if (dump === null) continue;
    const offset = parseInt(dump[1], 16);
    if (offset === 0) packets.push([]);
    const octets = packets.at(-1);
    if (octets === undefined || octets.length !== offset) {
      const has = octets?.length ?? 0;
      throw new OptionError(
        `line ${i + 1} has offset ${offset}, but ${has} octets came before it: give the whole dump`,
      );
    }
    readOctets(dump[2].split(/\s{2,}/, 1)[0], i + 1, line.length - dump[2].length + 1, octets);
  }
  return packets;
}

/** Adds the octets of `text`, which starts at `column` of `line`, to `out`. */
function readOctets(text: string, line: number, column: number, out: number[]): void {
  let at = 0;
  for (const word of text.split(SEPARATORS)) {
    at = text.indexOf(word, at);
    const start = /^0x/i.test(word) ? 2 : 0;
    const bad = word.slice(start).search(/[^0-9a-f]/i);
    const where = `at line ${line}, column ${column + at + start}`;
    if (bad >= 0) {
      const position = `line ${line}, column ${column + at + start + bad}`;
      throw new OptionError(`${printable(word, start + bad)} at ${position} is no hex digit: give 0 to 9 and a to f`);
    }
    if ((word.length - start) % 2 !== 0) {
      throw new OptionError(`odd number of hex digits (${word.length - start}) ${where}: give two for each octet`);
    }
    for (let i = start; i < word.length; i += 2) out.push(parseInt(word.slice(i, i + 2), 16));
    at += word.length;
  }
}

/** The character at `index` of `word`, or its number if a terminal could not show it. */
function printable(word: string, index: number): string {
  const code = word.codePointAt(index)!;
  return /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(String.fromCodePoint(code))
    ? `"${String.fromCodePoint(code)}"`
    : `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
