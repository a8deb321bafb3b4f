/**
 * Errors of system calls by name and in words. Systems number them differently and call them the same.
 *
 * @module
 */

const TEXTS: Readonly<Record<string, string>> = {
  EPERM: "the system does not permit it: a firewall rule, or a missing privilege",
  EAGAIN: "the send buffer of the system is full",
  EACCES: "the system does not permit it: a broadcast address, or a firewall rule",
  EINVAL: "invalid argument",
  ENODEV: "there is no such interface",
  EADDRNOTAVAIL: "this host has no address to send from",
  EMSGSIZE: "datagram too large",
  ENOPROTOOPT: "this system does not have it",
  ENOSYS: "this system does not have it",
  EOPNOTSUPP: "not supported",
  ENETDOWN: "network down",
  ENETUNREACH: "network unreachable",
  ENOBUFS: "the queue of the interface is full, or it sends nothing now",
  ECONNREFUSED: "port unreachable",
  EHOSTUNREACH: "host unreachable",
};

/** `EADDRINUSE` for its number in `errors`; `errno 5` for what has no name there. */
export function errorName(errors: Readonly<Record<string, number>>, number: number): string {
  return Object.keys(errors).find((name) => errors[name] === number) ?? `errno ${number}`;
}

/** What happened, in words. */
export function errorText(errors: Readonly<Record<string, number>>, number: number): string {
  const name = errorName(errors, number);
  return TEXTS[name] ?? name;
}
