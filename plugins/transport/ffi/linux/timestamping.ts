/**
 * SO_TIMESTAMPING of one socket.
 *
 * @module
 */
import { TransportError } from "../../../../core/errors.ts";
import type { Clock } from "../../../../core/time/clock.ts";
import type { SocketOptions, StampSource } from "../../../../core/transport.ts";
import { fixedMemory } from "../native.ts";
import { AF_INET, Errno, MMSGHDR, SO_TIMESTAMPING, SOCK_CLOEXEC, SOCK_DGRAM, SOL_SOCKET, TIMESTAMPING } from "./abi.ts";
import { Card } from "./card.ts";
import type { Libc } from "./libc.ts";
import { Headers, NUMBER_SIZE, writeNumber, writeRequest } from "./messages.ts";
import { nameSize, peerOf, writeName } from "./sockaddr.ts";

const RX = TIMESTAMPING.RX_SOFTWARE | TIMESTAMPING.SOFTWARE;
/** The stamp alone comes back, with the number of the datagram, and not the datagram. */
const TX = TIMESTAMPING.OPT_ID | TIMESTAMPING.OPT_TSONLY;
const RX_CARD = TIMESTAMPING.RX_HARDWARE | TIMESTAMPING.RAW_HARDWARE;
/** Both stamps come, each by itself: the kernel's is there where the card misses one. */
const TX_CARD = TIMESTAMPING.OPT_TX_SWHW;

let canTell: boolean | undefined;
let canMark: boolean | undefined;

/**
 * Whether this kernel takes the number of a datagram with it. Asked by one to the broadcast address, which no socket may
 * send to unless it says so: its control data is read before that, and nothing leaves.
 */
function takesNumbers(libc: Libc): boolean {
  return takes(libc, writeNumber);
}

/** Whether it takes with a datagram that its time is wanted (Linux 4.7). */
function takesRequests(libc: Libc): boolean {
  return takes(libc, (control, at) => writeRequest(control, at, TIMESTAMPING.TX_SOFTWARE));
}

function takes(libc: Libc, write: (control: DataView, at: number, number: number) => number): boolean {
  const descriptor: number = libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  libc.setInt(descriptor, SOL_SOCKET, SO_TIMESTAMPING, TX | TIMESTAMPING.TX_SOFTWARE | TIMESTAMPING.SOFTWARE);
  const message = new Headers(libc.native, 1, fixedMemory(1), 1, NUMBER_SIZE);
  writeName(AF_INET, new Uint32Array(peerOf(libc, "255.255.255.255", 9).buffer), 0, message.names, 0);
  message.words[MMSGHDR.NAMELEN] = nameSize(AF_INET);
  message.words[MMSGHDR.CONTROLLEN] = write(message.controlView, 0, 0);
  const does = libc.sendmmsg(descriptor, message.memory, 1, 0) < 0 && libc.errno() !== Errno.EINVAL;
  libc.close(descriptor);
  return does;
}

/** What a socket is told of the times of its datagrams. */
export class Timestamping {
  readonly rx: StampSource = "user";
  readonly tx: StampSource = "user";
  readonly card: Card | undefined;
  /** Stamps come back with the token of their datagram; else with its place in the order of all. */
  readonly tellsTokens: boolean = false;
  /** What a datagram asks for by itself, where only marked ones are stamped; 0 where all are, or none. */
  readonly request: number = 0;
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #flags: number;

  constructor(libc: Libc, descriptor: number, options: SocketOptions, clock: Clock) {
    this.#libc = libc;
    this.#descriptor = descriptor;
    const source = options.stamps === "hardware" ? "hardware" : "kernel";
    const marked = options.txStamps === "marked";
    let asked = options.txStamps ? TIMESTAMPING.TX_SOFTWARE : 0;
    this.#flags = RX | (asked ? TX : 0);
    if (options.stamps === "user") return;
    if (source === "hardware") {
      const name = options.stampInterface ?? options.interface;
      if (name === undefined) {
        throw new TransportError("unsupported", "whose hardware stamps is not known: name the interface");
      }
      this.card = new Card(libc, descriptor, name, clock);
      if (asked) asked |= TIMESTAMPING.TX_HARDWARE;
      this.#flags |= RX_CARD | (asked ? TX_CARD : 0);
    }
    if (!marked) this.#flags |= asked;
    if (this.#set(this.#flags)) {
      this.rx = source;
      if (!asked || (marked && !(canMark ??= takesRequests(libc)))) return;
      if (marked) this.request = asked;
      this.tx = source;
      this.tellsTokens = canTell ??= takesNumbers(libc);
    } else if (options.stamps !== undefined) {
      this.close();
      throw new TransportError("unsupported", "this kernel has no time stamps of packets: use --timestamp user");
    }
  }

  #set(flags: number): boolean {
    return this.#libc.setInt(this.#descriptor, SOL_SOCKET, SO_TIMESTAMPING, flags) === 0;
  }

  /** Has the kernel number datagrams from 0 again. */
  restart(): void {
    if (this.tx === "user") return;
    this.#set(this.#flags & ~TIMESTAMPING.OPT_ID);
    this.#set(this.#flags);
  }

  /** Lets go of the card's clock. */
  close(): void {
    this.card?.clock.close();
  }
}
