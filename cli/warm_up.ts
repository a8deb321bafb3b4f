/**
 * A short measurement through this process over loopback before the real one: the runtimes compile what they run often,
 * and the first packets of a cold program leave up to a millisecond after their stamp.
 *
 * @module
 */
import { driveReflector, driveSender } from "../core/drive.ts";
import { createReflector } from "../core/session/reflector.ts";
import { createSender } from "../core/session/sender.ts";
import { StampKeys, StampSeal } from "../core/session/stamp_seal.ts";
import { createStats } from "../core/stats/stats.ts";
import type { DatagramSocket, SocketOptions, Transport } from "../core/transport.ts";
import { underneath } from "./transports.ts";

const PROBES = 300;
const GAP_NS = 20_000;
const SIZE = { open: 41, authenticated: 112 } as const;
/** Never longer: a program that starts late is worse than a cold one. */
const MOST_MS = 60;

/** Sends probes to itself, in `mode`, and forgets them. What fails here would fail again with a reason: nothing is said. */
export async function warmUp(
  chosen: Transport,
  like: SocketOptions,
  mode: keyof typeof SIZE = "open",
): Promise<void> {
  // What wraps a transport is not for this: it may count, or lose, what goes through it.
  const transport = underneath(chosen);
  const options: SocketOptions = {
    hostname: like.hostname.includes(":") ? "::1" : "127.0.0.1",
    port: 0,
    stamps: like.stamps === "user" ? "user" : undefined,
  };
  const size = SIZE[mode];
  const key = new Uint8Array(size);
  const open: DatagramSocket[] = [];
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), MOST_MS);
  try {
    const far = await transport.openDatagram(options);
    open.push(far);
    const near = await transport.openDatagram({ ...options, txStamps: like.txStamps ?? false });
    open.push(near);
    const reflector = createReflector({
      mode: "stateful",
      protocol: "auto",
      strictSize: false,
      sessions: 1,
      wait: Infinity,
      hashSeed: 0,
      authenticated: mode === "open" ? undefined : new StampKeys(new Map(), key),
    });
    const sender = createSender({
      protocol: mode === "open" ? "twamp" : "stamp",
      ssid: 0,
      seal: mode === "open" ? undefined : new StampSeal(key),
      peer: near.peer(options.hostname, far.address.port),
      traffic: { name: "", maxSize: size, size: () => size, fill: (bytes, from, to) => void bytes.fill(0, from, to) },
      schedule: { name: "", next: () => GAP_NS },
      count: PROBES,
      timeout: MOST_MS * 1e6,
      window: 2 * PROBES,
    });
    const { rxStamp: t4, txStamp: t1 } = near.capabilities;
    const stats = createStats({ stamps: { t1, t4 }, histogramBits: 4 });
    const reflecting = driveReflector(reflector, far, transport.clock(), stop.signal);
    await driveSender(sender, near, transport.clock(), stop.signal, (probe) => stats.record(probe));
    stop.abort();
    await reflecting;
  } catch {
    // Without loopback, or without room for two sockets more: the real ones will tell.
  } finally {
    clearTimeout(timer);
    for (const socket of open) socket.close();
  }
}
