/**
 * `demo`: a responder and a measurement through it, in one process, over real UDP on loopback.
 *
 * @module
 */
import { formatEndpoint } from "../../core/address.ts";
import { driveReflector } from "../../core/drive.ts";
import { createReflector } from "../../core/session/reflector.ts";
import { registry } from "../plugins/registry.ts";
import { print, printError } from "../sinks.ts";
import { type Descriptor, styled } from "../style.ts";
import { checkKeyFlags, readStampSecrets, stampKeys } from "../stamp_keys.ts";
import { describeHost, NOTHING_ALLOWED } from "../tlv_host.ts";
import { chooseTransport, underneath } from "../transports.ts";
import { runSender, type SenderFlags } from "./sender.ts";

/** Whatever size of probe the user tries, this responder answers it. */
const MAX_DATAGRAM = 65_536;

/** Runs `demo`; resolves to the exit status. */
export async function runDemo(flags: SenderFlags): Promise<number> {
  const host = flags.family === 6 ? "::1" : "127.0.0.1";
  checkKeyFlags(flags, flags.protocol);
  const keys = flags.keyFile === undefined ? undefined : stampKeys(readStampSecrets(flags.keyFile, flags.keyId));
  // A transport of --plugin is the sender's: what it does to probes it would do to replies once more.
  const transport = underneath(chooseTransport(flags.transport, { hostname: host, port: 0 }));
  const socket = await transport.openDatagram({ hostname: host, port: 0, stride: MAX_DATAGRAM, readTos: true });
  const session = createReflector({
    mode: "stateful",
    protocol: "auto",
    strictSize: false,
    sessions: 8,
    wait: Infinity,
    hashSeed: 0,
    authenticated: flags.mode === "open" ? undefined : keys,
    tlvKeys: keys,
    tlvs: registry.tlvAnswers,
    host: describeHost(socket, true, { allow: [], deny: [] }, NOTHING_ALLOWED),
  });
  const stop = new AbortController();
  const reflecting = driveReflector(session, socket, transport.clock(), stop.signal);
  try {
    const status = await runSender(formatEndpoint(host, socket.address.port), formatEndpoint(host, 0), flags);
    if (flags.level !== "quiet") hint(flags.output.length === 0 && !flags.telegraf);
    return status;
  } finally {
    stop.abort();
    await reflecting;
    socket.close();
  }
}

/** What to type next; beside a table it may stand on standard output, beside a document for scripts not. */
function hint(beside: boolean): void {
  const line = (fd: Descriptor) =>
    `${styled(fd, "bold", "Next:")} \`twampede responder\` on another host, then here \`twampede sender THAT-HOST\`.\n`;
  if (beside) print(line(1));
  else printError(line(2));
}
