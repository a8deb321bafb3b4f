/**
 * The Server of TWAMP-Control (RFC 5357 section 3, RFC 5938) as a machine: octets and answers in, octets and events out.
 * It opens no socket, reads no clock and has no randomness of its own. What is done when stands in `table.ts`.
 *
 * After every `handle*`, drain `pollTransmit` and `pollEvent`.
 *
 * @module
 */
import type { Mono } from "../time/clock.ts";
import {
  Accept,
  Command,
  lengthOf,
  type ListCommand,
  Mode,
  readRequest,
  readSessionList,
  readSetUpResponse,
  readStop,
  SECURITY_MODES,
  type SessionRequest,
  SIZE,
  TOO_LONG,
  writeAcceptSession,
  writeAck,
  writeGreeting,
  writeServerStart,
  writeSessionList,
} from "../wire/control.ts";
import { Inbox } from "./inbox.ts";
import { type ControlKeys, openToken } from "./keys.ts";
import { SealedReader, SealedWriter } from "./sealed_stream.ts";
import { EXTENSIONS, octetsOfSid, SID_SIZE, sidText } from "./session_id.ts";
import { ServerSessions } from "./server_sessions.ts";
import type { ControlServerEvent, ControlServerOptions, ServerEnd, SessionAnswer } from "./server_types.ts";
import { rowFor, SERVER, type ServerAction, type ServerInput, type ServerState } from "./table.ts";

const NO_SID = new Uint8Array(SID_SIZE);
/** Commands that may wait while one is answered, besides the longest one. */
const WAITING = 4096;
const BLOCK = 16;

/** One connection. */
export class ControlServer {
  readonly #options: ControlServerOptions;
  readonly #inbox: Inbox;
  readonly #events: ControlServerEvent[] = [];
  readonly #out: Uint8Array[] = [];
  readonly #challenge: Uint8Array;
  readonly #salt: Uint8Array;
  readonly #sessions: ServerSessions;
  #state: ServerState = SERVER.initial;
  #mode = 0;
  #keyId: string | undefined;
  #token: Uint8Array = NO_SID;
  #clientIv: Uint8Array = NO_SID;
  #keys: ControlKeys | undefined;
  #reader: SealedReader | undefined;
  #writer: SealedWriter | undefined;
  #request: SessionRequest | undefined;
  /** Octets that the message under way has; 0 while its first block is not there. */
  #length = 0;
  #list: readonly string[] = [];
  #lastHeard: Mono;
  #began: Mono = Infinity;
  readonly #setUpUntil: Mono;
  /** Set by the program: a set-up is refused, because there is no room (Accept 4 or 5). */
  refusal: Accept = Accept.OK;

  constructor(now: Mono, options: ControlServerOptions) {
    this.#options = options;
    this.#sessions = new ServerSessions(options.sessions);
    this.#inbox = new Inbox(WAITING + BLOCK + SID_SIZE * Math.max(options.sessions, 9) + BLOCK);
    this.#challenge = options.random(16);
    this.#salt = options.random(16);
    this.#lastHeard = now;
    this.#setUpUntil = now + options.setUpTimeout;
    const { modes, count } = options;
    this.#out.push(writeGreeting({ modes, challenge: this.#challenge, salt: this.#salt, count }));
    if (modes === 0) this.#close("not-welcome");
  }

  get state(): ServerState {
    return this.#state;
  }
  /** Bits of `Mode` that the client chose; 0 before. */
  get mode(): number {
    return this.#mode;
  }
  get keyId(): string | undefined {
    return this.#keyId;
  }
  /** Keys of the connection, from which those of its sessions are derived; undefined in open mode. */
  get keys(): ControlKeys | undefined {
    return this.#keys;
  }
  /** Whether it is past its set-up: only then it counts against the limits. */
  get isSetUp(): boolean {
    return this.#state !== "greeted" && this.#state !== "deriving" && this.#state !== "closed";
  }

  pollTransmit(): Uint8Array | undefined {
    return this.#out.shift();
  }
  pollEvent(): ControlServerEvent | undefined {
    return this.#events.shift();
  }

  /** When something is over unless something comes; `Infinity` where nothing is awaited. */
  pollTimeout(): Mono {
    switch (this.#state) {
      case "greeted":
      case "deriving":
        return this.#setUpUntil;
      case "ready":
        return Math.min(this.#lastHeard + this.#options.servwait, this.#messageUntil());
      case "testing":
        return this.#messageUntil();
      default:
        return Infinity;
    }
  }

  #messageUntil(): Mono {
    return this.#began + this.#options.messageTimeout;
  }

  handleTimeout(now: Mono): void {
    if (now < this.pollTimeout()) return;
    const isSlow = this.#state === "greeted" || this.#state === "deriving" || now >= this.#messageUntil();
    this.#do(isSlow ? "slow" : "silence");
  }

  handleBytes(now: Mono, octets: Uint8Array): void {
    if (this.#state === "closed") return;
    this.#lastHeard = now;
    if (!this.#inbox.add(octets)) return this.#do("too-much");
    this.#read(now);
  }

  /** The client closed its side, or the connection broke. */
  handleEnd(_now: Mono): void {
    if (this.#state !== "closed") this.#do("end");
  }

  /** The key derived from the secret of the KeyID; of some random secret where there is none, so that both take as long. */
  handleKey(now: Mono, derived: Uint8Array, isKnown: boolean): void {
    if (this.#state !== "deriving") return;
    const keys = openToken(derived, this.#token, this.#challenge);
    this.#keys = isKnown ? keys : undefined;
    this.#do(this.#keys === undefined ? "key-wrong" : "key-right");
    this.#read(now);
  }

  /** Answers the `requested` event; false if the client is gone. */
  answer(now: Mono, answer: SessionAnswer): boolean {
    if (this.#state === "closed") return false;
    const { accept, port, sid, serverOctets } = answer;
    const isReflecting = (this.#mode & Mode.REFLECT) !== 0 && accept === Accept.OK;
    if (accept === Accept.OK) this.#sessions.accept(sidText(sid));
    this.#send(writeAcceptSession({
      accept,
      port: accept === Accept.OK ? port : 0,
      sid: accept === Accept.OK ? sid : NO_SID,
      reflectedOctets: isReflecting ? this.#request!.octetsToReflect : 0,
      serverOctets: isReflecting ? serverOctets : 0,
    }));
    this.#request = undefined;
    this.#do(this.#sessions.any("started") ? "answer-testing" : "answer");
    this.#read(now);
    return true;
  }

  /** Test sessions that ended by themselves (REFWAIT): when all have, the connection may fall silent no longer. */
  handleSessionsOver(now: Mono, sids: readonly string[]): void {
    this.#sessions.end(sids);
    if (this.#state !== "testing" || this.#sessions.any("started")) return;
    this.#lastHeard = now;
    this.#do("sessions-over");
  }

  /** Ends the connection from our side. */
  shutdown(): void {
    if (this.#state !== "closed") this.#do("shutdown");
  }

  // ── messages in ───────────────────────────────────────────────────────────

  /** Handles all that is whole, as far as answers are not awaited. */
  #read(now: Mono): void {
    while (this.#handleNext()) this.#began = Infinity;
    this.#began = this.#inbox.size === 0 ? Infinity : Math.min(this.#began, now);
  }

  /** Handles one message; false if there is none that can be handled now. */
  #handleNext(): boolean {
    switch (this.#state) {
      case "greeted":
        return this.#handleSetUp();
      case "ready":
      case "testing":
        return this.#handleCommand();
      default:
        return false;
    }
  }

  #handleSetUp(): boolean {
    const { view, size } = this.#inbox;
    if (size < SIZE.SET_UP) return false;
    const { mode, keyId, token, clientIv } = readSetUpResponse(view, 0);
    this.#inbox.drop(SIZE.SET_UP);
    this.#mode = mode;
    this.#token = token;
    this.#clientIv = clientIv;
    const input = this.#judgeSetUp(mode);
    if (input === "set-up-keyed") this.#keyId = keyId;
    this.#do(input);
    return true;
  }

  #judgeSetUp(mode: number): ServerInput {
    const security = mode & SECURITY_MODES;
    const { modes } = this.#options;
    if (security === 0) return "set-up-none";
    const isOne = (security & (security - 1)) === 0;
    // Bits that nobody has assigned are ignored (RFC 4656 section 3.1); of an extension both must know.
    if (!isOne || (modes & security) === 0 || (mode & EXTENSIONS & ~modes) !== 0) return "set-up-unsupported";
    this.#mode = mode & (SECURITY_MODES | EXTENSIONS);
    if (this.refusal !== Accept.OK) return "set-up-refused";
    return security === Mode.OPEN ? "set-up-open" : "set-up-keyed";
  }

  #handleCommand(): boolean {
    const { view, octets, size } = this.#inbox;
    if (this.#length === 0) {
      if (size < BLOCK) return false;
      this.#reader?.decrypt(view, 0, 1);
      const length = lengthOf(view.getUint8(0), view, 0, this.#options.sessions);
      if (length === undefined) return this.#refuseUnknown(view.getUint8(0));
      if (length === TOO_LONG) return this.#broken("too-much");
      this.#length = length;
    }
    const length = this.#length;
    if (size < length) return false;
    this.#reader?.decrypt(view, BLOCK, length / BLOCK - 1);
    if (this.#reader?.isGenuine(octets, 0, length) === false) return this.#broken("bad-mac");
    this.#length = 0;
    this.#dispatch(view, length);
    this.#inbox.drop(length);
    return true;
  }

  #refuseUnknown(command: number): boolean {
    this.#events.push({ type: "refused", command });
    return this.#broken("unknown");
  }

  #broken(input: ServerInput): boolean {
    this.#do(input);
    return false;
  }

  #dispatch(view: DataView, length: number): void {
    const command = view.getUint8(0);
    const isIndividual = (this.#mode & Mode.INDIVIDUAL) !== 0;
    const isTesting = this.#state === "testing";
    switch (command) {
      case Command.REQUEST:
        // While testing, Stop-Sessions is the only command (RFC 4656 section 3.4), unless sessions are controlled one by one.
        if (isTesting && !isIndividual) break;
        this.#request = readRequest(view, 0);
        return this.#do("request");
      case Command.START:
        // RFC 5938 section 3.1: with individual control, commands 2 and 3 are not used.
        if (isIndividual || isTesting) break;
        return this.#do(this.#sessions.any("accepted") ? "start" : "start-nothing");
      case Command.STOP: {
        if (isIndividual) break;
        const { sessions } = readStop(view, 0);
        return this.#do(sessions === this.#sessions.started ? "stop" : "stop-miscounted");
      }
      case Command.START_N:
      case Command.STOP_N: {
        this.#list = readSessionList(view, 0, length).sids.map(sidText);
        // The number of SIDs MUST be one or greater in the command, and in its acknowledgement too (RFC 5938 sections 3.2
        // to 3.5): to none the refusal of all other commands is what can be said.
        if (!isIndividual || this.#list.length === 0) break;
        return command === Command.START_N ? this.#judgeStartN() : this.#judgeStopN();
      }
    }
    this.#events.push({ type: "refused", command });
    this.#do("forbidden");
  }

  #judgeStartN(): void {
    const [[, startable]] = this.#sessions.startable(this.#list);
    const runs = this.#sessions.any("started") || startable.length > 0;
    this.#do(runs ? "start-n" : "start-n-nothing");
  }

  #judgeStopN(): void {
    this.#do(this.#sessions.runsBeside(this.#list) ? "stop-n" : "stop-n-all");
  }

  // ── transitions ───────────────────────────────────────────────────────────

  #do(input: ServerInput): void {
    const [action, next] = rowFor(SERVER, this.#state, input);
    this.#state = next;
    this.#act(action, input);
  }

  #act(action: ServerAction, input: ServerInput): void {
    switch (action) {
      case "acceptSetUp":
        return this.#acceptSetUp();
      case "deriveKey":
        this.#events.push({
          type: "key-wanted",
          keyId: this.#keyId!,
          salt: this.#salt,
          count: this.#options.count,
        });
        return;
      case "refuseMode":
        return this.#refuseSetUp(Accept.UNSUPPORTED, "mode-not-offered");
      case "refuseKey":
        return this.#refuseSetUp(Accept.FAILURE, "key-wrong");
      case "refuseRoom":
        return this.#refuseSetUp(this.refusal, "no-room");
      case "ask":
        this.#events.push({ type: "requested", request: this.#request! });
        return;
      case "startAll":
        this.#send(writeAck(Accept.OK));
        return this.#start(this.#sessions.which("accepted"));
      case "refuseStart":
        this.#send(writeAck(Accept.UNSUPPORTED));
        return;
      case "startSome":
        return this.#startSome();
      case "stopAll":
        return this.#stopped(this.#sessions.stopAll());
      case "stopSome":
        return this.#stopSome();
      case "refuseCommand":
        return this.#refuseCommand();
      case "refuseAndHangUp":
        this.#refuseCommand();
        return this.#close("unknown-command");
      case "hangUp":
        return this.#close(WHY[input]!);
      case "answer":
      case "watch":
        return;
    }
  }

  #acceptSetUp(): void {
    const serverIv = this.#options.random(16);
    const start = writeServerStart({ accept: Accept.OK, serverIv, startTime: this.#options.startTime });
    if (this.#keys !== undefined) {
      this.#reader = new SealedReader(this.#keys, this.#clientIv);
      this.#writer = new SealedWriter(this.#keys, serverIv);
      this.#writer.sealUncovered(start, SIZE.SERVER_START - BLOCK);
    }
    this.#out.push(start);
    this.#events.push({ type: "set-up", mode: this.#mode, keyId: this.#keyId });
  }

  #refuseSetUp(accept: Accept, why: ServerEnd): void {
    this.#out.push(writeServerStart({ accept, serverIv: NO_SID, startTime: new Uint32Array(2) }));
    this.#close(why);
  }

  #refuseCommand(): void {
    const refused = { accept: Accept.UNSUPPORTED, port: 0, sid: NO_SID, reflectedOctets: 0, serverOctets: 0 };
    this.#send(writeAcceptSession(refused));
  }

  /** Those that are started by it, and those that cannot be, in an acknowledgement each (RFC 5938 section 3.3). */
  #startSome(): void {
    const split = this.#sessions.startable(this.#list);
    for (const [accept, sids] of split) this.#acknowledge(Command.START_N_ACK, accept, sids);
    this.#start(split[0][1]);
  }

  #stopSome(): void {
    const split = this.#sessions.stoppable(this.#list);
    for (const [accept, sids] of split) this.#acknowledge(Command.STOP_N_ACK, accept, sids);
    this.#sessions.remove(split[0][1]);
    this.#stopped(split[0][1]);
  }

  #acknowledge(command: ListCommand, accept: Accept, sids: readonly string[]): void {
    if (sids.length === 0) return;
    this.#send(writeSessionList(command, { accept, sids: sids.map(octetsOfSid) }));
  }

  #start(sids: readonly string[]): void {
    this.#sessions.mark(sids, "started");
    if (sids.length > 0) this.#events.push({ type: "started", sids });
  }

  #stopped(sids: readonly string[]): void {
    if (sids.length > 0) this.#events.push({ type: "stopped", sids });
  }

  #send(message: Uint8Array): void {
    this.#writer?.seal(message);
    this.#out.push(message);
  }

  #close(why: ServerEnd): void {
    this.#state = "closed";
    const sids = this.#sessions.all;
    this.#sessions.remove(sids);
    this.#events.push({ type: "closed", why, sids });
  }
}

/** What ends a connection, by what happened. */
const WHY: Readonly<Partial<Record<ServerInput, ServerEnd>>> = {
  "set-up-none": "client-declined",
  "bad-mac": "hmac-wrong",
  "stop-miscounted": "stop-miscounted",
  "too-much": "too-much",
  end: "client-closed",
  silence: "silent",
  slow: "slow",
  shutdown: "shutdown",
};
