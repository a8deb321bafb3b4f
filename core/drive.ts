/**
 * The loops that carry datagrams between a socket and a machine: the only async functions in core, and still no I/O of
 * their own.
 *
 * @module
 */
import { type Batch, createTxStamps, type TxStamps } from "./batch.ts";
import { createRecord, type ProbeRecord } from "./record.ts";
import type { ReflectorSession } from "./session/reflector.ts";
import type { SenderSession } from "./session/sender.ts";
import type { Clock, ClockStep, Mono } from "./time/clock.ts";
import type { AbortSignalLike, DatagramSocket } from "./transport.ts";

/**
 * Datagrams that share a system call, and so the delay between their stamps and the wire: the last of eight leaves some
 * 10 µs after its stamp. More gain little rate.
 */
const STAMPED_TOGETHER = 8;

/** What writes the stamps of a few slots, right before these are sent. */
interface Stamper {
  stampTransmit(batch: Batch, clock: Clock, from: number, to: number): void;
}

/** Stamps and sends `batch`, a few slots at a time: the stamp of a slot is made when those before it have left. */
function sendStamped(
  stamper: Stamper,
  socket: DatagramSocket,
  clock: Clock,
  batch: Batch,
): undefined | Promise<void> {
  for (let from = 0; from < batch.count; from += STAMPED_TOGETHER) {
    const to = Math.min(from + STAMPED_TOGETHER, batch.count);
    stamper.stampTransmit(batch, clock, from, to);
    const sending = socket.send(batch, from, to);
    if (typeof sending !== "number") return sendRest(stamper, socket, clock, batch, to, sending);
  }
}

async function sendRest(
  stamper: Stamper,
  socket: DatagramSocket,
  clock: Clock,
  batch: Batch,
  next: number,
  sending: Promise<number>,
): Promise<void> {
  await sending;
  for (let from = next; from < batch.count; from += STAMPED_TOGETHER) {
    const to = Math.min(from + STAMPED_TOGETHER, batch.count);
    stamper.stampTransmit(batch, clock, from, to);
    await socket.send(batch, from, to);
  }
}

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
      const sending = sendStamped(session, socket, clock, batch);
      if (sending !== undefined) await sending;
    }
  } finally {
    signal.removeEventListener("abort", wake);
  }
}

/** Lost probes are told this late at the most, however many datagrams keep coming. */
const EXPIRE_NS = 50e6;
/** Transmit times taken at once. */
const TX_STAMPS = 64;
/** A reply waits this long for the transmit time of its probe, which a network card tells later than the kernel. */
const TX_STAMP_GRACE_NS = 1e6;
/** After so many such waits for nothing in a row, none more: this interface tells no transmit times. */
const VAIN_WAITS = 16;

/** Carries transmit times from the socket to the session, and waits for those that a reply lacks. */
class TxStampFeed {
  readonly #session: SenderSession;
  readonly #socket: DatagramSocket;
  readonly #clock: Clock;
  readonly #stamps: TxStamps;
  #vain = 0;

  constructor(session: SenderSession, socket: DatagramSocket, clock: Clock) {
    this.#session = session;
    this.#socket = socket;
    this.#clock = clock;
    this.#stamps = createTxStamps(TX_STAMPS);
  }

  /** Takes what is there. */
  take(): void {
    while (this.#socket.txStamps!(this.#stamps) > 0) this.#session.handleTxStamps(this.#stamps);
  }

  /** Before `replies` are read: what they lack is waited for, once. */
  takeFor(replies: Batch): void {
    this.take();
    if (this.#vain >= VAIN_WAITS || !this.#session.lacksTxStamps(replies)) return;
    if (this.#socket.txStamps!(this.#stamps, this.#clock.mono() + TX_STAMP_GRACE_NS) > 0) {
      this.#session.handleTxStamps(this.#stamps);
      this.take();
      this.#vain = 0;
    } else this.#vain++;
  }
}

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
  const feed = socket.txStamps === undefined ? undefined : new TxStampFeed(session, socket, clock);
  const drain = () => {
    while (session.pollRecord(record)) onProbe(record);
  };
  const wake = () => socket.wake();
  signal.addEventListener("abort", wake);
  try {
    session.start(clock.mono());
    let expired = clock.mono();
    let step: ClockStep | undefined = clock.lastStep;
    while (!session.done) {
      if (signal.aborted) {
        session.abandon();
        break;
      }
      const now: Mono = clock.mono();
      // What has come is taken before anything is given up, as long as that does not put it off for good.
      if (rx.count === 0 || now - expired > EXPIRE_NS) {
        expired = now;
        session.handleTimeout(now);
        drain();
      }
      tx.count = 0;
      if (session.pollTransmit(now, tx) > 0) {
        const sending = sendStamped(session, socket, clock, tx);
        if (sending !== undefined) await sending;
        feed?.take();
      }
      if (session.done) break;
      const waiting = socket.receive(rx, session.pollTimeout());
      if (typeof waiting !== "number") await waiting;
      if (rx.count > 0) {
        const arrived = clock.mono();
        if (clock.lastStep !== step && clock.lastStep !== undefined) session.handleClockStep(step = clock.lastStep);
        feed?.takeFor(rx);
        session.handleDatagrams(arrived, rx);
        drain();
      }
    }
  } finally {
    signal.removeEventListener("abort", wake);
  }
}
