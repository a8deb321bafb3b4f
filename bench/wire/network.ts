/**
 * Two network namespaces and the cable between them. They have no names: each lives as long as a `cat` that reads from
 * us, so that nothing is left of them however we end, and the host's own network never sees them.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { endHelpers, type Helper, startHelper } from "../support/context.ts";

/** One end of the cable. */
export interface End {
  readonly address: string;
  readonly mac: string;
  /** What goes before a command to run it there. */
  readonly enter: readonly string[];
}

export interface Network {
  /** Of the interface in both. */
  readonly device: string;
  readonly near: End;
  readonly far: End;
  close(): Promise<void>;
}

const DEVICE = "wire";
/** Of the documentation (RFC 5737), and in no table but that of the two. */
const ADDRESSES = ["192.0.2.1", "192.0.2.2"];
const MACS = ["02:00:00:00:00:01", "02:00:00:00:00:02"];
const STAY = ["sh", "-c", "echo stays:0; exec cat"];

function run(command: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command[0], command.slice(1), { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command.join(" ")}: ${error?.message ?? stderr.trim()}`);
}

/** Makes both. Without root they are in a user namespace of their own, where the system lets everybody have one. */
export async function openNetwork(): Promise<Network> {
  const root = process.getuid?.() === 0;
  const user = root ? [] : ["--user", "--preserve-credentials"];
  const helpers: Helper[] = [];
  const enter = ({ pid }: Helper) => ["nsenter", "--target", String(pid), ...user, "--net"];
  try {
    helpers.push(await startHelper(["unshare", ...(root ? [] : ["--user", "--map-root-user"]), "--net", ...STAY]));
    const inside = root ? [] : ["nsenter", "--target", String(helpers[0].pid), ...user];
    helpers.push(await startHelper([...inside, "unshare", "--net", ...STAY]));
    const ends = helpers.map((helper, i) => ({ address: ADDRESSES[i], mac: MACS[i], enter: enter(helper) }));
    const [near, far] = ends;
    const one = ["link", "add", DEVICE, "address", near.mac, "type", "veth"];
    const other = ["peer", "name", DEVICE, "address", far.mac, "netns", String(helpers[1].pid)];
    run([...near.enter, "ip", ...one, ...other]);
    for (const [end, peer] of [[near, far], [far, near]]) {
      run([...end.enter, "ip", "address", "add", `${end.address}/24`, "dev", DEVICE]);
      run([...end.enter, "ip", "link", "set", DEVICE, "up"]);
      // Known before the first probe, which would otherwise wait for an answer of ARP.
      const entry = [peer.address, "lladdr", peer.mac, "dev", DEVICE, "nud", "permanent"];
      run([...end.enter, "ip", "neighbour", "replace", ...entry]);
    }
    return { device: DEVICE, near, far, close: () => endHelpers(helpers) };
  } catch (error) {
    await endHelpers(helpers);
    throw error;
  }
}
