/**
 * A connection of `node:net` as a `ByteStream`, the same on both runtimes.
 *
 * @module
 */
import type { Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { clearTimeout, setTimeout } from "node:timers";
import { formatAddress, parseAddress } from "../../core/address.ts";
import type { ByteStream, StreamAddress } from "../../core/stream.ts";

/** Octets that wait in this program for a peer to read: more than all of a control connection's messages in flight. */
const MOST_WAITING = 2 ** 16;
/** A peer has so long to take what waits and to close its side. */
const FLUSH_MS = 5000;

const ERRORS: Readonly<Record<string, string>> = {
  ECONNRESET: "the peer reset the connection",
  EPIPE: "the peer reset the connection",
  ETIMEDOUT: "the peer does not answer any more",
  EHOSTUNREACH: "the peer cannot be reached any more",
  ENETUNREACH: "the peer cannot be reached any more",
};

/** A connection that is there. `zone` is that of the peer, where it is known. */
export class NetStream implements ByteStream {
  readonly local: StreamAddress;
  readonly remote: StreamAddress;
  error: string | undefined;
  /** The connection is gone. */
  onClose: () => void = () => {};
  keepDscp?: () => void;
  readonly #socket: Socket;
  readonly #flushMs: number;
  #isEnding = false;
  #isDestroyed = false;
  #isOver = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #onData: ((bytes: Uint8Array) => void) | undefined;
  #onEnd: (() => void) | undefined;

  constructor(socket: Socket, zone?: string, flushMs: number = FLUSH_MS) {
    this.#socket = socket;
    this.#flushMs = flushMs;
    const where = zone ?? zoneOf(socket.localAddress ?? "");
    this.local = endpoint(socket.localAddress, socket.localPort, where);
    this.remote = endpoint(socket.remoteAddress, socket.remotePort, where);
    socket.setNoDelay(true);
    socket.on("error", (error: Error & { code?: string }) => {
      this.error ??= ERRORS[error.code ?? ""] ?? error.code ?? error.message;
    });
    socket.on("end", () => this.#over());
    socket.on("close", () => {
      clearTimeout(this.#timer);
      this.#isDestroyed = true;
      this.#over();
      this.onClose();
    });
  }

  get onData(): (bytes: Uint8Array) => void {
    return this.#onData ?? (() => {});
  }
  /** Without somebody to hand octets to, none are read. */
  set onData(take: (bytes: Uint8Array) => void) {
    const isFirst = this.#onData === undefined;
    this.#onData = take;
    if (isFirst) this.#socket.on("data", (bytes: Uint8Array) => this.#isDestroyed || this.#onData?.(bytes));
  }

  get onEnd(): () => void {
    return this.#onEnd ?? (() => {});
  }
  /** Where the end has come before there was somebody to tell, he is told soon. */
  set onEnd(tell: () => void) {
    const wasMissed = this.#isOver && this.#onEnd === undefined;
    this.#onEnd = tell;
    if (wasMissed) queueMicrotask(() => this.#onEnd?.());
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd?.();
  }

  write(bytes: Uint8Array): boolean {
    const socket = this.#socket;
    if (this.#isEnding || this.#isDestroyed || !socket.writable) return false;
    // The runtime may send it later; the caller's memory is the caller's again.
    socket.write(bytes.slice());
    return socket.writableLength <= MOST_WAITING;
  }

  end(): void {
    if (this.#isEnding || this.#isDestroyed) return;
    this.#isEnding = true;
    this.#timer = setTimeout(() => {
      this.error ??= `the peer did not close its side within ${this.#flushMs / 1000} s`;
      this.#reset();
    }, this.#flushMs);
    // What comes must be read, or its end would not be seen.
    if (this.#onData === undefined) this.onData = () => {};
    // All is said then. A program that has nothing else to do need not stay for a peer that does not close its side.
    this.#socket.end(() => {
      this.#socket.unref();
      this.#timer?.unref();
    });
  }

  destroy(): void {
    this.#isOver = true;
    this.#reset();
  }

  /** Not closed: the system would go on for minutes with what a peer does not read. */
  #reset(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#socket.resetAndDestroy();
  }
}

/** An end as the runtime names it. */
export function endpoint(hostname: string | undefined, port: number | undefined, zone?: string): StreamAddress {
  const address = parseAddress(hostname ?? "::");
  if (address === undefined) return { hostname: hostname ?? "::", port: port ?? 0 };
  const text = formatAddress(address.octets); // an IPv4-mapped address as one of IPv4
  const where = isLinkLocal(text) ? address.zone ?? zone : undefined;
  return { hostname: where === undefined ? text : `${text}%${where}`, port: port ?? 0 };
}

/** Whether an address of IPv6 is of one link alone. */
export function isLinkLocal(text: string): boolean {
  return /^fe[89ab]/.test(text);
}

/** The interface that has a link-local address, which the runtimes leave out; undefined where there are several. */
function zoneOf(hostname: string): string | undefined {
  if (!isLinkLocal(hostname)) return undefined;
  const found = Object.entries(networkInterfaces()).filter(([, entries]) =>
    entries?.some(({ address }) => address.split("%")[0] === hostname)
  );
  return found.length === 1 ? found[0][0] : undefined;
}
