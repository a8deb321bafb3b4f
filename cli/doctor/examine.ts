/**
 * Examines this machine. Nothing here fails: what cannot be read is unknown.
 *
 * @module
 */
import type { Transport } from "../../core/transport.ts";
import { openMachine } from "../../plugins/transport/ffi/open_machine.ts";
import { TRANSPORTS } from "../../plugins/transport/mod.ts";
import { readBuffers } from "./buffers.ts";
import { watchClocks } from "./clocks.ts";
import type { Facts } from "./facts.ts";
import { readFloors } from "./floors.ts";
import { readHost } from "./host.ts";
import { readInterfaces } from "./interfaces.ts";
import { readPrivileges } from "./privileges.ts";
import { attempt } from "./read.ts";
import { readWaiting } from "./waiting.ts";

/** Takes some two seconds. */
export async function examine(): Promise<Facts> {
  // Before anything else: the load is that of others.
  const host = readHost();
  const opened = attempt(openMachine) ?? "the system calls could not be opened";
  const machine = typeof opened === "string" ? undefined : opened;
  const transport = bestTransport();
  const readClocks = watchClocks(machine, transport.clock());
  return {
    host,
    // Counters first: what is tried below counts as well.
    buffers: await readBuffers(machine),
    waiting: await readWaiting(machine, transport.clock()),
    interfaces: readInterfaces(machine),
    stampsSeen: await machine?.seeStamps().catch(() => null) ?? null,
    options: await machine?.tryOptions().catch(() => null) ?? null,
    privileges: await readPrivileges(transport),
    transports: await readFloors(),
    clocks: readClocks(),
    systemUnknown: typeof opened === "string" ? opened : null,
  };
}

/** The one that `auto` takes; `node:dgram` is on every runtime. */
function bestTransport(): Transport {
  return TRANSPORTS.map((plugin) => plugin.create({})).find((transport) => transport.probe() !== undefined)!;
}
