/**
 * The loops that carry datagrams between a socket and a machine: the only async functions in core, and still no I/O of
 * their own.
 *
 * @module
 */
import { createRecord, type ProbeRecord } from "./record.ts";
import type { ReflectorSession } from "./session/reflector.ts";
import type { SenderSession } from "./session/sender.ts";
import type { Clock } from "./time/clock.ts";
import type { AbortSignalLike, DatagramSocket } from "./transport.ts";

/** Answers what comes until `signal` aborts. */
export async function driveReflector(
  session: ReflectorSession,
  socket: DatagramSocket,
  clock: Clock,
  signal: AbortSignalLike,
): Promise<void> {
  const batch = socket.createBatch();
  const wake = () => socket.wake();
  signal.addEventListener("abort", wake);
  try {
    while (!signal.aborted) {
      const waiting = socket.receive(batch, Infinity);
      if (typeof waiting !== "number") await waiting;
      if (batch.count === 0 || session.reflect(clock.mono(), batch) === 0) continue;
      session.stampTransmit(batch, clock);
      const sending = socket.send(batch);
      if (typeof sending !== "number") await sending;
    }
  } finally {
    signal.removeEventListener("abort", wake);
  }
}

/** Lost probes are told this late at the most, however many datagrams keep coming. */
const EXPIRE_NS = 50e6;

/**
 * Runs a sender session to its end; `onProbe` gets every record, which is reused. When `signal` aborts, the session is
 * abandoned: what is in flight then is neither answered nor lost.
 */
export async function driveSender(
  session: SenderSession,
  socket: DatagramSocket,
  clock: Clock,
  signal: AbortSignalLike,
  onProbe: (probe: Readonly<ProbeRecord>) => void,
): Promise<void> {
  const tx = socket.createBatch();
  const rx = socket.createBatch();
  const record = createRecord();
  const drain = () => {
    while (session.pollRecord(record)) onProbe(record);
  };
  const wake = () => socket.wake();
  signal.addEventListener("abort", wake);
  try {
    session.start(clock.mono());
    let expired = clock.mono();
    while (!session.done) {
      if (signal.aborted) {
        session.abandon();
        break;
      }
      const now = clock.mono();
      // What has come is taken before anything is given up, as long as that does not put it off for good.
      if (rx.count === 0 || now - expired > EXPIRE_NS) {
        expired = now;
        session.handleTimeout(now);
        drain();
      }
      tx.count = 0;
      if (session.pollTransmit(now, tx) > 0) {
        session.stampTransmit(tx, clock);
        const sending = socket.send(tx);
        if (typeof sending !== "number") await sending;
      }
      if (session.done) break;
      const waiting = socket.receive(rx, session.pollTimeout());
      if (typeof waiting !== "number") await waiting;
      if (rx.count > 0) {
        session.handleDatagrams(clock.mono(), rx);
        drain();
      }
    }
  } finally {
    signal.removeEventListener("abort", wake);
  }
}
