/**
 * The test sessions of a server and the sockets they answer on: one each, or one for all.
 *
 * @module
 */
import { formatEndpoint, peerOctets } from "../../core/address.ts";
import { driveReflector } from "../../core/drive.ts";
import { TransportError } from "../../core/errors.ts";
import type { Seal } from "../../core/session/seal.ts";
import type { TestSession } from "../../core/session/test_session.ts";
import { TestSessions } from "../../core/session/test_sessions.ts";
import type { Clock, Mono, Nanos } from "../../core/time/clock.ts";
import type { DatagramSocket, SocketOptions, Transport } from "../../core/transport.ts";
import { TestPorts } from "./test_ports.ts";

/** What a session is. */
export interface PoolRequest {
  readonly sid: string;
  /** 16 octets; where the sender is expected. */
  readonly sender: Uint8Array;
  readonly senderPort: number;
  /** The control connection's far address, 16 octets, and its near one. */
  readonly client: Uint8Array;
  readonly local: string;
  /** The address that was asked for; undefined for the control connection's. */
  readonly receiver: string | undefined;
  readonly wishedPort: number;
  readonly seal: Seal | undefined;
  readonly symmetrical: boolean;
  readonly monitor: boolean;
  readonly ptp: boolean;
  readonly tos: number;
  /** Octets of the largest probe. */
  readonly size: number;
}

/** A session that has a port. */
export interface PooledSession {
  readonly sid: string;
  readonly port: number;
  readonly test: TestSession;
  /** Where it answers, for the log. */
  readonly at: string;
  /** Stop-Sessions: it answers what is in transit until then. */
  stop(until: Mono): void;
  /** Ends it, and gives its port back. */
  release(): Promise<void>;
}

/** How sessions are kept. */
export interface PoolOptions {
  readonly transport: Transport;
  /** For all sockets: TTL, stamps, interface. */
  readonly socket: Omit<SocketOptions, "hostname" | "port">;
  readonly ports: TestPorts;
  /** REFWAIT (RFC 5357 section 4.2). */
  readonly refwait: Nanos;
  readonly strictPeer: boolean;
  /** Whether sessions may be on any address of this host, or only on that of their control connection. */
  readonly anywhere: boolean;
  readonly hashSeed: number;
  /** Sessions at once on one port. */
  readonly sessions: number;
  /** A socket stopped answering, by a fault of ours: the others go on. */
  onFailure(error: unknown): void;
}

/** Ports that others on this host may have are passed over, so many times. */
const MOST_TRIES = 64;
/** Slots of a socket for all sessions: whatever UDP carries. */
const MOST_DATAGRAM = 65_536;
/** Probes of one session that are answered at once: it has its own memory, and there may be a thousand. */
const OWN_BATCH = 8;
/** Slots of a session's own socket hold at least this. */
const LEAST_DATAGRAM = 2048;

/** All sessions. */
export class SessionPool {
  readonly #options: PoolOptions;
  readonly #clock: Clock;
  #shared: Reflector | undefined;
  /** Of the shared port: two sessions from one sender could not be told apart. */
  readonly #senders = new Set<string>();
  /** Sessions there have been. */
  opened = 0;
  #count = 0;
  readonly #byAddress = new Map<string, number>();

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#clock = options.transport.clock();
  }

  /** Sessions there are. */
  get count(): number {
    return this.#count;
  }

  /** Of them, those that `client` (16 octets) asked for. */
  countOf(client: Uint8Array): number {
    return this.#byAddress.get(String(client)) ?? 0;
  }

  now(): Mono {
    return this.#clock.mono();
  }

  /** Binds one socket for all sessions to come. */
  async share(options: Pick<SocketOptions, "hostname" | "port" | "dualStack">): Promise<DatagramSocket> {
    this.#shared = await this.#open({ ...options, readTos: true, stride: MOST_DATAGRAM }, this.#options.sessions);
    return this.#shared.socket;
  }

  /**
   * Opens a session; a string says why there is none now.
   *
   * @throws TransportError where the address is none of this host
   */
  async open(request: PoolRequest): Promise<PooledSession | string> {
    this.#add(request.client, 1); // at once: others may be opened while this one waits for its socket
    let session: PooledSession | string = "";
    try {
      return session = await this.#tryOpen(request);
    } finally {
      if (typeof session === "string") this.#add(request.client, -1);
    }
  }

  #add(client: Uint8Array, by: 1 | -1): void {
    const key = String(client);
    const of = (this.#byAddress.get(key) ?? 0) + by;
    if (of === 0) this.#byAddress.delete(key);
    else this.#byAddress.set(key, of);
    this.#count += by;
  }

  async #tryOpen(request: PoolRequest): Promise<PooledSession | string> {
    const reflector = this.#shared ?? await this.#openOwn(request);
    if (typeof reflector === "string") return reflector;
    const { sid, seal, symmetrical, monitor, ptp, tos } = request;
    const isShared = reflector === this.#shared;
    const sender = `${request.client} ${request.sender} ${request.senderPort}`;
    if (isShared && this.#senders.has(sender)) return "a session from that address and port is there already";
    const test = reflector.sessions.add({
      sid,
      peer: peerOctets({ family: 6, octets: request.sender, zone: undefined }, request.senderPort),
      alsoFrom: request.client,
      seal,
      symmetrical,
      monitor,
      ptp,
      tos: isShared ? tos : undefined,
      wait: this.#options.refwait,
    });
    if (test === undefined) return "as many sessions as this port can have";
    if (isShared) this.#senders.add(sender);
    this.opened++;
    const { port } = reflector.socket.address;
    let released = false;
    return {
      sid,
      port,
      test,
      at: formatEndpoint(reflector.socket.address.hostname, port),
      stop: (until) => reflector.sessions.stop(test, until),
      release: async () => {
        if (released) return;
        released = true;
        this.#add(request.client, -1);
        this.#senders.delete(sender);
        reflector.sessions.remove(test);
        if (isShared) return;
        await reflector.close();
        this.#options.ports.give(port);
      },
    };
  }

  async #openOwn(request: PoolRequest): Promise<Reflector | string> {
    const { ports, strictPeer, anywhere } = this.#options;
    let hostname = request.receiver ?? request.local;
    if (!anywhere && hostname !== request.local) {
      if (strictPeer) throw new TransportError("not-local", `sessions are not on ${hostname} here`);
      hostname = request.local;
    }
    let wished = request.wishedPort;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const port = ports.take(wished);
      if (port === undefined) return `all ${ports.size} test ports are in use`;
      try {
        return await this.#open({
          hostname,
          port,
          tos: request.tos,
          readTos: request.monitor,
          stride: Math.max(LEAST_DATAGRAM, Math.ceil(request.size / 64) * 64),
          batch: OWN_BATCH,
        }, 1);
      } catch (error) {
        ports.give(port);
        if (!(error instanceof TransportError)) throw error;
        // An address that this host does not have is that of a translator before it: the client came through it too.
        if (error.code === "not-local" && hostname !== request.local && !strictPeer) hostname = request.local;
        else if (error.code !== "in-use") throw error;
        else wished = 0; // somebody else's: the next one will do
      }
    }
    return `${MOST_TRIES} test ports in turn are in use by other programs`;
  }

  async #open(options: SocketOptions, capacity: number): Promise<Reflector> {
    const { transport, socket: common, strictPeer, hashSeed, onFailure } = this.#options;
    const socket = await transport.openDatagram({ ...common, ...options });
    return new Reflector(socket, new TestSessions({ capacity, strictPeer, hashSeed }), this.#clock, onFailure);
  }

  async close(): Promise<void> {
    await this.#shared?.close();
  }
}

/** A socket, its sessions, and the loop that answers. */
class Reflector {
  readonly socket: DatagramSocket;
  readonly sessions: TestSessions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(socket: DatagramSocket, sessions: TestSessions, clock: Clock, onFailure: (error: unknown) => void) {
    this.socket = socket;
    this.sessions = sessions;
    this.#running = driveReflector(sessions, socket, clock, this.#stop.signal).catch(onFailure);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.socket.close();
  }
}
