/**
 * Small files that a user names: a device or a pipe that never ends is not read for ever.
 *
 * @module
 */
import { closeSync, openSync, readSync } from "node:fs";

/** What is in the file at `path`; undefined if that is more than `most` octets. Throws what the system says. */
export function readBounded(path: string, most: number): Uint8Array | undefined {
  const fd = openSync(path, "r");
  try {
    const octets = new Uint8Array(most + 1);
    let length = 0;
    for (let got = 1; got > 0 && length <= most; length += got) {
      got = readSync(fd, octets, length, octets.length - length, null);
    }
    return length > most ? undefined : octets.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}
