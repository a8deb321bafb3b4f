/**
 * The `struct mmsghdr` arrays that stand beside a batch: recvmmsg and sendmmsg read and write its arena, without a copy.
 *
 * @module
 */
import { type Batch, LOCAL_SIZE, PEER_WORDS, SlotFlag, SOCKET_TOS } from "../../../../core/batch.ts";
import type { Clock } from "../../../../core/time/clock.ts";
import { fixedMemory, type Native } from "../native.ts";
import {
  CMSGHDR,
  IOVEC,
  IP_PKTINFO,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_HOPLIMIT,
  IPV6_PKTINFO,
  IPV6_TCLASS,
  MMSGHDR,
  MSG_DONTWAIT,
  MSG_TRUNC,
  SCM_TS_OPT_ID,
  SO_TIMESTAMPING,
  SOCKADDR_IN6,
  SOL_SOCKET,
} from "./abi.ts";
import type { CardClock } from "./card_clock.ts";
import type { Libc } from "./libc.ts";
import { nameSize, readName, writeName } from "./sockaddr.ts";

/** Room for a name, a power of two. */
const NAME = 32;
/** Room for all that is asked to be told of a datagram: stamps 64, TTL 24, TOS 24, addresses 32 and 40. */
const RX_CONTROL = 256;
/** Room for the source address of a reply, 16 + 20, a request, a number and a TOS, 16 + 4 each; all aligned. */
const TX_CONTROL = 112;

/** The same in words of 32 bits. */
const NAME_WORDS = NAME / 4;
const RX_CONTROL_WORDS = RX_CONTROL / 4;
/** Words of 32 bits in a `struct mmsghdr`. */
const HEADER_WORDS = MMSGHDR.SIZE / 4;
const IOVEC_WORDS = IOVEC.SIZE / 4;
const NO_LOCAL = 0;
/** A number as control data. */
export const NUMBER_SIZE = 24;
/** A TOS as control data. */
const TOS_SIZE = 24;
/** Octets 8 to 11 of an IPv4-mapped address, as a little-endian word. */
const MAPPED = 0xffff_0000;

/** An array of headers, each with one iovec, a name and control data. */
export class Headers {
  readonly memory: Uint8Array<ArrayBuffer>;
  readonly words: Uint32Array;
  readonly iovecs: Uint32Array;
  readonly names: Uint32Array;
  readonly control: Uint8Array<ArrayBuffer>;
  readonly controlView: DataView;
  readonly controlWords: Uint32Array;
  /** The iovecs' memory: the system has pointers to it. */
  readonly #iovecMemory: Uint8Array<ArrayBuffer>;

  constructor(native: Native, count: number, data: Uint8Array, stride: number, controlSize: number) {
    this.memory = fixedMemory(count * MMSGHDR.SIZE);
    this.#iovecMemory = fixedMemory(count * IOVEC.SIZE);
    const names = fixedMemory(count * NAME);
    this.names = new Uint32Array(names.buffer);
    this.control = fixedMemory(count * controlSize);
    this.words = new Uint32Array(this.memory.buffer);
    this.iovecs = new Uint32Array(this.#iovecMemory.buffer);
    this.controlView = new DataView(this.control.buffer);
    this.controlWords = new Uint32Array(this.control.buffer);
    const header = new DataView(this.memory.buffer);
    const iovec = new DataView(this.#iovecMemory.buffer);
    const at = {
      data: native.address(data),
      iovecs: native.address(this.#iovecMemory),
      names: native.address(names),
      control: native.address(this.control),
    };
    for (let i = 0; i < count; i++) {
      const base = i * MMSGHDR.SIZE;
      iovec.setBigUint64(i * IOVEC.SIZE, at.data + BigInt(i * stride), true);
      header.setBigUint64(base + 4 * MMSGHDR.NAME, at.names + BigInt(i * NAME), true);
      header.setBigUint64(base + 4 * MMSGHDR.IOV, at.iovecs + BigInt(i * IOVEC.SIZE), true);
      header.setBigUint64(base + 4 * MMSGHDR.IOVLEN, 1n, true);
      header.setBigUint64(base + 4 * MMSGHDR.CONTROL, at.control + BigInt(i * controlSize), true);
    }
  }
}

/** The headers of one batch. */
export class Messages {
  readonly #batch: Batch;
  readonly #peers: Uint32Array;
  readonly #family: number;
  readonly #nameSize: number;
  readonly #keepLocal: boolean;
  readonly #tellToken: boolean;
  readonly #request: number;
  readonly #card: CardClock | undefined;
  readonly #rx: Headers;
  readonly #tx: Headers;
  /** The headers from each slot on: made once, not a call. */
  readonly #txFrom: readonly Uint8Array[];

  /**
   * `keepLocal`: the address a datagram came to is told, and its reply leaves from it. `tellToken`: the kernel is told
   * the token, for the stamp to come back with. `request`: what marked ones ask for, and only those are told then.
   */
  constructor(
    native: Native,
    batch: Batch,
    family: number,
    keepLocal: boolean,
    tellToken: boolean,
    card?: CardClock,
    request = 0,
  ) {
    this.#batch = batch;
    this.#card = card;
    this.#peers = batch.peerWords;
    this.#family = family;
    this.#nameSize = nameSize(family);
    this.#keepLocal = keepLocal;
    this.#tellToken = tellToken;
    this.#request = request;
    this.#rx = new Headers(native, batch.capacity, batch.bytes, batch.stride, RX_CONTROL);
    this.#tx = new Headers(native, batch.capacity, batch.bytes, batch.stride, TX_CONTROL);
    this.#txFrom = Array.from({ length: batch.capacity }, (_, i) => this.#tx.memory.subarray(i * MMSGHDR.SIZE));
    for (let i = 0; i < batch.capacity; i++) {
      this.#rx.iovecs[i * IOVEC_WORDS + IOVEC.LEN] = batch.stride;
      this.#tx.words[i * HEADER_WORDS + MMSGHDR.NAMELEN] = this.#nameSize;
    }
    this.#ready(batch.capacity);
  }

  /** What the system has overwritten is set again. */
  #ready(count: number): void {
    const { words } = this.#rx;
    for (let i = 0; i < count; i++) {
      words[i * HEADER_WORDS + MMSGHDR.NAMELEN] = SOCKADDR_IN6;
      words[i * HEADER_WORDS + MMSGHDR.CONTROLLEN] = RX_CONTROL;
    }
  }

  /** Takes what is queued; how many, or -1 with errno set. */
  receive(libc: Libc, descriptor: number, clock: Clock, most: number = this.#batch.capacity): number {
    const batch = this.#batch;
    const n: number = libc.recvmmsg(descriptor, this.#rx.memory, Math.min(most, batch.capacity), MSG_DONTWAIT, null);
    if (n <= 0) {
      batch.count = 0;
      return n;
    }
    batch.count = n;
    clock.wall(batch.readAt, 0);
    for (let slot = 0; slot < n; slot++) this.#read(slot);
    this.#ready(n);
    return n;
  }

  #read(slot: number): void {
    const { length, flags, stamp, readAt, txTos } = this.#batch;
    const { words, names } = this.#rx;
    const header = slot * HEADER_WORDS;
    length[slot] = words[header + MMSGHDR.LEN];
    flags[slot] = words[header + MMSGHDR.FLAGS] & MSG_TRUNC ? SlotFlag.TRUNCATED : 0;
    txTos[slot] = SOCKET_TOS;
    stamp[2 * slot] = readAt[0];
    stamp[2 * slot + 1] = readAt[1];
    readName(names, slot * NAME_WORDS, this.#peers, slot * PEER_WORDS);
    this.#readControl(slot, words[header + MMSGHDR.CONTROLLEN]);
  }

  #readControl(slot: number, size: number): void {
    const { controlWords: words } = this.#rx;
    const batch = this.#batch;
    let at = slot * RX_CONTROL_WORDS;
    const end = at + (size >>> 2);
    while (at + 4 <= end) {
      const length = words[at];
      if (length < CMSGHDR.SIZE) return;
      const type = words[at + 3];
      const data = at + 4;
      switch (words[at + 2]) {
        case SOL_SOCKET:
          if (type === SO_TIMESTAMPING) readStamp(words, data, batch.stamp, batch.flags, slot, this.#card);
          break;
        case IPPROTO_IP:
          if (type === IP_TTL) this.#setTtl(slot, words[data]);
          else if (type === IP_TOS) this.#setTos(slot, words[data]);
          else if (type === IP_PKTINFO) this.#setLocal(slot, 4 * data + 4, 4);
          break;
        case IPPROTO_IPV6:
          if (type === IPV6_HOPLIMIT) this.#setTtl(slot, words[data]);
          else if (type === IPV6_TCLASS) this.#setTos(slot, words[data]);
          else if (type === IPV6_PKTINFO) this.#setLocal(slot, 4 * data, 16);
      }
      at += ((length + 7) & ~7) >>> 2;
    }
  }

  #setTtl(slot: number, ttl: number): void {
    this.#batch.ttl[slot] = ttl;
    this.#batch.flags[slot] |= SlotFlag.IP_HEADER;
  }

  /** Of IPv4 one octet is told, and what stands beside it is of an earlier message. */
  #setTos(slot: number, tos: number): void {
    this.#batch.tos[slot] = tos;
    this.#batch.flags[slot] |= SlotFlag.TOS;
  }

  /** The address to answer from: of IPv4 the one that the system would choose (for a broadcast not the one in the packet). */
  #setLocal(slot: number, at: number, size: number): void {
    const { local } = this.#batch;
    const { control } = this.#rx;
    const to = slot * LOCAL_SIZE;
    if (size === 4) {
      for (let i = 0; i < 10; i++) local[to + i] = 0;
      local[to + 10] = local[to + 11] = 0xff;
      for (let i = 0; i < 4; i++) local[to + 12 + i] = control[at + i];
      for (let i = 16; i < LOCAL_SIZE; i++) local[to + i] = 0;
      return;
    }
    // An address of one link alone means nothing without it; of others the route decides.
    const isLinkLocal = control[at] === 0xfe && (control[at + 1] & 0xc0) === 0x80;
    for (let i = 0; i < 16; i++) local[to + i] = control[at + i];
    for (let i = 16; i < LOCAL_SIZE; i++) local[to + i] = isLinkLocal ? control[at + i] : 0;
  }

  /** Makes slots `from` to `to` ready for {@linkcode send}, which then has nothing to do but the system call. */
  prepare(from: number, to: number): void {
    const { length, token, txTos, flags } = this.#batch;
    const { words, iovecs, names, controlView } = this.#tx;
    const request = this.#request;
    for (let slot = from; slot < to; slot++) {
      iovecs[slot * IOVEC_WORDS + IOVEC.LEN] = length[slot];
      writeName(this.#family, this.#peers, slot * PEER_WORDS, names, slot * NAME_WORDS);
      let control = this.#keepLocal ? this.#writeLocal(slot) : NO_LOCAL;
      if (request === 0 || flags[slot] & SlotFlag.WANTS_TX_STAMP) {
        if (request !== 0) control += writeRequest(controlView, slot * TX_CONTROL + control, request);
        if (this.#tellToken) control += writeNumber(controlView, slot * TX_CONTROL + control, token[slot]);
      }
      if (txTos[slot] !== SOCKET_TOS) control += this.#writeTos(slot, slot * TX_CONTROL + control, txTos[slot]);
      words[slot * HEADER_WORDS + MMSGHDR.CONTROLLEN] = control;
    }
  }

  /** Sends slots `from` to `to`, prepared, all of which have a length; how many left, or -1 with errno set. */
  send(libc: Libc, descriptor: number, from: number, to: number): number {
    return libc.sendmmsg(descriptor, this.#txFrom[from], to - from, MSG_DONTWAIT);
  }

  /**
   * The TOS as control data; its size. By the peer's family and not the socket's: a datagram to an IPv4-mapped peer is
   * handed over to IPv4, which passes over what is said to IPv6 (but for the source address).
   */
  #writeTos(slot: number, at: number, tos: number): number {
    const peer = slot * PEER_WORDS;
    const peers = this.#peers;
    const isIpv4 = (peers[peer] | peers[peer + 1]) === 0 && peers[peer + 2] === MAPPED;
    const { controlView } = this.#tx;
    controlView.setUint32(at, CMSGHDR.DATA + 4, true);
    controlView.setUint32(at + 4, 0, true);
    controlView.setUint32(at + CMSGHDR.LEVEL, isIpv4 ? IPPROTO_IP : IPPROTO_IPV6, true);
    controlView.setUint32(at + CMSGHDR.TYPE, isIpv4 ? IP_TOS : IPV6_TCLASS, true);
    controlView.setUint32(at + CMSGHDR.DATA, tos, true);
    return TOS_SIZE;
  }

  /** The source address as control data; its size. A multicast address (IPv6 ff00::/8) is nobody's source. */
  #writeLocal(slot: number): number {
    const { local } = this.#batch;
    const from = slot * LOCAL_SIZE;
    let any = 0;
    for (let i = 0; i < LOCAL_SIZE; i++) any |= local[from + i];
    if (any === 0 || local[from] === 0xff) return NO_LOCAL;
    const { control, controlView } = this.#tx;
    const at = slot * TX_CONTROL;
    const isIpv4 = this.#nameSize < SOCKADDR_IN6;
    const size = CMSGHDR.DATA + (isIpv4 ? 12 : 20);
    controlView.setUint32(at, size, true);
    controlView.setUint32(at + 4, 0, true);
    controlView.setUint32(at + CMSGHDR.LEVEL, isIpv4 ? IPPROTO_IP : IPPROTO_IPV6, true);
    controlView.setUint32(at + CMSGHDR.TYPE, isIpv4 ? IP_PKTINFO : IPV6_PKTINFO, true);
    const data = at + CMSGHDR.DATA;
    if (isIpv4) {
      for (let i = 0; i < 4; i++) control[data + i] = control[data + 8 + i] = 0;
      for (let i = 0; i < 4; i++) control[data + 4 + i] = local[from + 12 + i];
    } else {
      for (let i = 0; i < LOCAL_SIZE; i++) control[data + i] = local[from + i];
    }
    return (size + 7) & ~7;
  }
}

/** Writes the number that the stamp of a datagram comes back with; the octets it takes. */
export function writeNumber(control: DataView, at: number, number: number): number {
  return writeOption(control, at, SCM_TS_OPT_ID, number);
}

/** Writes whose stamps of its departure a datagram wants; the octets it takes. */
export function writeRequest(control: DataView, at: number, request: number): number {
  return writeOption(control, at, SO_TIMESTAMPING, request);
}

function writeOption(control: DataView, at: number, type: number, value: number): number {
  control.setUint32(at, CMSGHDR.DATA + 4, true);
  control.setUint32(at + 4, 0, true);
  control.setUint32(at + CMSGHDR.LEVEL, SOL_SOCKET, true);
  control.setUint32(at + CMSGHDR.TYPE, type, true);
  control.setUint32(at + CMSGHDR.DATA, value, true);
  return NUMBER_SIZE;
}

/**
 * Reads `struct scm_timestamping` at word `at`: the network card's stamp where there is one and `card` can tell what time
 * that is, else the kernel's.
 */
export function readStamp(
  words: Uint32Array,
  at: number,
  stamp: Uint32Array,
  flags: Uint8Array,
  slot: number,
  card: CardClock | undefined,
): void {
  const isOfCard = card !== undefined && (words[at + 8] | words[at + 10]) !== 0;
  if (isOfCard && card.convert(words, at, stamp, 2 * slot)) flags[slot] |= SlotFlag.HARDWARE_STAMP;
  else if (words[at] !== 0) {
    stamp[2 * slot] = words[at];
    stamp[2 * slot + 1] = words[at + 2];
    flags[slot] |= SlotFlag.KERNEL_STAMP;
  }
}
