/**
 * The error queue of a socket: transmit stamps, and what the network says of datagrams that it did not take.
 *
 * @module
 */
import { createTxStamps, type TxStamps } from "../../../../core/batch.ts";
import { fixedMemory } from "../native.ts";
import {
  CMSGHDR,
  Errno,
  errnoText,
  EXTENDED_ERR,
  ICMP_TIME_EXCEEDED,
  ICMPV6_TIME_EXCEEDED,
  IOVEC,
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  MMSGHDR,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  SO_EE_ORIGIN_ICMP,
  SO_EE_ORIGIN_ICMP6,
  SO_EE_ORIGIN_LOCAL,
  SO_EE_ORIGIN_TIMESTAMPING,
  SO_TIMESTAMPING,
  SOL_SOCKET,
} from "./abi.ts";
import type { CardClock } from "./card_clock.ts";
import type { Libc } from "./libc.ts";
import { Headers, readStamp } from "./messages.ts";
import type { Timestamping } from "./timestamping.ts";

/** Messages a call. */
const COUNT = 64;
/** Room for stamps, an extended error with an address, and what received datagrams are told with. */
const CONTROL = 320;
/** Of a refused datagram that comes back nothing is read. */
const DATA = 16;
/** Datagrams whose stamps may still come, where the kernel counts them by itself; a power of two. */
const REMEMBERED = 65_536;
/** Stamps that wait to be taken. */
const PENDING = 4096;

/** What the network said, for people. */
export interface NetworkError {
  count: number;
  /** The last of them. */
  text: string | undefined;
}

/** Reads one socket's error queue. */
export class ErrorQueue {
  /** The largest datagram the path takes, IP header and all; undefined until one was refused. */
  mtu: number | undefined;
  /** ICMP errors. */
  readonly network: NetworkError = { count: 0, text: undefined };
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #card: CardClock | undefined;
  readonly #timestamping: Timestamping;
  readonly #headers: Headers;
  /** Keeps the octets that the headers point to. */
  readonly #data = fixedMemory(COUNT * DATA);
  /** Token of each datagram sent, by the number that the kernel counts it with. */
  readonly #tokens = new Uint32Array(REMEMBERED);
  #sent = 0;
  /** What the kernel counts is not known since a datagram was refused: it may have counted that one. */
  #astray = false;
  readonly #pending = createTxStamps(PENDING);
  #taken = 0;
  /** Where one message's stamp is put together. */
  readonly #stamp = new Uint32Array(2);
  readonly #flags = new Uint8Array(1);

  constructor(libc: Libc, descriptor: number, timestamping: Timestamping) {
    this.#libc = libc;
    this.#card = timestamping.card?.clock;
    this.#descriptor = descriptor;
    this.#timestamping = timestamping;
    this.#headers = new Headers(libc.native, COUNT, this.#data, DATA, CONTROL);
    for (let i = 0; i < COUNT; i++) this.#headers.iovecs[i * (IOVEC.SIZE / 4) + IOVEC.LEN] = DATA;
  }

  /** A datagram with `token` has been handed to the kernel. */
  sent(token: number): void {
    if (!this.#astray) this.#tokens[this.#sent++ & (REMEMBERED - 1)] = token;
  }

  /**
   * A datagram was refused. Where the kernel counts by itself, stamps of what leaves from now on fit nobody, until
   * nothing that it has counted so far is on its way any more and it begins anew.
   */
  refused(): void {
    this.#astray = !this.#timestamping.tellsTokens;
  }

  /** Before datagrams are handed to the kernel; `isOnItsWay` says whether any still are. */
  ready(isOnItsWay: () => boolean): void {
    if (!this.#astray || isOnItsWay()) return;
    this.drain();
    this.#timestamping.restart();
    this.#sent = 0;
    this.#astray = false;
  }

  /** Reads all that is there into memory of its own. */
  drain(): void {
    const { memory, words } = this.#headers;
    for (;;) {
      // Stamps that nobody takes make room: with the kernel they would fill the receive buffer, and nothing could come.
      if (this.#pending.count + COUNT > PENDING) this.#taken = this.#pending.count = 0;
      for (let i = 0; i < COUNT; i++) {
        words[i * 16 + MMSGHDR.NAMELEN] = 0;
        words[i * 16 + MMSGHDR.CONTROLLEN] = CONTROL;
      }
      const n: number = this.#libc.recvmmsg(this.#descriptor, memory, COUNT, MSG_ERRQUEUE | MSG_DONTWAIT, null);
      for (let i = 0; i < n; i++) this.#read(i, words[i * 16 + MMSGHDR.CONTROLLEN]);
      if (n < COUNT) return;
    }
  }

  #read(index: number, size: number): void {
    const view = this.#headers.controlView;
    let at = index * CONTROL;
    const end = at + size;
    let error = -1;
    this.#flags[0] = 0;
    while (at + CMSGHDR.SIZE <= end) {
      const length = view.getUint32(at, true);
      if (length < CMSGHDR.SIZE) break;
      const level = view.getUint32(at + CMSGHDR.LEVEL, true);
      const type = view.getUint32(at + CMSGHDR.TYPE, true);
      const data = at + CMSGHDR.DATA;
      if (level === SOL_SOCKET && type === SO_TIMESTAMPING) {
        readStamp(this.#headers.controlWords, data >>> 2, this.#stamp, this.#flags, 0, this.#card);
      } else if (
        (level === IPPROTO_IP && type === IP_RECVERR) || (level === IPPROTO_IPV6 && type === IPV6_RECVERR)
      ) error = data;
      at += (length + 7) & ~7;
    }
    if (error < 0) return;
    const origin = view.getUint8(error + EXTENDED_ERR.ORIGIN);
    if (origin === SO_EE_ORIGIN_TIMESTAMPING) this.#keep(view.getUint32(error + EXTENDED_ERR.DATA, true));
    else {
      const type = view.getUint8(error + EXTENDED_ERR.TYPE);
      this.#tell(view.getUint32(error, true), origin, type, view.getUint32(error + EXTENDED_ERR.INFO, true));
    }
  }

  /** Keeps the stamp just read for the datagram that the kernel calls `id`: its token, or its place in the order. */
  #keep(id: number): void {
    if (this.#flags[0] === 0) return;
    if (!this.#timestamping.tellsTokens) {
      const age = (this.#sent - id) >>> 0;
      if (age === 0 || age > REMEMBERED) return;
      id = this.#tokens[id & (REMEMBERED - 1)];
    }
    const { token, stamp, flags } = this.#pending;
    const slot = this.#pending.count++;
    token[slot] = id;
    stamp[2 * slot] = this.#stamp[0];
    stamp[2 * slot + 1] = this.#stamp[1];
    flags[slot] = this.#flags[0];
  }

  #tell(errno: number, origin: number, type: number, info: number): void {
    if (errno === Errno.EMSGSIZE) this.mtu = info;
    if (origin === SO_EE_ORIGIN_LOCAL) return;
    this.network.count++;
    // The system has one errno for this and for a host that is not there.
    const isTtl = (origin === SO_EE_ORIGIN_ICMP && type === ICMP_TIME_EXCEEDED) ||
      (origin === SO_EE_ORIGIN_ICMP6 && type === ICMPV6_TIME_EXCEEDED);
    this.network.text = isTtl
      ? "their TTL was used up on the way"
      : errno === Errno.EMSGSIZE
      ? `the path takes ${info} octets`
      : errnoText(errno);
  }

  /** Moves what was drained to `out`. */
  take(out: TxStamps): number {
    const { token, stamp, flags } = this.#pending;
    out.count = 0;
    while (out.count < out.capacity && this.#taken < this.#pending.count) {
      const from = this.#taken++;
      const to = out.count++;
      out.token[to] = token[from];
      out.stamp[2 * to] = stamp[2 * from];
      out.stamp[2 * to + 1] = stamp[2 * from + 1];
      out.flags[to] = flags[from];
    }
    if (this.#taken === this.#pending.count) this.#taken = this.#pending.count = 0;
    return out.count;
  }

  /** Whether there is nothing to take. */
  get isEmpty(): boolean {
    return this.#pending.count === 0;
  }
}
