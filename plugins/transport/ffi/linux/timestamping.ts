/**
 * SO_TIMESTAMPING of one socket.
 *
 * @module
 */
import { TransportError } from "../../../../core/errors.ts";
import type { SocketOptions, StampSource } from "../../../../core/transport.ts";
import { SO_TIMESTAMPING, SOL_SOCKET, TIMESTAMPING } from "./abi.ts";
import type { Libc } from "./libc.ts";

const RX = TIMESTAMPING.RX_SOFTWARE | TIMESTAMPING.SOFTWARE;
/** The stamp alone comes back, with the number of the datagram, and not the datagram. */
const TX = TIMESTAMPING.TX_SOFTWARE | TIMESTAMPING.OPT_ID | TIMESTAMPING.OPT_TSONLY;

/** What a socket is told of the times of its datagrams. */
export class Timestamping {
  readonly rx: StampSource = "user";
  readonly tx: StampSource = "user";
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #flags: number;

  constructor(libc: Libc, descriptor: number, options: SocketOptions) {
    this.#libc = libc;
    this.#descriptor = descriptor;
    this.#flags = RX | (options.txStamps ? TX : 0);
    if (options.stamps === "user") return;
    if (options.stamps === "hardware") {
      throw new TransportError("unsupported", "hardware time stamps: not yet");
    }
    if (this.#set(this.#flags)) {
      this.rx = "kernel";
      if (options.txStamps) this.tx = "kernel";
    } else if (options.stamps === "kernel") {
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
}
