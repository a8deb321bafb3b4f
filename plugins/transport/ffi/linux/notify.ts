/**
 * A datagram to a UNIX socket, which no runtime sends: how a service tells systemd of its state (sd_notify(3)).
 *
 * @module
 */
import { fixedMemory } from "../native.ts";
import { SOCK_CLOEXEC, SOCK_DGRAM } from "./abi.ts";
import { openLibc } from "./libc.ts";

const AF_UNIX = 1;
/** Octets of `sun_path` in a `struct sockaddr_un`, behind the family. */
const PATH_SIZE = 108;
const PATH_AT = 2;

/** Sends `text` to the socket at `path`, which is abstract if it starts with `@`; false if that cannot be. */
export function notifyUnixSocket(path: string, text: string): boolean {
  const libc = openLibc();
  const name = new TextEncoder().encode(path);
  if (typeof libc === "string" || name.length >= PATH_SIZE) return false;
  const address = fixedMemory(PATH_AT + PATH_SIZE);
  new Uint16Array(address.buffer, 0, 1)[0] = AF_UNIX;
  address.set(name, PATH_AT);
  if (path.startsWith("@")) address[PATH_AT] = 0;
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const octets = new TextEncoder().encode(text);
  const memory = fixedMemory(octets.length);
  memory.set(octets);
  const sent = libc.connect(fd, address, PATH_AT + name.length) === 0 &&
    libc.send(fd, memory, BigInt(octets.length), 0) === octets.length;
  libc.close(fd);
  return sent;
}
