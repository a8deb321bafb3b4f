/**
 * Hosts and addresses that are at hand without asking the network.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { homedir, networkInterfaces } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Candidate } from "./suggestion.ts";

/** Of files larger than this nothing is read: nobody waits for the TAB key. */
const MOST_OCTETS = 2 ** 20;

/** Names and addresses of `/etc/hosts`, and hosts that `ssh` knows by a name that is not hashed. */
export function knownHosts(): Candidate[] {
  const found = new Map<string, string>();
  const add = (names: readonly string[], from: string) => {
    for (const name of names) if (/^[\w.-]+$/.test(name) && !found.has(name)) found.set(name, from);
  };
  for (const line of linesOf(hostsFile())) add(line.split(/\s+/).slice(1), "hosts file");
  for (const line of linesOf(join(allowed(homedir) ?? "", ".ssh", "known_hosts"))) {
    const [first] = line.replace(/^@\S+\s+/, "").split(/\s/);
    add(first.split(",").map((name) => name.replace(/^\[(.*)\]:\d+$/, "$1")), "known to ssh");
  }
  return [...found].map(([value, summary]) => ({ value, summary }));
}

/** Addresses of this machine, as they stand before a port. */
export function ownAddresses(): Candidate[] {
  return Object.entries(allowed(networkInterfaces) ?? {}).flatMap(([name, addresses]) =>
    (addresses ?? []).filter(({ address }) => !address.startsWith("fe80:")).map(({ address, family }) => ({
      value: family === "IPv6" ? `[${address}]` : address,
      summary: name,
    }))
  );
}

/** Names of this machine's interfaces. */
export function ownInterfaces(): Candidate[] {
  return Object.entries(allowed(networkInterfaces) ?? {}).map(([value, addresses]) => ({
    value,
    summary: (addresses ?? []).map(({ address }) => address).join(", "),
  }));
}

/** What the system tells; nothing where Deno does not let it be asked. */
function allowed<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

function hostsFile(): string {
  if (process.platform !== "win32") return "/etc/hosts";
  return join(allowed(() => process.env.SystemRoot) ?? "C:\\Windows", "System32", "drivers", "etc", "hosts");
}

/** Lines without comments; none where the file cannot be read. */
function linesOf(path: string): string[] {
  try {
    const text = readFileSync(path, "utf8");
    return text.length > MOST_OCTETS ? [] : text.split("\n").map((line) => line.replace(/#.*/, "").trim());
  } catch {
    return [];
  }
}
