// Reads what a PE executable (Windows) says of itself: Microsoft's "PE Format".
const MACHINE = { 0x8664: "x64", 0xaa64: "arm64" };
const SUBSYSTEM = { 2: "graphical", 3: "console" };

export const isPe = (file) => file.readUInt16BE(0) === 0x4d5a;

/** `{ system, processor, subsystem, authenticode, section }`; `section` finds one by its name. */
export function readPe(file) {
  const at = file.readUInt32LE(0x3c);
  if (file.toString("latin1", at, at + 4) !== "PE\0\0") throw new Error("begins as a PE file, but has no PE header");
  const optional = at + 24;
  if (file.readUInt16LE(optional) !== 0x20b) throw new Error("a PE file, but not of 64 bits");
  // The certificate table is the one directory that holds a place in the file, not an address.
  const directory = optional + 112 + 4 * 8;
  const [certificates, length] = [file.readUInt32LE(directory), file.readUInt32LE(directory + 4)];
  return {
    system: "windows",
    processor: MACHINE[file.readUInt16LE(at + 4)] ?? `machine 0x${file.readUInt16LE(at + 4).toString(16)}`,
    subsystem: SUBSYSTEM[file.readUInt16LE(optional + 68)] ?? "other",
    authenticode: length === 0 ? null : { octets: length, inside: certificates + length <= file.length },
    section: (name) => sectionOf(file, at, name),
  };
}

function sectionOf(file, at, name) {
  const first = at + 24 + file.readUInt16LE(at + 20);
  for (let index = 0; index < file.readUInt16LE(at + 6); index++) {
    const header = first + index * 40;
    if (file.toString("latin1", header, header + 8).replace(/\0+$/, "") !== name) continue;
    const [virtual, raw, start] = [8, 16, 20].map((offset) => file.readUInt32LE(header + offset));
    return file.subarray(start, start + Math.min(virtual, raw));
  }
  return undefined;
}
