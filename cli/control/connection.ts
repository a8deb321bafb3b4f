/**
 * One control connection of a server: a stream, a machine, a timer, and the test sessions it set up.
 *
 * @module
 */
import { formatAddress, formatEndpoint, parseAddress } from "../../core/address.ts";
import { ControlServer } from "../../core/control/server.ts";
import type { ControlServerEvent, ControlServerOptions, ServerEnd } from "../../core/control/server_types.ts";
import { octetsOfSid, sidText } from "../../core/control/session_id.ts";
import { TransportError } from "../../core/errors.ts";
import { deriveTestKeys, Seal } from "../../core/session/seal.ts";
import type { ByteStream } from "../../core/stream.ts";
import type { Mono, Nanos } from "../../core/time/clock.ts";
import { Accept, acceptText, Mode, type SessionRequest } from "../../core/wire/control.ts";
import type { AccessLog } from "./access_log.ts";
import { deriveKey, randomOctets } from "./derive.ts";
import { extensionNames, securityName } from "./modes.ts";
import { isUnset, judgeRequest, type RequestLimits, testMode } from "./session_request.ts";
import { KeptSessions } from "./kept_sessions.ts";
import type { PooledSession, SessionPool } from "./session_pool.ts";
import { createSid } from "./sid.ts";
import type { Turns } from "./turns.ts";

/** What connections of one server share. */
export interface ServerHouse {
  readonly pool: SessionPool;
  readonly log: AccessLog;
  readonly control: ControlServerOptions;
  readonly limits: RequestLimits & {
    /** Test sessions of all connections. */
    readonly sessions: number;
    /** Of them, those of one address. */
    readonly perAddress: number;
    /** How long one may run; `Infinity` for ever. */
    readonly lifeNs: Nanos;
  };
  secretOf(keyId: string): Uint8Array | undefined;
  readonly deriving: Turns;
  /** A connection is closed by us: its stream goes, but not at once. */
  leave(stream: ByteStream): void;
  /** Why a connection from there may not be set up now; undefined if it may. */
  refusalFor(connection: Connection): { accept: Accept; why: string } | undefined;
  /** Whether the server is ending. */
  readonly draining: boolean;
}

const ENDS: Readonly<Record<ServerEnd, string>> = {
  "client-closed": "client closed",
  "client-declined": "client wants none of the modes offered",
  "not-welcome": "not allowed",
  "mode-not-offered": "client chose a mode that was not offered",
  "key-wrong": "KeyID or secret wrong",
  "no-room": "no room",
  "hmac-wrong": "HMAC wrong",
  "unknown-command": "unknown command",
  "stop-miscounted": "Stop-Sessions with a wrong count",
  "too-much": "more octets than may wait",
  slow: "nothing whole in time",
  silent: "silent for SERVWAIT",
  shutdown: "server ends",
};

const EVICTED = "silent, and others want its place";

/** What became of a request. */
interface Opened {
  readonly pooled?: PooledSession;
  readonly accept: Accept;
  readonly why?: string;
}

/** One client. */
export class Connection {
  readonly who: string;
  /** The far address, 16 octets. */
  readonly client: Uint8Array;
  readonly machine: ControlServer;
  readonly #house: ServerHouse;
  readonly #stream: ByteStream;
  readonly #sessions: KeptSessions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  #evicted = false;
  /** Called when nothing of it is left. */
  onGone: () => void = () => {};

  constructor(house: ServerHouse, stream: ByteStream, modes: number) {
    this.#house = house;
    this.#stream = stream;
    this.who = formatEndpoint(stream.remote.hostname, stream.remote.port);
    this.client = parseAddress(stream.remote.hostname)?.octets ?? new Uint8Array(16);
    this.machine = new ControlServer(this.#now(), { ...house.control, modes });
    this.#sessions = new KeptSessions({
      now: () => this.#now(),
      log: (what, values) => house.log.write(this.who, what, values),
      onOver: (sid) => {
        this.machine.handleSessionsOver(this.#now(), [sid]);
        this.#settle();
      },
      onEmpty: () => {
        if (this.#isOver) this.onGone();
      },
    }, house.limits.lifeNs);
    stream.onData = (octets) => {
      // Asked for as late as can be: until its first words it takes nobody's place.
      if (!this.machine.isSetUp) this.machine.refusal = house.refusalFor(this)?.accept ?? Accept.OK;
      this.machine.handleBytes(this.#now(), octets);
      this.#settle();
    };
    stream.onEnd = () => {
      this.machine.handleEnd(this.#now());
      this.#settle();
    };
    this.#settle();
  }

  #now(): Mono {
    return this.#house.pool.now();
  }

  /** Whether test sessions run; those that were stopped and wait for what is in transit do not. */
  get isTesting(): boolean {
    return this.#sessions.isTesting;
  }
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether nothing of it is left. */
  get isGone(): boolean {
    return this.#isOver && this.#sessions.size === 0;
  }

  /** Ends it for the sake of another, which may have something to say. */
  evict(): void {
    this.#evicted = true;
    this.machine.shutdown();
    this.#settle();
  }

  /** Ends the connection and its sessions: what is in transit is not answered any more. */
  shutdown(): void {
    this.machine.shutdown();
    this.#settle();
    this.#sessions.end("server ended");
  }

  /** Sends what is to be sent, hears what is to be heard, and sets the timer. */
  #settle(): void {
    for (let octets; (octets = this.machine.pollTransmit()) !== undefined;) {
      // Who sends commands and reads no answers is no client.
      if (!this.#stream.write(octets)) this.machine.handleEnd(this.#now());
    }
    for (let event; (event = this.machine.pollEvent()) !== undefined;) this.#hear(event);
    clearTimeout(this.#timer);
    const until = this.machine.pollTimeout();
    if (this.#isOver || until === Infinity) return;
    this.#timer = setTimeout(() => {
      this.machine.handleTimeout(this.#now());
      this.#settle();
    }, Math.max(1, Math.ceil((until - this.#now()) / 1e6)));
  }

  #hear(event: ControlServerEvent): void {
    const { log } = this.#house;
    switch (event.type) {
      case "key-wanted":
        return void this.#derive(event.keyId, event.salt, event.count).catch(() => this.shutdown());
      case "set-up":
        return log.write(this.who, "set up", {
          mode: securityName(event.mode),
          extensions: extensionNames(event.mode).join(",") || undefined,
          key: event.keyId,
        });
      case "requested":
        return void this.#open(event.request);
      case "refused":
        return log.write(this.who, "command refused", { command: event.command, accept: Accept.UNSUPPORTED });
      case "started":
        for (const sid of event.sids) this.#sessions.start(sid);
        return;
      case "stopped":
        for (const sid of event.sids) this.#sessions.stop(sid, "stopped");
        // A client that stays has nothing to wait for any more, but the server for the client.
        if (this.#house.draining && !this.isTesting) this.machine.shutdown();
        return;
      case "closed":
        return this.#closed(event.why);
    }
  }

  async #derive(keyId: string, salt: Uint8Array, count: number): Promise<void> {
    const secret = this.#house.secretOf(keyId);
    // Somebody's secret is derived in any case: how long it takes tells nobody which identities there are.
    const derived = await this.#house.deriving.take(
      () => deriveKey(secret ?? randomOctets(16), salt, count),
      () => this.#isOver,
    );
    if (derived === undefined) return;
    this.machine.handleKey(this.#now(), derived, secret !== undefined);
    this.#settle();
  }

  // ── test sessions ─────────────────────────────────────────────────────────

  async #open(request: SessionRequest): Promise<void> {
    const { pooled, accept, why } = await this.#tryOpen(request);
    const sid = pooled === undefined ? "" : pooled.sid;
    const sender = formatEndpoint(
      formatAddress(isUnset(request.senderAddress) ? this.client : request.senderAddress),
      request.senderPort,
    );
    if (pooled === undefined) {
      this.#house.log.write(this.who, "session refused", { sender, accept, why });
      this.machine.answer(this.#now(), { accept, port: 0, sid: new Uint8Array(16), serverOctets: 0 });
      return this.#settle();
    }
    this.#sessions.add(pooled, request.timeoutNs);
    const { port } = pooled;
    this.#house.log.write(this.who, "session accepted", {
      sid,
      sender,
      at: pooled.at,
      dscp: request.typeP >>> 24 || undefined,
      padding: request.padding,
    });
    if (!this.machine.answer(this.#now(), { accept: Accept.OK, port, sid: octetsOfSid(sid), serverOctets: 0 })) {
      this.#sessions.end("client closed", sid);
    }
    this.#settle();
  }

  /** Never rejects: each request has an answer. */
  async #tryOpen(request: SessionRequest): Promise<Opened> {
    try {
      return await this.#openPooled(request);
    } catch (error) {
      if (!(error instanceof TransportError)) return { accept: Accept.INTERNAL, why: String(error) };
      const isTheirs = error.code === "not-local" || error.code === "unsupported";
      return { accept: isTheirs ? Accept.UNSUPPORTED : Accept.TEMPORARY, why: error.message };
    }
  }

  async #openPooled(request: SessionRequest): Promise<Opened> {
    const { pool, limits, draining } = this.#house;
    const mode = this.machine.mode;
    const verdict = judgeRequest(request, mode, limits);
    if (!("tos" in verdict)) return verdict;
    if (draining) return { accept: Accept.TEMPORARY, why: "the server is ending" };
    if (pool.count >= limits.sessions || this.#sessions.size >= this.#house.control.sessions) {
      return { accept: Accept.TEMPORARY, why: "as many sessions as there may be" };
    }
    if (pool.countOf(this.client) >= limits.perAddress) {
      return { accept: Accept.TEMPORARY, why: "as many sessions as one address may have" };
    }
    const sid = createSid(this.#stream.local.hostname);
    const { keys } = this.machine;
    const sealing = testMode(mode);
    const seal = keys === undefined || sealing === "open"
      ? undefined
      : new Seal(sealing, deriveTestKeys(keys.aes, keys.hmac, sid));
    const pooled = await pool.open({
      sid: sidText(sid),
      sender: isUnset(request.senderAddress) ? this.client : request.senderAddress,
      senderPort: request.senderPort,
      client: this.client,
      local: this.#stream.local.hostname,
      receiver: isUnset(request.receiverAddress) ? undefined : this.#withZone(formatAddress(request.receiverAddress)),
      wishedPort: request.receiverPort,
      seal,
      symmetrical: (mode & Mode.SYMMETRICAL) !== 0,
      monitor: (mode & Mode.MONITOR) !== 0,
      ptp: (mode & Mode.PTP) !== 0,
      tos: verdict.tos,
      size: 112 + request.padding,
    });
    return typeof pooled === "string" ? { accept: Accept.TEMPORARY, why: pooled } : { pooled, accept: Accept.OK };
  }

  /** A link-local address means nothing without the link that the connection came by. */
  #withZone(address: string): string {
    const { hostname } = this.#stream.local;
    return hostname.split("%")[0] === address ? hostname : address;
  }

  #closed(why: ServerEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    const refusal = why === "no-room" ? this.#house.refusalFor(this) : undefined;
    const accept = REFUSED[why] ?? (why === "no-room" ? this.machine.refusal : undefined);
    this.#house.log.write(this.who, accept === undefined ? "closed" : "refused", {
      why: this.#evicted ? EVICTED : refusal?.why ?? this.#stream.error ?? ENDS[why],
      accept: accept === undefined ? undefined : `${accept} (${acceptText(accept)})`,
      key: why === "key-wrong" ? this.machine.keyId : undefined,
    });
    // Who says nothing may not close its side either, and its place is wanted now.
    if (this.#evicted) this.#stream.destroy();
    else this.#house.leave(this.#stream);
    const hasSessions = this.#sessions.size > 0;
    this.#sessions.stopAll(why === "shutdown" ? "server ended" : "control connection closed");
    if (!hasSessions) this.onGone();
  }
}

/** What a client was told before it was sent away. */
const REFUSED: Readonly<Partial<Record<ServerEnd, Accept>>> = {
  "mode-not-offered": Accept.UNSUPPORTED,
  "key-wrong": Accept.FAILURE,
  "unknown-command": Accept.UNSUPPORTED,
};
