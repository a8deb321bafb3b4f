/** Hosts of our own making: network namespaces joined in a row by veth pairs, gone when the test file is done. */
import { after, before } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { type Outcome, run, type StartOptions } from "../support.ts";
import { type Json, readLines } from "../parse.ts";

/** One host. Its interfaces are `west`, to the host before it in the row, and `east`, to the one after it. */
export class Host {
  readonly netns: string;
  /** Has the program run on this host. */
  readonly at: StartOptions;

  constructor(name: string) {
    this.netns = name;
    this.at = { through: ["ip", "netns", "exec", name] };
  }

  /** `ip` on this host; throws if it fails. */
  ip(...args: string[]): string {
    return command("ip", "-n", this.netns, ...args);
  }

  /** Any command on this host. */
  exec(...args: string[]): string {
    return command("ip", "netns", "exec", this.netns, ...args);
  }

  /** Sets a kernel variable of this host, `net/ipv4/ip_forward` for instance. */
  set(variable: string, value: number): void {
    this.exec("sh", "-c", `echo ${value} >/proc/sys/${variable}`);
  }

  /** The link-local address of an interface, without its zone. */
  linkLocal(device: string): string {
    const found = /inet6 (fe80\S+)\//.exec(this.ip("-6", "addr", "show", "dev", device, "scope", "link"));
    assert.ok(found, `${this.netns} has no link-local address on ${device}`);
    return found[1];
  }

  /** Processes that are still there. */
  pids(): string[] {
    return command("ip", "netns", "pids", this.netns).split("\n").filter((pid) => pid !== "");
  }
}

function command(file: string, ...args: string[]): string {
  const { error, status, stdout, stderr } = spawnSync(file, args, { encoding: "utf8" });
  assert.equal(error, undefined, `${file}: ${error?.message}`);
  assert.equal(status, 0, `${file} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Where a link's IPv4 addresses are from; the west end is `.1`, the east end `.2`. IPv6 has `2001:db8:LINK::1` and `::2`. */
const LINKS = ["192.0.2", "198.51.100", "203.0.113"];

/** The addresses of the host at place `at` in the row, on its link to the west; of the first one to the east. */
export function addresses(at: number): { v4: string; v6: string } {
  const link = Math.max(at - 1, 0);
  const end = at === 0 ? 1 : 2;
  return { v4: `${LINKS[link]}.${end}`, v6: `2001:db8:${link + 1}::${end}` };
}

/** Hosts in a row; those between the ends are routers. `skip` says why there can be none. */
export interface Row {
  readonly hosts: readonly Host[];
  readonly skip: string | false;
}

/** Makes `count` hosts before the tests of this file, and removes them after. */
export function hostsInRow(count: number): Row {
  const unique = `tw-${process.pid}-${Math.floor(performance.now() * 1000).toString(36)}`;
  const hosts = Array.from({ length: count }, (_, i) => new Host(`${unique}-${i}`));
  const skip = whyNot(hosts[0]);
  const remove = () => hosts.forEach(({ netns }) => spawnSync("ip", ["netns", "del", netns]));
  if (skip === false) {
    // Deno runs nothing of `after` where a filter leaves tests out.
    globalThis.addEventListener?.("unload", remove);
    before(() => build(hosts));
    after(remove);
  }
  return { hosts, skip };
}

function whyNot(first: Host): string | false {
  const { error, status } = spawnSync("ip", ["netns", "add", first.netns], { encoding: "utf8" });
  if (error !== undefined) return "no ip command (Debian: iproute2)";
  if (status !== 0) return "no privilege to make network namespaces";
  // Made again when a test wants it: where none is selected, nobody would remove it.
  command("ip", "netns", "del", first.netns);
  return false;
}

function build(hosts: readonly Host[]): Promise<void> {
  for (const host of hosts) command("ip", "netns", "add", host.netns);
  for (const host of hosts) {
    // Addresses are there at once, and every refusal of a router is told: both are waited for otherwise.
    host.set("net/ipv6/conf/default/accept_dad", 0);
    host.set("net/ipv4/icmp_ratelimit", 0);
    host.set("net/ipv6/icmp/ratelimit", 0);
    host.ip("link", "set", "lo", "up");
  }
  for (let link = 0; link + 1 < hosts.length; link++) join(hosts[link], hosts[link + 1], link);
  const last = hosts.length - 1;
  for (const router of hosts.slice(1, last)) {
    router.set("net/ipv4/ip_forward", 1);
    router.set("net/ipv6/conf/all/forwarding", 1);
  }
  addRoutes(hosts);
  return ready(hosts);
}

/** The kernel tells itself of carriers up to a second later; until then IPv6 does not answer. */
async function ready(hosts: readonly Host[]): Promise<void> {
  for (const host of hosts) {
    while (/state (?!UP|UNKNOWN)|tentative/.test(host.ip("addr", "show"))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Default routes of the two ends; a link that went down and up again has lost them. */
export function addRoutes(hosts: readonly Host[]): void {
  if (hosts.length < 3) return;
  const last = hosts.length - 1;
  hosts[0].ip("route", "replace", "default", "via", `${LINKS[0]}.2`);
  hosts[0].ip("route", "replace", "default", "via", "2001:db8:1::2");
  hosts[last].ip("route", "replace", "default", "via", `${LINKS[last - 1]}.1`);
  hosts[last].ip("route", "replace", "default", "via", `2001:db8:${last}::1`);
}

function join(west: Host, east: Host, link: number): void {
  command(
    "ip",
    "link",
    "add",
    "east",
    "netns",
    west.netns,
    "type",
    "veth",
    "peer",
    "name",
    "west",
    "netns",
    east.netns,
  );
  for (const [host, device, end] of [[west, "east", 1], [east, "west", 2]] as const) {
    host.ip("addr", "add", `${LINKS[link]}.${end}/24`, "dev", device);
    host.ip("addr", "add", `2001:db8:${link + 1}::${end}/64`, "dev", device);
    host.ip("link", "set", device, "up");
  }
}

/** What a sender's run came to: the lines of ndjson taken apart. */
export interface Measured extends Outcome {
  readonly probes: readonly Json[];
  readonly summary: Json;
}

/** A sender on `host`, from a port of the system's choice; that it measured something is checked. */
export async function measured(host: Host, remote: string, ...args: string[]): Promise<Measured> {
  const outcome = await run(["sender", remote, ":0", ...args, "--output", "ndjson"], host.at);
  assert.equal(outcome.status, 0, outcome.stderr);
  return { ...outcome, ...readLines(outcome.stdout) };
}
