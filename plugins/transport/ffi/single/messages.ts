/**
 * The message headers that stand beside a batch, one a slot: datagrams are read into its arena and sent from it, without
 * a copy.
 *
 * @module
 */
import { type Batch, LOCAL_SIZE, PEER_SIZE, SlotFlag, SOCKET_TOS } from "../../../../core/batch.ts";
import type { Clock } from "../../../../core/time/clock.ts";
import { fixedMemory, type Native } from "../native.ts";
import { isMapped, isSource, readControl, SOURCE_SIZE, writeSource } from "./control.ts";
import { AF_INET, nameSize, readName, SOCKADDR_IN6, writeName } from "./names.ts";
import type { Calls, Handle, Layout, System } from "./system.ts";

/** Room for a name, a power of two. */
const NAME = 32;
/** Octets of a `struct iovec` or WSABUF. */
const BUFFER = 16;
/** Room for all that is asked to be told of a datagram: a stamp, and TTL, TOS and addresses of both families. */
const RX_CONTROL = 256;

/** A header a slot, each with one buffer, a name and control data. */
class Headers {
  /** The header of each slot: made once, not a call. */
  readonly each: readonly Uint8Array[];
  readonly view: DataView;
  readonly buffers: DataView;
  readonly names: Uint8Array<ArrayBuffer>;
  readonly control: DataView;
  readonly #memory: readonly Uint8Array[];

  constructor(native: Native, { message, buffer }: Layout, batch: Batch, controlSize: number) {
    const count = batch.capacity;
    const headers = fixedMemory(count * message.size);
    const buffers = fixedMemory(count * BUFFER);
    const control = fixedMemory(count * controlSize);
    this.names = fixedMemory(count * NAME);
    this.view = new DataView(headers.buffer);
    this.buffers = new DataView(buffers.buffer);
    this.control = new DataView(control.buffer);
    this.each = Array.from({ length: count }, (_, i) => headers.subarray(i * message.size, (i + 1) * message.size));
    this.#memory = [buffers, control, batch.bytes]; // the system has pointers to it
    const [atBuffers, atControl, atData] = this.#memory.map((memory) => native.address(memory));
    const atNames = native.address(this.names);
    for (let i = 0; i < count; i++) {
      const base = i * message.size;
      this.buffers.setBigUint64(i * BUFFER + buffer.base, atData + BigInt(i * batch.stride), true);
      this.view.setBigUint64(base + message.name, atNames + BigInt(i * NAME), true);
      this.view.setBigUint64(base + message.buffers, atBuffers + BigInt(i * BUFFER), true);
      this.view.setUint32(base + message.bufferCount, 1, true);
      this.view.setBigUint64(base + message.control, atControl + BigInt(i * controlSize), true);
    }
  }
}

/** The headers of one batch. */
export class Messages {
  readonly #system: System;
  readonly #batch: Batch;
  readonly #family: number;
  readonly #keepLocal: boolean;
  readonly #rx: Headers;
  readonly #tx: Headers;

  /** `keepLocal`: the address a datagram came to is told, and its reply leaves from it. */
  constructor(native: Native, system: System, batch: Batch, family: number, keepLocal: boolean) {
    this.#system = system;
    this.#batch = batch;
    this.#family = family;
    this.#keepLocal = keepLocal;
    const { message, buffer } = system.layout;
    this.#rx = new Headers(native, system.layout, batch, RX_CONTROL);
    this.#tx = new Headers(native, system.layout, batch, SOURCE_SIZE);
    for (let i = 0; i < batch.capacity; i++) {
      this.#rx.buffers.setUint32(i * BUFFER + buffer.length, batch.stride, true);
      this.#tx.view.setUint32(i * message.size + message.nameLength, nameSize(family), true);
    }
  }

  /** Reads one datagram into `slot`; false with the error set if there is none. */
  receive(calls: Calls, handle: Handle, clock: Clock, slot: number): boolean {
    const { message, truncated, sockaddr, control } = this.#system.layout;
    const batch = this.#batch;
    const { view, each, names } = this.#rx;
    const base = slot * message.size;
    // What the system has overwritten is set again.
    view.setUint32(base + message.nameLength, SOCKADDR_IN6, true);
    view.setUint32(base + message.controlLength, RX_CONTROL, true);
    view.setUint32(base + message.flags, 0, true);
    const length = calls.receive(handle, each[slot]);
    const isTooLong = length < 0 && calls.error() === this.#system.tooLong;
    if (length < 0 && !isTooLong) return false;
    clock.wall(batch.stamp, 2 * slot);
    batch.readAt[0] = batch.stamp[2 * slot];
    batch.readAt[1] = batch.stamp[2 * slot + 1];
    batch.length[slot] = isTooLong ? batch.stride : Math.min(length, batch.stride);
    const isCut = isTooLong || (view.getUint32(base + message.flags, true) & truncated) !== 0;
    batch.flags[slot] = isCut ? SlotFlag.TRUNCATED : 0;
    batch.txTos[slot] = SOCKET_TOS;
    readName(sockaddr, names, slot * NAME, batch.peer, slot * PEER_SIZE);
    // With an error nobody says whether the lengths were written.
    const size = isTooLong ? 0 : Math.min(view.getUint32(base + message.controlLength, true), RX_CONTROL);
    readControl(control, this.#system.told, this.#rx.control, slot * RX_CONTROL, size, batch, slot);
    return true;
  }

  /** Makes `slot` ready for {@linkcode send}, which then has nothing to do but the system call. */
  prepare(slot: number): void {
    const { message, buffer, sockaddr } = this.#system.layout;
    const { length, peer } = this.#batch;
    const { view, buffers, names } = this.#tx;
    buffers.setUint32(slot * BUFFER + buffer.length, length[slot], true);
    writeName(sockaddr, this.#family, peer, slot * PEER_SIZE, names, slot * NAME);
    view.setUint32(slot * message.size + message.controlLength, this.#keepLocal ? this.#writeLocal(slot) : 0, true);
  }

  /** Sends `slot`, prepared; below 0 with the error set. */
  send(calls: Calls, handle: Handle, slot: number): number {
    return calls.send(handle, this.#tx.each[slot]);
  }

  /** The source address as control data; its size. */
  #writeLocal(slot: number): number {
    const { source, layout } = this.#system;
    const { local, peer } = this.#batch;
    if (!isSource(local, slot * LOCAL_SIZE)) return 0;
    const isIpv4 = this.#family === AF_INET || (source.mapped === "ipv4" && isMapped(peer, slot * PEER_SIZE));
    const row = isIpv4 ? source.ipv4 : source.ipv6;
    return writeSource(layout.control, row, local, slot * LOCAL_SIZE, this.#tx.control, slot * SOURCE_SIZE);
  }
}
