/**
 * What macOS and FreeBSD have in common.
 *
 * @module
 */
import type { ErrorTable, Layout } from "./single/system.ts";

/** `struct msghdr` with 64 bits. */
export const BSD_MESSAGE: Layout["message"] = {
  size: 48,
  name: 0,
  nameLength: 8,
  buffers: 16,
  bufferCount: 24,
  control: 32,
  controlLength: 40,
  flags: 44,
};

/** `struct iovec`. */
export const BSD_BUFFER: Layout["buffer"] = { base: 0, length: 8 };

export const BSD_ERRORS: ErrorTable = {
  EPERM: 1,
  EINTR: 4,
  EACCES: 13,
  EINVAL: 22,
  EAGAIN: 35,
  EMSGSIZE: 40,
  ENOPROTOOPT: 42,
  EAFNOSUPPORT: 47,
  EADDRINUSE: 48,
  EADDRNOTAVAIL: 49,
  ENETDOWN: 50,
  ENETUNREACH: 51,
  ENOBUFS: 55,
  ECONNREFUSED: 61,
  EHOSTUNREACH: 65,
};
