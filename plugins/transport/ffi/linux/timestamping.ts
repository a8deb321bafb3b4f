/**
 * SO_TIMESTAMPING of one socket.
 *
 * @module
 */
import { TransportError } from "../../../../core/errors.ts";
import type { Clock } from "../../../../core/time/clock.ts";
import type { SocketOptions, StampSource } from "../../../../core/transport.ts";
import { SO_TIMESTAMPING, SOL_SOCKET, TIMESTAMPING } from "./abi.ts";
import { Card } from "./card.ts";
import type { Libc } from "./libc.ts";

const RX = TIMESTAMPING.RX_SOFTWARE | TIMESTAMPING.SOFTWARE;
/** The stamp alone comes back, with the number of the datagram, and not the datagram. */
const TX = TIMESTAMPING.TX_SOFTWARE | TIMESTAMPING.OPT_ID | TIMESTAMPING.OPT_TSONLY;
const RX_CARD = TIMESTAMPING.RX_HARDWARE | TIMESTAMPING.RAW_HARDWARE;
/** Both stamps come, each by itself: the kernel's is there where the card misses one. */
const TX_CARD = TIMESTAMPING.TX_HARDWARE | TIMESTAMPING.OPT_TX_SWHW;

/** What a socket is told of the times of its datagrams. */
export class Timestamping {
  readonly rx: StampSource = "user";
  readonly tx: StampSource = "user";
  readonly card: Card | undefined;
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #flags: number;

  constructor(libc: Libc, descriptor: number, options: SocketOptions, clock: Clock) {
    this.#libc = libc;
    this.#descriptor = descriptor;
    const source = options.stamps === "hardware" ? "hardware" : "kernel";
    this.#flags = RX | (options.txStamps ? TX : 0);
    if (options.stamps === "user") return;
    if (source === "hardware") {
      const name = options.stampInterface ?? options.interface;
      if (name === undefined) {
        throw new TransportError("unsupported", "whose hardware stamps is not known: name the interface");
      }
      this.card = new Card(libc, descriptor, name, clock);
      this.#flags |= RX_CARD | (options.txStamps ? TX_CARD : 0);
    }
    if (this.#set(this.#flags)) {
      this.rx = source;
      if (options.txStamps) this.tx = source;
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
