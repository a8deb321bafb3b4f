/**
 * The Control-Client of TWAMP-Control (RFC 5357 section 3, RFC 5938) as a machine: octets and wishes in, octets and
 * events out. It opens no socket, reads no clock and has no randomness of its own. What is done when stands in `table.ts`.
 *
 * After every `handle*` and every wish, drain `pollTransmit` and `pollEvent`.
 *
 * @module
 */
import type { Mono } from "../time/clock.ts";
import {
  Accept,
  type AcceptSession,
  Command,
  type Greeting,
  Mode,
  readAcceptSession,
  readAck,
  readGreeting,
  readServerStart,
  readSessionList,
  sessionCount,
  type SessionRequest,
  SIZE,
  writeRequest,
  writeSessionList,
  writeSetUpResponse,
  writeStart,
  writeStop,
} from "../wire/control.ts";
import type { ClientEnd, ControlClientEvent, ControlClientOptions } from "./client_types.ts";
import { LEAST_COUNT } from "./counts.ts";
import { Inbox } from "./inbox.ts";
import { type ControlKeys, makeToken } from "./keys.ts";
import { SealedReader, SealedWriter } from "./sealed_stream.ts";
import { EXTENSIONS, octetsOfSid, sidText } from "./session_id.ts";
import { CLIENT, type ClientAction, type ClientInput, type ClientState, rowFor } from "./table.ts";

const BLOCK = 16;
/** A server has nothing to say that is not asked for; so much of it is taken before the connection is given up. */
const MOST_WAITING = 65_536;

/** One connection. */
export class ControlClient {
  readonly #options: ControlClientOptions;
  readonly #inbox = new Inbox(MOST_WAITING);
  readonly #events: ControlClientEvent[] = [];
  readonly #out: Uint8Array[] = [];
  #state: ClientState = CLIENT.initial;
  #greeting: Greeting | undefined;
  #offered = 0;
  #mode = 0;
  #keys: ControlKeys | undefined;
  #clientIv: Uint8Array = new Uint8Array(BLOCK);
  #reader: SealedReader | undefined;
  #writer: SealedWriter | undefined;
  /** Sessions accepted that do not run, and those that do. */
  readonly #accepted = new Set<string>();
  readonly #running = new Set<string>();
  /** What is to be sent next, and SIDs whose answer is awaited. */
  #message: Uint8Array = new Uint8Array();
  #awaited = new Set<string>();
  /** Of the request under way. */
  #octetsToReflect = 0;
  #length = 0;
  #until: Mono;
  #now: Mono;
  #accept: Accept = Accept.OK;
  #why: ClientEnd = "closed";

  constructor(now: Mono, options: ControlClientOptions) {
    this.#options = options;
    this.#now = now;
    this.#until = now + options.timeout;
  }

  get state(): ClientState {
    return this.#state;
  }
  /** Bits of `Mode` that were chosen; 0 before. */
  get mode(): number {
    return this.#mode;
  }
  /** What the server offers. */
  get offered(): number {
    return this.#offered;
  }
  /** Keys of the connection, from which those of its sessions are derived; undefined in open mode. */
  get keys(): ControlKeys | undefined {
    return this.#keys;
  }

  pollTransmit(): Uint8Array | undefined {
    return this.#out.shift();
  }
  pollEvent(): ControlClientEvent | undefined {
    return this.#events.shift();
  }
  /** When the answer under way is given up; `Infinity` where none is awaited. */
  pollTimeout(): Mono {
    return "timeout" in CLIENT.rows[this.#state] ? this.#until : Infinity;
  }

  handleTimeout(now: Mono): void {
    if (now < this.pollTimeout()) return;
    this.#why = "timeout";
    this.#do("timeout");
  }

  handleBytes(now: Mono, octets: Uint8Array): void {
    if (this.#state === "closed") return;
    this.#now = now;
    if (!this.#inbox.add(octets)) return this.#unexpected();
    while (this.#handleNext());
  }

  /** The server closed its side, or the connection broke. */
  handleEnd(_now: Mono): void {
    if (this.#state === "closed") return;
    this.#why = "server-closed";
    this.#do("end");
  }

  /** The key derived from the secret. */
  handleKey(now: Mono, derived: Uint8Array): void {
    if (this.#state !== "deriving") return;
    this.#now = now;
    this.#keys = { aes: this.#options.random(BLOCK), hmac: this.#options.random(2 * BLOCK) };
    this.#clientIv = this.#options.random(BLOCK);
    const token = makeToken(derived, this.#greeting!.challenge, this.#keys);
    this.#message = writeSetUpResponse({
      mode: this.#mode,
      keyId: this.#options.keyId!,
      token,
      clientIv: this.#clientIv,
    });
    this.#do("key");
    while (this.#handleNext());
  }

  /** Asks for a session; answered by `accepted` or `rejected`. One at a time. */
  requestSession(now: Mono, request: SessionRequest): void {
    this.#now = now;
    this.#octetsToReflect = request.octetsToReflect;
    this.#message = writeRequest(request);
    this.#do(this.#state === "testing" ? "request-testing" : "request");
  }

  /** Starts what is accepted and does not run; answered by `started` or `not-started`. */
  startSessions(now: Mono): void {
    this.#now = now;
    this.#awaited = new Set(this.#accepted);
    this.#message = this.#isIndividual
      ? writeSessionList(Command.START_N, { accept: Accept.OK, sids: [...this.#awaited].map(octetsOfSid) })
      : writeStart();
    this.#do("start");
  }

  /** Stops all that runs. With individual control it is answered by `stopped`; else it is over with that. */
  stopSessions(now: Mono, accept: Accept = Accept.OK): void {
    if (this.#state !== "testing") return;
    this.#now = now;
    const running = [...this.#running];
    if (!this.#isIndividual) {
      this.#message = writeStop({ accept, sessions: running.length });
      this.#do("stop-all");
      return this.#stopped(running);
    }
    this.#awaited = new Set(running);
    this.#message = writeSessionList(Command.STOP_N, { accept: Accept.OK, sids: running.map(octetsOfSid) });
    this.#do("stop-n");
  }

  close(): void {
    if (this.#state !== "closed") this.#do("close");
  }

  get #isIndividual(): boolean {
    return (this.#mode & Mode.INDIVIDUAL) !== 0;
  }

  // ── messages in ───────────────────────────────────────────────────────────

  #handleNext(): boolean {
    const { size } = this.#inbox;
    switch (this.#state) {
      case "connected":
        return this.#handleGreeting();
      case "set-up":
        return this.#handleServerStart();
      case "requesting":
        return this.#handleSealed(SIZE.ACCEPT, () => this.#handleAccept());
      case "starting":
        if (this.#isIndividual) return this.#handleList(Command.START_N_ACK);
        return this.#handleSealed(SIZE.ACK, () => this.#handleStartAck());
      case "stopping":
        return this.#handleList(Command.STOP_N_ACK);
      case "ready":
      case "testing":
        if (size > 0) this.#unexpected();
        return false;
      default:
        return false;
    }
  }

  #unexpected(): void {
    this.#why = "unexpected";
    this.#do("unexpected");
  }

  #handleGreeting(): boolean {
    const { view, size } = this.#inbox;
    if (size < SIZE.GREETING) return false;
    this.#greeting = readGreeting(view, 0);
    this.#inbox.drop(SIZE.GREETING);
    const { modes, count } = this.#greeting;
    this.#offered = modes;
    this.#events.push({ type: "greeted", modes, count });
    this.#do(this.#judgeGreeting());
    return true;
  }

  #judgeGreeting(): ClientInput {
    const { modes, extensions, required, mostCount } = this.#options;
    const { modes: offered, count } = this.#greeting!;
    if (offered === 0) {
      this.#why = "not-welcome";
      return "greeting-none";
    }
    const security = modes.find((mode) => (offered & mode) !== 0);
    if (security === undefined || (required & ~offered) !== 0) {
      this.#why = security === undefined ? "no-mode" : "no-extension";
      return "greeting-unsuitable";
    }
    this.#mode = security | (extensions & offered & EXTENSIONS);
    if (security === Mode.OPEN) return "greeting-open";
    // That it MUST be a power of two (RFC 4656 section 3.1) is the server's to keep: any number between is derived as well.
    if (count >= LEAST_COUNT && count <= mostCount) return "greeting-keyed";
    this.#why = "count";
    return "greeting-count";
  }

  #handleServerStart(): boolean {
    const { view, octets, size } = this.#inbox;
    if (size < SIZE.SERVER_START) return false;
    const clear = readServerStart(view, 0);
    this.#accept = clear.accept;
    if (clear.accept !== Accept.OK) {
      this.#why = "refused";
      this.#do("server-refuses");
      return false;
    }
    if (this.#keys !== undefined) {
      this.#reader = new SealedReader(this.#keys, clear.serverIv);
      this.#writer = new SealedWriter(this.#keys, this.#clientIv);
      this.#reader.decrypt(view, SIZE.SERVER_START - BLOCK, 1);
      this.#reader.cover(octets, SIZE.SERVER_START - BLOCK, SIZE.SERVER_START);
    }
    const { startTime } = readServerStart(view, 0);
    this.#inbox.drop(SIZE.SERVER_START);
    this.#events.push({ type: "ready", mode: this.#mode, startTime });
    this.#do("server-start");
    return true;
  }

  /** Opens a message of `length` octets and hands it on; false if it is not whole or not genuine. */
  #handleSealed(length: number, handle: () => void): boolean {
    const { view, octets, size } = this.#inbox;
    if (size < length) return false;
    const opened = this.#length === 0 ? 0 : 1;
    this.#reader?.decrypt(view, opened * BLOCK, length / BLOCK - opened);
    this.#length = 0;
    if (this.#reader?.isGenuine(octets, 0, length) === false) {
      this.#why = "hmac-wrong";
      this.#do("bad-mac");
      return false;
    }
    handle();
    this.#inbox.drop(length);
    return true;
  }

  #handleAccept(): void {
    const answer = readAcceptSession(this.#inbox.view, 0);
    const { accept, port, sid, reflectedOctets, serverOctets } = answer;
    if (accept === Accept.OK) {
      if (!this.#isPossible(answer)) {
        this.#why = "bad-answer";
        return this.#do("bad-answer");
      }
      this.#accepted.add(sidText(sid));
      this.#events.push({ type: "accepted", sid, port, reflectedOctets, serverOctets });
    } else this.#events.push({ type: "rejected", accept });
    this.#do(this.#running.size > 0 ? "accepted-testing" : "accepted");
  }

  /** A session without a port cannot be tested, and one of two with the same SID not be stopped. */
  #isPossible({ port, sid, reflectedOctets }: AcceptSession): boolean {
    const text = sidText(sid);
    if (port === 0 || this.#accepted.has(text) || this.#running.has(text)) return false;
    // RFC 6038 section 4.3: it "SHALL contain the octets" of the request.
    return (this.#mode & Mode.REFLECT) === 0 || reflectedOctets === this.#octetsToReflect;
  }

  #handleStartAck(): void {
    const accept = readAck(this.#inbox.view, 0);
    this.#started(accept, [...this.#awaited]);
    this.#do(accept === Accept.OK ? "started" : "start-refused");
  }

  #started(accept: Accept, sids: readonly string[]): void {
    if (accept !== Accept.OK) this.#events.push({ type: "not-started", accept, sids });
    else {
      for (const sid of sids) {
        this.#accepted.delete(sid);
        this.#running.add(sid);
      }
      this.#events.push({ type: "started", sids });
    }
  }

  #stopped(sids: readonly string[]): void {
    for (const sid of sids) this.#running.delete(sid);
    this.#events.push({ type: "stopped", sids });
  }

  /** One of the acknowledgements of Start-N-Sessions or Stop-N-Sessions, which may come in several. */
  #handleList(command: number): boolean {
    const { view, size } = this.#inbox;
    if (this.#length === 0) {
      if (size < BLOCK) return false;
      this.#reader?.decrypt(view, 0, 1);
      const count = sessionCount(view, 0, command);
      if (view.getUint8(0) !== command || count === 0 || count > this.#awaited.size) {
        this.#unexpected();
        return false;
      }
      this.#length = 2 * BLOCK + count * BLOCK;
    }
    const length = this.#length;
    return this.#handleSealed(length, () => this.#handleAcknowledged(command, length));
  }

  #handleAcknowledged(command: number, length: number): void {
    const list = readSessionList(this.#inbox.view, 0, length);
    const sids = list.sids.map(sidText);
    if (new Set(sids).size !== sids.length || sids.some((sid) => !this.#awaited.has(sid))) {
      return this.#unexpected();
    }
    for (const sid of sids) this.#awaited.delete(sid);
    if (command === Command.START_N_ACK) this.#started(list.accept, sids);
    else if (list.accept === Accept.OK) this.#stopped(sids);
    else this.#events.push({ type: "not-stopped", accept: list.accept, sids });
    const runs = this.#running.size > 0;
    if (this.#awaited.size > 0) this.#do("ack-partial");
    else if (command === Command.START_N_ACK) this.#do(runs ? "started" : "start-refused");
    else this.#do(runs ? "stopped-n" : "stopped-n-all");
  }

  // ── transitions ───────────────────────────────────────────────────────────

  #do(input: ClientInput): void {
    const before = this.#state;
    const [action, next] = rowFor(CLIENT, before, input);
    this.#state = next;
    this.#until = this.#now + this.#options.timeout;
    this.#act(action);
    if (next === "closed") {
      this.#events.push({ type: "closed", why: this.#why, accept: this.#accept, state: before });
    }
  }

  #act(action: ClientAction): void {
    switch (action) {
      case "chooseOpen":
        this.#out.push(writeSetUpResponse(unkeyed(this.#mode)));
        return;
      case "decline":
        this.#out.push(writeSetUpResponse(unkeyed(0)));
        return;
      case "deriveKey": {
        const { salt, count } = this.#greeting!;
        this.#events.push({ type: "key-wanted", salt, count });
        return;
      }
      case "chooseKeyed":
        this.#out.push(this.#message);
        return;
      case "sendRequest":
      case "sendStart":
      case "sendStop":
      case "sendStopN":
        this.#writer?.seal(this.#message);
        this.#out.push(this.#message);
        return;
      case "begin":
      case "report":
      case "refused":
      case "fail":
      case "hangUp":
        return;
    }
  }
}

function unkeyed(mode: number) {
  return { mode, keyId: "", token: new Uint8Array(4 * BLOCK), clientIv: new Uint8Array(BLOCK) };
}
