/**
 * A UDP socket of a system that takes a datagram a call.
 *
 * @module
 */
import { formatAddress } from "../../../../core/address.ts";
import { type Batch, createBatch, DEFAULT_STRIDE } from "../../../../core/batch.ts";
import type { Clock, Mono } from "../../../../core/time/clock.ts";
import type { Capabilities, DatagramSocket, SocketOptions, Stamp } from "../../../../core/transport.ts";
import { bindRefusal } from "../../refusal.ts";
import { copySlot } from "../copy.ts";
import { errorName, errorText } from "../errors.ts";
import { fixedMemory } from "../native.ts";
import { SPIN_NS, type Waits } from "../wait.ts";
import { WaitingSocket } from "../waiting.ts";
import { Messages } from "./messages.ts";
import { familyOf, nameSize, peerOf, readName, SOCKADDR_IN6, writeName } from "./names.ts";
import { isWildcard, Options } from "./options.ts";
import type { Calls, Handle, System } from "./system.ts";

/** Slots of a batch: what is queued is taken together, although a datagram at a time. More would only wait for others. */
const SLOTS = 16;
/** A full send buffer is waited for this long; then the datagram counts as not sent. */
const FULL_NS = 2e6;

/** What the sockets of one thread share. */
export interface Thread {
  readonly system: System;
  readonly calls: Calls;
  readonly clock: Clock;
  readonly waits: Waits;
}

/** One bound socket. */
export class SingleSocket extends WaitingSocket implements DatagramSocket {
  readonly address: { readonly hostname: string; readonly port: number };
  readonly capabilities: Capabilities;
  readonly descriptor: number;
  sendErrors = 0;
  lastSendError: string | undefined;
  readonly overflows = 0;
  /** The system counts what it drops for all its sockets together. */
  readonly lostInHost = null;
  readonly #thread: Thread;
  readonly #handle: Handle;
  readonly #family: number;
  readonly #stride: number;
  readonly #slots: number;
  override readonly precise: boolean;
  readonly #keepLocal: boolean;
  readonly #hasStamps: boolean;
  readonly #messages = new WeakMap<Batch, Messages>();
  readonly #foreign: Batch;

  /** Opens and binds; throws a `TransportError`. */
  constructor(thread: Thread, options: SocketOptions) {
    super(thread.waits, thread.clock);
    const { system, calls } = thread;
    this.#thread = thread;
    this.#family = familyOf(system, options.hostname);
    this.#stride = options.stride ?? DEFAULT_STRIDE;
    this.#slots = Math.max(1, Math.min(options.batch ?? SLOTS, SLOTS));
    this.precise = options.precise ?? false;
    this.#keepLocal = isWildcard(options.hostname);
    const handle = calls.open(this.#family);
    if (handle === undefined) throw this.#refusal(options);
    this.#handle = handle;
    this.descriptor = Number(handle);
    try {
      const rxStamp = new Options(system, calls, handle).set(this.#family, options);
      this.#hasStamps = rxStamp !== "user";
      this.capabilities = { ...system.capabilities, rxStamp };
      this.address = this.#bind(options);
      this.#foreign = this.createBatch();
    } catch (error) {
      calls.close(handle);
      throw error;
    }
  }

  #refusal(options: SocketOptions): Error {
    const { calls, system } = this.#thread;
    return bindRefusal({ code: errorName(system.errors, calls.error()) }, options);
  }

  #bind(options: SocketOptions): { hostname: string; port: number } {
    const { calls, system } = this.#thread;
    const { sockaddr } = system.layout;
    const size = nameSize(this.#family);
    const name = fixedMemory(SOCKADDR_IN6);
    writeName(sockaddr, this.#family, this.peer(options.hostname, options.port), 0, name, 0);
    if (calls.bind(this.#handle, name, size) !== 0) throw this.#refusal(options);
    const length = fixedMemory(4);
    length[0] = SOCKADDR_IN6;
    calls.getsockname(this.#handle, name, length);
    const peer = this.peer("::", 0);
    readName(sockaddr, name, 0, peer, 0);
    return {
      hostname: options.hostname.includes("%") ? options.hostname : formatAddress(peer),
      port: new DataView(name.buffer).getUint16(2),
    };
  }

  peer(host: string, port: number): Uint8Array {
    return peerOf(this.#thread.system, this.#thread.calls, host, port);
  }

  createBatch(): Batch {
    const { calls, system } = this.#thread;
    const batch = createBatch(this.#slots, this.#stride);
    this.#messages.set(batch, new Messages(calls.native, system, batch, this.#family, this.#keepLocal));
    return batch;
  }

  /** With `precise` the last stretch spins. */
  protected block(ns: number, until: Mono): boolean {
    const { calls, clock } = this.#thread;
    const spins = this.precise && until !== Infinity;
    const n = calls.wait(this.descriptor, false, spins ? Math.max(ns - SPIN_NS, 0) : ns);
    if (spins && n === 0 && until - clock.mono() < SPIN_NS) {
      // What comes meanwhile is not left lying: the program's own T4 would be as late.
      while (clock.mono() < until && calls.wait(this.descriptor, false, 0) === 0);
    }
    return n >= 0;
  }

  protected read(rx: Batch): number {
    const messages = this.#messages.get(rx);
    if (messages === undefined) return this.#readForeign(rx);
    return this.#fill(messages, rx, rx.capacity);
  }

  /** Reads until there is no more; an error of an earlier datagram is told once, and is none of this call. */
  #fill(messages: Messages, rx: Batch, most: number): number {
    const { calls, clock, system } = this.#thread;
    let isSecondTry = false;
    for (rx.count = 0; rx.count < most;) {
      if (messages.receive(calls, this.#handle, clock, rx.count)) {
        rx.count++;
        isSecondTry = false;
      } else if (isSecondTry || calls.error() === system.errors.EAGAIN) break;
      else isSecondTry = true;
    }
    if (!this.#hasStamps) rx.readAt[0] = rx.readAt[1] = 0;
    return rx.count;
  }

  /** A batch from elsewhere may move: datagrams go through one of ours. */
  #readForeign(rx: Batch): number {
    const ours = this.#foreign;
    rx.count = this.#fill(this.#messages.get(ours)!, ours, Math.min(rx.capacity, ours.capacity));
    rx.readAt.set(ours.readAt);
    for (let slot = 0; slot < rx.count; slot++) copySlot(ours, rx, slot);
    return rx.count;
  }

  send(tx: Batch, stamp?: Stamp): number {
    if (this.isClosed) return 0;
    const messages = this.#messages.get(tx);
    if (messages === undefined) return this.#sendForeign(tx, stamp);
    let left = 0;
    for (let slot = 0; slot < tx.count; slot++) {
      if (tx.length[slot] !== 0 && this.#sendSlot(messages, tx, slot, stamp)) left++;
    }
    return left;
  }

  #sendForeign(tx: Batch, stamp: Stamp | undefined): number {
    const ours = this.#foreign;
    stamp?.(tx, 0, tx.count);
    let left = 0;
    for (let slot = 0; slot < tx.count; slot++) {
      if (tx.length[slot] === 0) continue;
      copySlot(tx, ours, slot, 0);
      if (this.#sendSlot(this.#messages.get(ours)!, ours, 0, undefined)) left++;
      else tx.length[slot] = 0;
    }
    return left;
  }

  /** An error may be that of an earlier datagram, and room may come: each is tried twice. */
  #sendSlot(messages: Messages, tx: Batch, slot: number, stamp: Stamp | undefined): boolean {
    const { calls, system } = this.#thread;
    messages.prepare(slot);
    for (let isSecondTry = false;; isSecondTry = true) {
      stamp?.(tx, slot, slot + 1);
      if (messages.send(calls, this.#handle, slot) >= 0) return true;
      const error = calls.error();
      if (!isSecondTry && this.#mayPass(error)) continue;
      this.sendErrors++;
      this.lastSendError = errorText(system.errors, error);
      tx.length[slot] = 0;
      return false;
    }
  }

  #mayPass(error: number): boolean {
    const { calls, system } = this.#thread;
    if (error !== system.errors.EAGAIN) return error !== system.errors.EMSGSIZE;
    return calls.wait(this.descriptor, true, FULL_NS) > 0;
  }

  close(): void {
    if (this.isClosed) return;
    this.retire();
    this.#thread.calls.close(this.#handle);
  }
}
