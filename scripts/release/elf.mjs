// Reads what an ELF executable (Linux, FreeBSD) says of itself: System V ABI, chapters 4 and 5; for symbol versions the
// Linux Standard Base, "Symbol Versioning".
const MACHINE = { 62: "x64", 183: "arm64" };
const FREEBSD = 9;
const DYNAMIC = { NEEDED: 1, STRTAB: 5, VERNEED: 0x6ffffffe, VERNEEDNUM: 0x6fffffff };

export const isElf = (file) => file.readUInt32BE(0) === 0x7f454c46;

/** `{ system, processor, libc, interpreter, needs, minimum, section }`; `section` finds one by its name. */
export function readElf(file) {
  if (file[4] !== 2 || file[5] !== 1) throw new Error("an ELF file, but not of 64 bits with the low octet first");
  const processor = MACHINE[file.readUInt16LE(18)] ?? `machine ${file.readUInt16LE(18)}`;
  const segments = segmentsOf(file);
  const text = (at) => file.toString("latin1", at, file.indexOf(0, at));
  const interp = segments.find(({ type }) => type === 3);
  const interpreter = interp === undefined ? null : text(interp.offset);
  const { needs, versions } = linked(file, segments, text);
  const libc = /ld-musl/.test(interpreter ?? "") ? "musl" : /ld-linux/.test(interpreter ?? "") ? "glibc" : null;
  return {
    system: file[7] === FREEBSD ? "freebsd" : libc === null ? "unknown" : "linux",
    processor,
    libc,
    interpreter,
    needs,
    minimum: highest(versions),
    section: (name) => sectionOf(file, name, text),
  };
}

function segmentsOf(file) {
  const [start, size, count] = [Number(file.readBigUInt64LE(32)), file.readUInt16LE(54), file.readUInt16LE(56)];
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    const word = (offset) => Number(file.readBigUInt64LE(at + offset));
    return { type: file.readUInt32LE(at), offset: word(8), address: word(16), size: word(32) };
  });
}

/** The libraries that its loader brings in, and the versions of symbols it asks them for. */
function linked(file, segments, text) {
  const table = segments.find(({ type }) => type === 2);
  if (table === undefined) return { needs: [], versions: [] };
  const where = (address) => {
    const segment = segments.find((one) =>
      one.type === 1 && address >= one.address && address < one.address + one.size
    );
    return segment.offset + address - segment.address;
  };
  const entries = [];
  for (let at = table.offset; at < table.offset + table.size; at += 16) {
    entries.push([Number(file.readBigInt64LE(at)), Number(file.readBigInt64LE(at + 8))]);
  }
  const value = (tag) => entries.find(([one]) => one === tag)?.[1];
  const strings = where(value(DYNAMIC.STRTAB));
  const needs = entries.filter(([tag]) => tag === DYNAMIC.NEEDED).map(([, offset]) => text(strings + offset));
  const versions = [];
  let at = value(DYNAMIC.VERNEED) === undefined ? 0 : where(value(DYNAMIC.VERNEED));
  for (let left = value(DYNAMIC.VERNEEDNUM) ?? 0; left > 0; left--) {
    let one = at + file.readUInt32LE(at + 8);
    for (let names = file.readUInt16LE(at + 2); names > 0; names--) {
      versions.push(text(strings + file.readUInt32LE(one + 8)));
      one += file.readUInt32LE(one + 12);
    }
    at += file.readUInt32LE(at + 12);
  }
  return { needs, versions };
}

/** The oldest glibc that has all that is asked for: `glibc 2.17`. */
function highest(versions) {
  const numbers = versions.flatMap((name) => /^GLIBC_(\d+)\.(\d+)/.exec(name)?.slice(1, 3).map(Number) ?? []);
  let best = null;
  for (let at = 0; at < numbers.length; at += 2) {
    const [major, minor] = numbers.slice(at, at + 2);
    if (best === null || major > best[0] || (major === best[0] && minor > best[1])) best = [major, minor];
  }
  return best === null ? null : `glibc ${best.join(".")}`;
}

function sectionOf(file, name, text) {
  const [start, size, count] = [Number(file.readBigUInt64LE(40)), file.readUInt16LE(58), file.readUInt16LE(60)];
  const field = (index, offset) => Number(file.readBigUInt64LE(start + index * size + offset));
  const names = field(file.readUInt16LE(62), 24);
  for (let index = 0; index < count; index++) {
    if (text(names + file.readUInt32LE(start + index * size)) !== name) continue;
    return file.subarray(field(index, 24), field(index, 24) + field(index, 32));
  }
  return undefined;
}
