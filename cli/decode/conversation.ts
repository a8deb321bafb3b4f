/**
 * A control conversation split into its messages: what one is, only its place in the conversation tells (RFC 4656
 * section 3, RFC 5357 section 3).
 *
 * @module
 */
import type { ControlKeys } from "../../core/control/keys.ts";
import { SealedReader } from "../../core/control/sealed_stream.ts";
import {
  Accept,
  Command,
  CONTROL_BLOCK,
  type Greeting,
  lengthOf,
  Mode,
  readGreeting,
  readServerStart,
  readSetUpResponse,
  SECURITY_MODES,
  SERVER_START_CLEAR,
  SIZE,
  TOO_LONG,
} from "../../core/wire/control.ts";
import { type ControlKind, kindOfCommand } from "../../core/wire/control_kinds.ts";
import { isZero } from "../../core/wire/guess.ts";
import { findKeys, type Secrets } from "./control_keys.ts";
import type { OctetQueue } from "./octet_queue.ts";

/** A message, in clear as far as it can be, or something to be said of its direction. */
export interface Part {
  readonly fromServer: boolean;
  /** Undefined if there is only something to say. */
  readonly message: { readonly kind: ControlKind; readonly octets: Uint8Array } | undefined;
  /** What the HMAC is; undefined where there are no keys. */
  readonly genuine: boolean | undefined;
  /** Where the octets begin that could not be decrypted. */
  readonly sealedFrom: number;
  readonly note: string | undefined;
}

/** SIDs that a message may have. */
const MOST_SESSIONS = 4096;
/** Octets in front of Modes, which are not used. */
const UNUSED = 12;

/** One direction as it is read. */
interface Side {
  readonly fromServer: boolean;
  readonly queue: OctetQueue;
  reader: SealedReader | undefined;
  /** First block of a message whose rest has not come. */
  head: Uint8Array | undefined;
  /** Nothing more is read. */
  over: boolean;
}

/** Both directions of one connection. */
export class Conversation {
  readonly #server: Side;
  readonly #client: Side;
  readonly #secrets: Secrets | undefined;
  readonly #fromStart: () => boolean;
  #greeting: Greeting | undefined;
  #mode: number | undefined;
  /** In keyed modes; words if there are none. */
  #keys: ControlKeys | string | undefined;
  #started = false;
  /** What the server is to answer with next. */
  readonly #expected: ("accept-session" | "start-ack")[] = [];
  #parts: Part[] = [];

  /** `fromStart`: whether the server's first octets are known to be its first. */
  constructor(server: OctetQueue, client: OctetQueue, fromStart: () => boolean, secrets: Secrets | undefined) {
    this.#server = { fromServer: true, queue: server, reader: undefined, head: undefined, over: false };
    this.#client = { fromServer: false, queue: client, reader: undefined, head: undefined, over: false };
    this.#fromStart = fromStart;
    this.#secrets = secrets;
  }

  /** What the octets that have come make; each once. */
  read(): Part[] {
    while (this.#readServer() || this.#readClient());
    for (const side of [this.#server, this.#client]) if (side.over) side.queue.take(side.queue.size);
    return this.#parts.splice(0);
  }

  /** Whether the greeting was seen. */
  get begun(): boolean {
    return this.#greeting !== undefined;
  }

  /** Octets of a direction that are no whole message. */
  rest(fromServer: boolean): number {
    const side = fromServer ? this.#server : this.#client;
    return side.over ? 0 : side.queue.size + (side.head?.length ?? 0);
  }

  #readServer(): boolean {
    const side = this.#server;
    if (side.over) return false;
    if (this.#greeting === undefined) return this.#readGreeting();
    if (!this.#started) return this.#readServerStart();
    if (!this.#readHead(side)) return false;
    const first = side.head![0];
    const lists = (this.#mode! & Mode.INDIVIDUAL) !== 0;
    if (lists && (first === Command.START_N_ACK || first === Command.STOP_N_ACK)) {
      return this.#readCommand(side, first);
    }
    const kind = this.#expected[0];
    if (kind === undefined) return false;
    const octets = this.#readRest(side, kind === "start-ack" ? SIZE.ACK : SIZE.ACCEPT);
    if (octets === undefined) return false;
    this.#expected.shift();
    this.#message(side, kind, octets);
    return true;
  }

  #readClient(): boolean {
    const side = this.#client;
    if (side.over || this.#greeting === undefined) return false;
    if (this.#mode === undefined) return this.#readSetUp();
    if (!this.#readHead(side)) return false;
    return this.#readCommand(side, side.head![0]);
  }

  #readGreeting(): boolean {
    const side = this.#server;
    if (side.queue.size < SIZE.GREETING) return false;
    const octets = side.queue.take(SIZE.GREETING);
    if (!isZero(viewOf(octets), 0, UNUSED)) {
      const why = this.#fromStart() ? "it does not begin with a greeting" : "its beginning is not in the capture";
      this.#end(`not split into messages: ${why}`);
      return false;
    }
    this.#greeting = readGreeting(viewOf(octets), 0);
    this.#part(side, { kind: "server-greeting", octets });
    return true;
  }

  #readSetUp(): boolean {
    const side = this.#client;
    if (side.queue.size < SIZE.SET_UP) return false;
    const octets = side.queue.take(SIZE.SET_UP);
    const response = readSetUpResponse(viewOf(octets), 0);
    this.#mode = response.mode;
    this.#part(side, { kind: "set-up-response", octets });
    if ((response.mode & SECURITY_MODES) === 0) this.#end("the client does not go on: it took no mode");
    else if ((response.mode & Mode.OPEN) === 0) {
      const keys = findKeys(this.#greeting!, response, this.#secrets);
      if (typeof keys === "string") {
        side.over = true;
        this.#note(side, keys);
      } else side.reader = new SealedReader(keys, response.clientIv);
      this.#keys = keys;
    }
    return true;
  }

  #readServerStart(): boolean {
    const side = this.#server;
    if (this.#mode === undefined || side.queue.size < SIZE.SERVER_START) return false;
    const octets = side.queue.take(SIZE.SERVER_START);
    const { accept, serverIv } = readServerStart(viewOf(octets), 0);
    const keys = this.#keys;
    this.#started = true;
    // With a refusal nothing is sealed (RFC 4656 section 3.1).
    const sealed = keys !== undefined && accept === Accept.OK;
    if (sealed && typeof keys !== "string") {
      side.reader = new SealedReader(keys, serverIv);
      side.reader.decrypt(viewOf(octets), SERVER_START_CLEAR, 1);
      side.reader.cover(octets, SERVER_START_CLEAR, octets.length);
    }
    const closed = sealed && typeof keys === "string";
    this.#part(side, { kind: "server-start", octets }, undefined, closed ? SERVER_START_CLEAR : Infinity);
    if (accept !== Accept.OK) this.#end(undefined);
    else if (closed) side.over = true;
    return true;
  }

  /** A message that says itself what it is. */
  #readCommand(side: Side, command: number): boolean {
    const length = lengthOf(command, viewOf(side.head!), 0, MOST_SESSIONS);
    if (length === undefined || length === TOO_LONG) {
      side.over = true;
      const why = length === undefined ? `command ${command} is unknown` : `command ${command} says too many sessions`;
      this.#note(side, `${why}: what follows cannot be split into messages`);
      this.#expected.push("accept-session");
      return false;
    }
    const octets = this.#readRest(side, length);
    if (octets === undefined) return false;
    const kind = kindOfCommand(command);
    if (kind !== undefined) this.#message(side, kind, octets);
    else {
      side.reader?.isGenuine(octets, 0, length);
      this.#note(side, `command ${command}, ${length} octets: it is not one of TWAMP's`);
    }
    if (!side.fromServer) this.#expect(command);
    return true;
  }

  #expect(command: number): void {
    if (command === Command.START) this.#expected.push("start-ack");
    else if (command !== Command.STOP && command !== Command.START_N && command !== Command.STOP_N) {
      this.#expected.push("accept-session");
    }
  }

  #readHead(side: Side): boolean {
    if (side.head !== undefined) return true;
    if (side.queue.size < CONTROL_BLOCK) return false;
    side.head = side.queue.take(CONTROL_BLOCK);
    side.reader?.decrypt(viewOf(side.head), 0, 1);
    return true;
  }

  /** The whole message of `length` octets, decrypted; undefined if its rest has not come. */
  #readRest(side: Side, length: number): Uint8Array | undefined {
    const rest = length - CONTROL_BLOCK;
    if (side.queue.size < rest) return undefined;
    const octets = new Uint8Array(length);
    octets.set(side.head!);
    octets.set(side.queue.take(rest), CONTROL_BLOCK);
    side.reader?.decrypt(viewOf(octets), CONTROL_BLOCK, rest / CONTROL_BLOCK);
    side.head = undefined;
    return octets;
  }

  #message(side: Side, kind: ControlKind, octets: Uint8Array): void {
    this.#part(side, { kind, octets }, side.reader?.isGenuine(octets, 0, octets.length));
  }

  #part({ fromServer }: Side, message: Part["message"], genuine?: boolean, sealedFrom = Infinity): void {
    this.#parts.push({ fromServer, message, genuine, sealedFrom, note: undefined });
  }

  #note({ fromServer }: Side, note: string): void {
    this.#parts.push({ fromServer, message: undefined, genuine: undefined, sealedFrom: Infinity, note });
  }

  #end(note: string | undefined): void {
    if (note !== undefined) this.#note(this.#server, note);
    this.#server.over = this.#client.over = true;
  }
}

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.length);
}
