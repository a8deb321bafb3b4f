/**
 * The formats of /proc.
 *
 * @module
 */

/** Capabilities that matter to a measurement, by their bits (linux/capability.h). */
const CAPABILITIES: Readonly<Record<string, number>> = {
  CAP_NET_BIND_SERVICE: 10,
  CAP_NET_ADMIN: 12,
  CAP_NET_RAW: 13,
  CAP_SYS_NICE: 23,
};

/** Which of them are effective, by /proc/self/status; null if it does not say. */
export function parseCapabilities(status: string): Record<string, boolean> | null {
  const digits = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (digits === undefined) return null;
  const mask = BigInt(`0x${digits}`);
  return Object.fromEntries(
    Object.entries(CAPABILITIES).map(([name, bit]) => [name, ((mask >> BigInt(bit)) & 1n) === 1n]),
  );
}

/** One protocol of /proc/net/snmp: a line of names, then a line of numbers. */
export function parseSnmp(text: string, protocol: string): Record<string, number> | null {
  const lines = text.split("\n").filter((line) => line.startsWith(`${protocol}: `)).map((line) => line.split(/\s+/));
  const [names, values] = lines;
  if (values === undefined || names.length !== values.length) return null;
  return Object.fromEntries(names.slice(1).map((name, i) => [name, Number(values[i + 1])]));
}

/** /proc/net/snmp6: a name and a number a line; those that start with `prefix`, without it. */
export function parseSnmp6(text: string, prefix: string): Record<string, number> | null {
  const found = [...text.matchAll(/^(\S+)\s+(\d+)$/gm)].filter(([, name]) => name.startsWith(prefix));
  return found.length === 0
    ? null
    : Object.fromEntries(found.map(([, name, value]) => [name.slice(prefix.length), Number(value)]));
}

/** Whether the processors say that a hypervisor is below them; null where they list no such flags (other than x86). */
export function parseHypervisor(cpuinfo: string): boolean | null {
  const flags = /^flags\s*:(.*)$/m.exec(cpuinfo)?.[1];
  return flags === undefined ? null : / hypervisor\b/.test(flags);
}
