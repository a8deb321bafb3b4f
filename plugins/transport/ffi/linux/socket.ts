/**
 * A UDP socket of Linux: batches by recvmmsg and sendmmsg, stamps of the kernel.
 *
 * @module
 */
import { formatAddress, isMappedIpv4 } from "../../../../core/address.ts";
import { type Batch, createBatch, DEFAULT_STRIDE, PEER_SIZE, SlotFlag, type TxStamps } from "../../../../core/batch.ts";
import type { Mono } from "../../../../core/time/clock.ts";
import type { Capabilities, DatagramSocket, SocketOptions, Stamp } from "../../../../core/transport.ts";
import { bindRefusal } from "../../refusal.ts";
import { copySlot } from "../copy.ts";
import { fixedMemory } from "../native.ts";
import { SPIN_NS } from "../wait.ts";
import { WaitingSocket } from "../waiting.ts";
import {
  Errno,
  errnoName,
  errnoText,
  F_SETOWN,
  MEMINFO_DROPS,
  MEMINFO_QUEUED,
  POLLERR,
  POLLIN,
  POLLOUT,
  SO_MEMINFO,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCKADDR_IN6,
  SOL_SOCKET,
} from "./abi.ts";
import type { Card } from "./card.ts";
import { ErrorQueue } from "./error_queue.ts";
import { Messages } from "./messages.ts";
import { nameOf, sourceTowards } from "./names.ts";
import { isWildcard, setOptions, sharePort } from "./options.ts";
import type { Thread } from "./poller.ts";
import { familyOf, nameSize, peerOf, writeName } from "./sockaddr.ts";
import { Timestamping } from "./timestamping.ts";

/** Datagrams a system call. More gain nothing, and the last of them waits for the first. */
export const BATCH = 64;
/**
 * Datagrams that share a system call, and so the delay between their stamps and the wire: the last of eight leaves some
 * 10 µs after its stamp. More gain little rate.
 */
const STAMPED_TOGETHER = 8;
/** A full send buffer is waited for this long; then the datagram counts as not sent. */
const FULL_NS = 2e6;

/** One bound socket. */
export class LinuxSocket extends WaitingSocket implements DatagramSocket {
  readonly address: { readonly hostname: string; readonly port: number };
  readonly capabilities: Capabilities;
  sendErrors = 0;
  lastSendError: string | undefined;
  readonly overflows = 0;
  readonly descriptor: number;
  readonly txStamps?: (out: TxStamps, until?: Mono) => number;
  readonly #thread: Thread;
  readonly #family: number;
  readonly #stride: number;
  readonly #slots: number;
  override readonly precise: boolean;
  readonly #keepLocal: boolean;
  readonly #interface: string | undefined;
  readonly #errors: ErrorQueue | undefined;
  readonly #timestamping: Timestamping;
  readonly #messages = new WeakMap<Batch, Messages>();
  /** Carries the datagrams of batches that are not ours; made when there is one. */
  #carrier: Batch | undefined;
  #reads = 0;
  /** Somebody takes what the error queue has after each call. */
  readonly #takesAll: boolean;
  readonly #memInfo = fixedMemory(36);
  readonly #memInfoSize = fixedMemory(4);

  /** Opens and binds; throws a `TransportError`. */
  constructor(thread: Thread, options: SocketOptions, capabilities: Capabilities) {
    super(thread.waits, thread.clock);
    const { libc } = thread;
    this.#thread = thread;
    this.#family = familyOf(options.hostname);
    this.#stride = options.stride ?? DEFAULT_STRIDE;
    this.#slots = Math.max(1, Math.min(options.batch ?? BATCH, BATCH));
    this.precise = options.precise ?? false;
    this.#takesAll = options.txStamps === true;
    this.#interface = options.interface;
    this.#keepLocal = isWildcard(options.hostname);
    this.descriptor = libc.socket(this.#family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (this.descriptor < 0) throw bindRefusal({ code: errnoName(libc.errno()) }, options);
    let timestamping: Timestamping | undefined;
    try {
      const asksForErrors = options.txStamps === true || options.dontFragment === true;
      setOptions(libc, this.descriptor, this.#family, options, asksForErrors);
      timestamping = this.#timestamping = new Timestamping(libc, this.descriptor, options, thread.clock);
      this.address = this.#bind(options);
      this.#errors = asksForErrors || this.#timestamping.tx !== "user"
        ? new ErrorQueue(libc, this.descriptor, this.#timestamping)
        : undefined;
      if (this.#timestamping.tx !== "user") this.txStamps = (out, until) => this.#takeTxStamps(out, until);
      this.capabilities = { ...capabilities, rxStamp: this.#timestamping.rx, txStamp: this.#timestamping.tx };
      libc.fcntl(this.descriptor, F_SETOWN, libc.getpid());
    } catch (error) {
      timestamping?.close();
      libc.close(this.descriptor);
      throw error;
    }
  }

  #bind(options: SocketOptions): { hostname: string; port: number } {
    const { libc } = this.#thread;
    const size = nameSize(this.#family);
    const name = fixedMemory(SOCKADDR_IN6);
    const words = new Uint32Array(name.buffer);
    writeName(this.#family, new Uint32Array(peerOf(libc, options.hostname, options.port).buffer), 0, words, 0);
    if (libc.bind(this.descriptor, name, size) !== 0) {
      throw bindRefusal({ code: errnoName(libc.errno()) }, options);
    }
    if (options.sharePort === "first") sharePort(libc, this.descriptor);
    const { peer, port } = nameOf(libc, this.descriptor);
    return { hostname: options.hostname.includes("%") ? options.hostname : formatAddress(peer), port };
  }

  /** The network card that stamps, where one was asked to. */
  get card(): Card | undefined {
    return this.#timestamping.card;
  }

  get lostInHost(): number | null {
    return this.#askMemory(MEMINFO_DROPS);
  }

  /** One of the counters of SO_MEMINFO. */
  #askMemory(which: number): number | null {
    if (this.isClosed) return null;
    const { libc } = this.#thread;
    this.#memInfoSize[0] = this.#memInfo.length;
    if (libc.getsockopt(this.descriptor, SOL_SOCKET, SO_MEMINFO, this.#memInfo, this.#memInfoSize) !== 0) return null;
    return new DataView(this.#memInfo.buffer).getUint32(4 * which, true);
  }

  readonly #isOnItsWay = (): boolean => this.#askMemory(MEMINFO_QUEUED) !== 0;

  /** What ICMP said of datagrams sent from here. */
  get networkErrors(): { readonly count: number; readonly text: string | undefined } | undefined {
    if (!this.isClosed) this.#errors?.drain();
    return this.#errors?.network;
  }

  peer(host: string, port: number): Uint8Array {
    return peerOf(this.#thread.libc, host, port);
  }

  localFor(peer: Uint8Array): string | undefined {
    return sourceTowards(this.#thread.libc, this.#family, this.#interface, peer);
  }

  createBatch(): Batch {
    const batch = createBatch(this.#slots, this.#stride);
    const { native } = this.#thread.libc;
    const { tellsTokens, request } = this.#timestamping;
    this.#messages.set(
      batch,
      new Messages(native, batch, this.#family, this.#keepLocal, tellsTokens, this.card?.clock, request),
    );
    return batch;
  }

  /** Blocks until a datagram or for `ns`; precisely to `until` where that was asked for. */
  protected override block(ns: number, until: Mono): boolean {
    const { poller, clock } = this.#thread;
    const spins = this.precise && until !== Infinity;
    const events = poller.pollOne(this.descriptor, POLLIN, spins ? Math.max(ns - SPIN_NS, 0) : ns);
    if (events < 0) return false;
    if (events & POLLERR) this.#errors?.drain();
    else if (spins && events === 0 && until - clock.mono() < SPIN_NS) {
      // What comes meanwhile is not left lying: the program's own T4 would be as late.
      while (clock.mono() < until && poller.pollOne(this.descriptor, POLLIN, 0) === 0);
    }
    return true;
  }

  override rouse(now: Mono, events: number): boolean {
    if (events & POLLERR) this.#errors?.drain();
    return super.rouse(now, events);
  }

  override resume(): void {
    this.#errors?.drain();
    super.resume();
  }

  /** What is queued, at once. An error of an earlier datagram is told once, and is none of this call. */
  protected override read(rx: Batch): number {
    const { libc, clock } = this.#thread;
    const messages = this.#messages.get(rx);
    if (messages === undefined) return this.#readForeign(rx);
    const n = messages.receive(libc, this.descriptor, clock);
    // Errors are read when it is quiet; a responder that is never quiet must not have its buffer filled by them.
    if (n > 0 && !this.#takesAll && (++this.#reads & 255) === 0) this.#errors?.drain();
    if (n >= 0 || libc.errno() === Errno.EAGAIN) return Math.max(n, 0);
    return Math.max(messages.receive(libc, this.descriptor, clock), 0);
  }

  /** A batch from elsewhere may move: datagrams go through one of ours. As many are taken as it has room for. */
  #readForeign(rx: Batch): number {
    const ours = this.#carrier ??= this.createBatch();
    rx.count = 0;
    const { libc, clock } = this.#thread;
    const messages = this.#messages.get(ours)!;
    if (messages.receive(libc, this.descriptor, clock, rx.capacity) <= 0) return 0;
    rx.count = ours.count;
    rx.readAt.set(ours.readAt);
    for (let slot = 0; slot < ours.count; slot++) copySlot(ours, rx, slot);
    return rx.count;
  }

  send(tx: Batch, stamp?: Stamp, together?: number): number {
    if (this.isClosed) return 0;
    const group = Math.min(together ?? STAMPED_TOGETHER, STAMPED_TOGETHER);
    const messages = this.#messages.get(tx);
    if (messages === undefined) return this.#sendForeign(tx, stamp);
    let left = 0;
    for (let slot = 0; slot < tx.count;) {
      if (tx.length[slot] === 0) slot++;
      else {
        // Slots without a length are not sent, and divide what is sent together.
        let end = slot + 1;
        const most = Math.min(slot + group, tx.count);
        while (end < most && tx.length[end] !== 0) end++;
        left += this.#sendRun(messages, tx, slot, end, stamp);
        slot = end;
      }
    }
    return left;
  }

  #sendForeign(tx: Batch, stamp: Stamp | undefined): number {
    const ours = this.#carrier ??= this.createBatch();
    stamp?.(tx, 0, tx.count);
    let left = 0;
    for (let slot = 0; slot < tx.count; slot++) {
      if (tx.length[slot] === 0) continue;
      if (tx.length[slot] > ours.stride) {
        this.#count(Errno.EMSGSIZE, tx, slot);
        continue;
      }
      copySlot(tx, ours, slot, 0);
      left += this.#sendRun(this.#messages.get(ours)!, ours, 0, 1, undefined);
      tx.length[slot] = ours.length[0];
    }
    return left;
  }

  #sendRun(messages: Messages, tx: Batch, from: number, to: number, stamp: Stamp | undefined): number {
    const { libc } = this.#thread;
    let left = 0;
    let isSecondTry = false;
    messages.prepare(from, to);
    this.#errors?.ready(this.#isOnItsWay);
    for (let slot = from; slot < to;) {
      stamp?.(tx, slot, to);
      const n = messages.send(libc, this.descriptor, slot, to);
      if (n > 0) {
        this.#noteSent(tx, slot, slot + n);
        // Of the one after the last nothing is said here, but it was refused.
        if (slot + n < to) this.#errors?.refused();
        left += n;
        slot += n;
        isSecondTry = false;
        continue;
      }
      const errno = libc.errno();
      this.#errors?.refused();
      // An error may be that of an earlier datagram, and room may come: each is tried twice.
      if (!isSecondTry && this.#mayPass(errno, this.#packetSize(tx, slot))) {
        isSecondTry = true;
        continue;
      }
      this.#count(errno, tx, slot);
      slot++;
      isSecondTry = false;
    }
    return left;
  }

  /** Of these the kernel tells when they leave. */
  #noteSent(tx: Batch, from: number, to: number): void {
    if (this.#errors === undefined) return;
    const marked = this.#timestamping.request !== 0;
    for (let i = from; i < to; i++) {
      if (!marked || tx.flags[i] & SlotFlag.WANTS_TX_STAMP) this.#errors.sent(tx.token[i]);
    }
  }

  #mayPass(errno: number, size: number): boolean {
    // A queue that is full gets no second copy, and what is too large stays so, unless it was an earlier one that was.
    if (errno === Errno.ENOBUFS) return false;
    if (errno === Errno.EMSGSIZE) return size <= (this.#errors?.mtu ?? 0);
    if (errno !== Errno.EAGAIN) return true;
    const { poller, clock } = this.#thread;
    const until = clock.mono() + FULL_NS;
    for (let now = until - FULL_NS; now < until; now = clock.mono()) {
      const events = poller.pollOne(this.descriptor, POLLOUT, until - now);
      if (events > 0 && events & POLLOUT) break;
      this.#errors?.drain(); // its stamps end the wait as well, and are no room
    }
    return true; // POLLOUT asks for half of the buffer, a datagram for less
  }

  /** Octets of the packet that a slot becomes. */
  #packetSize(tx: Batch, slot: number): number {
    return tx.length[slot] + (isMappedIpv4(tx.peer, slot * PEER_SIZE) ? 28 : 48);
  }

  /** Counts what the system did not take. */
  #count(errno: number, tx: Batch, slot: number): void {
    this.sendErrors++;
    this.#errors?.drain();
    const mtu = this.#errors?.mtu;
    const length = tx.length[slot];
    const size = this.#packetSize(tx, slot);
    const header = size - length;
    this.lastSendError = errno === Errno.EMSGSIZE && mtu !== undefined
      ? `a payload of ${length} octets makes a packet of ${size}, the path's MTU is ${mtu} octets: ` +
        `${mtu - header} is the most without fragments`
      : errnoText(errno);
    tx.length[slot] = 0;
  }

  #takeTxStamps(out: TxStamps, until?: Mono): number {
    const errors = this.#errors!;
    const { poller, clock } = this.#thread;
    if (this.isClosed) return errors.take(out);
    errors.drain();
    for (let now = clock.mono(); until !== undefined && errors.isEmpty && now < until; now = clock.mono()) {
      poller.pollOne(this.descriptor, 0, until - now);
      errors.drain();
    }
    return errors.take(out);
  }

  close(): void {
    if (this.isClosed) return;
    this.retire();
    this.#timestamping.close();
    this.#thread.libc.close(this.descriptor);
  }
}
