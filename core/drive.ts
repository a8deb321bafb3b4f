/**
 * The loops that carry datagrams between a socket and a machine: the only async functions in core, and still no I/O of
 * their own.
 *
 * @module
 */
import { type Batch, createTxStamps, type TxStamps } from "./batch.ts";
import { createRecord, type ProbeRecord } from "./record.ts";
import type { SenderSession } from "./session/sender.ts";
import type { Clock, ClockStep, Mono } from "./time/clock.ts";
import type { AbortSignalLike, DatagramSocket, Stamp, StampSource } from "./transport.ts";

/** What answers probes: a `ReflectorSession`, or `TestSessions`. */
export interface Reflector {
  /** Turns probes into replies in place, all but T3, and sets the length of all else to 0; returns replies. */
  reflect(now: Mono, batch: Batch): number;
  /** Writes T3 into the replies in slots `from` to `to`: the last thing before the system call that they share. */
  stampTransmit(batch: Batch, clock: Clock, from: number, to: number): void;
  /** Replies that shall share that call at most; the socket decides where absent. */
  readonly together?: number | undefined;
  /** When a reply is due that no probe has to come for; absent, there are none. */
  pollTimeout?(): Mono;
  /** Appends those that are due to `tx`, all but T3; returns how many. */
  pollTransmit?(now: Mono, tx: Batch): number;
  /** Replies have left whose transmit times are wanted; absent, they never are. */
  readonly awaitsTxStamps?: boolean;
  /** Takes such times; none, if the socket had none. */
  handleTxStamps?(stamps: TxStamps): void;
  /** Replies of the batch that was sent last did not leave: those whose slot has no length any more. */
  handleUnsent?(batch: Batch): void;
}

/** Answers what comes until `signal` aborts, or somebody closes the socket. */
export async function driveReflector(
  session: Reflector,
  socket: DatagramSocket,
  clock: Clock,
  signal: AbortSignalLike,
): Promise<void> {
  const batch = socket.createBatch();
  const stamp: Stamp = (replies, from, to) => session.stampTransmit(replies, clock, from, to);
  const stamps = socket.txStamps === undefined ? undefined : createTxStamps(TX_STAMPS);
  const wake = () => socket.wake();
  signal.addEventListener("abort", wake);
  try {
    while (!signal.aborted && !socket.isClosed) {
      const waiting = socket.receive(batch, session.pollTimeout === undefined ? Infinity : session.pollTimeout());
      if (typeof waiting !== "number") await waiting;
      if (batch.count > 0 && stamps !== undefined && session.awaitsTxStamps) takeTxStamps(session, socket, stamps);
      const replies = batch.count > 0 ? session.reflect(clock.mono(), batch) : 0;
      if (replies > 0) {
        const sending = socket.send(batch, stamp, session.together);
        const left = typeof sending === "number" ? sending : await sending;
        if (left < replies) session.handleUnsent?.(batch);
      }
      if (session.pollTransmit === undefined || session.pollTimeout!() === Infinity) continue;
      batch.count = 0;
      const more = session.pollTransmit(clock.mono(), batch);
      if (more === 0) continue;
      const sending = socket.send(batch, stamp, session.together);
      const left = typeof sending === "number" ? sending : await sending;
      if (left < more) session.handleUnsent?.(batch);
    }
  } finally {
    signal.removeEventListener("abort", wake);
  }
}

/** When replies left, for the next ones to tell (RFC 8972 section 4.7). */
function takeTxStamps(session: Reflector, socket: DatagramSocket, stamps: TxStamps): void {
  do {
    socket.txStamps!(stamps);
    session.handleTxStamps!(stamps);
  } while (stamps.count === stamps.capacity);
}

/** Lost probes are told this late at the most, however many datagrams keep coming. */
const EXPIRE_NS = 50e6;
/** Transmit times taken at once. */
const TX_STAMPS = 64;
/** A reply waits this long for the transmit time of its probe. */
const TX_STAMP_GRACE_NS = 1e6;
/** A network card tells it by and by; so long, unless a probe is to leave before. */
const CARD_GRACE_NS = 10e6;
/** After so many such waits in vain in a row, none more: this interface tells no transmit times. */
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
    const { txStamp } = this.#socket.capabilities;
    if (this.#vain >= VAIN_WAITS || !this.#session.lacksTxStamps(replies, txStamp)) return;
    const until = this.#patience(txStamp);
    while (this.#socket.txStamps!(this.#stamps, until) > 0) {
      this.#session.handleTxStamps(this.#stamps);
      if (this.#session.lacksTxStamps(replies, txStamp)) continue;
      this.#vain = 0;
      return;
    }
    this.#vain++;
  }

  #patience(source: StampSource): Mono {
    const now = this.#clock.mono();
    const least = now + TX_STAMP_GRACE_NS;
    return source === "hardware" ? Math.max(least, Math.min(now + CARD_GRACE_NS, this.#session.pollTimeout())) : least;
  }
}

/**
 * Runs a sender session to its end; `onProbe` gets every record, which is reused. When `signal` aborts or somebody
 * closes the socket, the session is abandoned: what is in flight then is neither answered nor lost.
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
  const stamp: Stamp = (probes, from, to) => session.stampTransmit(probes, clock, from, to);
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
      if (signal.aborted || socket.isClosed) {
        session.abandon();
        drain();
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
        const sending = socket.send(tx, stamp, session.together);
        if (typeof sending !== "number") await sending;
        feed?.take();
      }
      if (session.done) break;
      const waiting = socket.receive(rx, session.pollTimeout());
      if (typeof waiting !== "number") await waiting;
      if (rx.count > 0) {
        const arrived = clock.mono();
        if (clock.lastStep !== step && clock.lastStep !== undefined) session.handleClockStep(step = clock.lastStep);
        session.handleDatagrams(arrived, rx);
        feed?.takeFor(rx); // whose numbers can be read now: sealed ones are open
        drain();
      }
    }
  } finally {
    signal.removeEventListener("abort", wake);
  }
}
