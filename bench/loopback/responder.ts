/**
 * A responder over one transport, as the command has it but for its options; ends with its parent.
 *
 * @module
 */
import process from "node:process";
import { driveReflector } from "../../core/drive.ts";
import { createReflector } from "../../core/session/reflector.ts";
import { TRANSPORTS } from "../../plugins/transport/mod.ts";

/** Nobody needs it for longer. */
const LIFETIME_MS = 600_000;

const [name] = process.argv.slice(2);
const transport = TRANSPORTS.find((plugin) => plugin.name === name)!.create({});
const session = createReflector({
  mode: "stateful",
  protocol: "auto",
  strictSize: false,
  sessions: 8192,
  wait: 900e9,
  hashSeed: 1,
});
const socket = await transport.openDatagram({ hostname: "127.0.0.1", port: 0 });
const stop = new AbortController();
const end = () => stop.abort();
setTimeout(end, LIFETIME_MS).unref();
process.on("SIGTERM", end);
process.stdin.on("end", end).resume();
console.log(`127.0.0.1:${socket.address.port}`);
await driveReflector(session, socket, transport.clock(), stop.signal);
socket.close();
process.exit(0);
