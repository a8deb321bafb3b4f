/**
 * The control connections of a capture: segments in, messages and notes out.
 *
 * @module
 */
import type { Segment } from "./capture.ts";
import type { Secrets } from "./control_keys.ts";
import { Conversation, type Part } from "./conversation.ts";
import { explainControl, type Explained } from "./explain_control.ts";
import type { Tcp } from "./ip.ts";
import { endpoint } from "./packet.ts";
import { TcpStream } from "./tcp_stream.ts";

/** Something to be said of one direction of a connection. */
export interface Note {
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/** Connections that are remembered; of more, the oldest are forgotten, so that memory stays bounded. */
const REMEMBERED = 1024;
/** Octets that wait for what they answer. */
const MOST_WAITING = 1 << 18;

interface Direction {
  readonly from: string;
  readonly to: string;
  readonly stream: TcpStream;
  /** Something is missing: nothing more is read. */
  broken: boolean;
}

interface Connection {
  readonly server: Direction;
  readonly client: Direction;
  readonly conversation: Conversation;
  /** Where the client's octets begin, to tell another connection of the same ports. */
  clientStart: number | undefined;
}

/** All connections to one port. */
export class Connections {
  readonly #port: number;
  readonly #secrets: Secrets | undefined;
  readonly #connections = new Map<string, Connection>();

  constructor(port: number, secrets: Secrets | undefined) {
    this.#port = port;
    this.#secrets = secrets;
  }

  /** Whether `segment` is of a connection to the port. */
  has({ sourcePort, destinationPort }: Tcp): boolean {
    return sourcePort === this.#port || destinationPort === this.#port;
  }

  /** Takes a segment, whose payload is in `view`; what has become whole by it. */
  *add(view: DataView, segment: Segment): Generator<Explained | Note> {
    const from = endpoint(segment.source, segment.sourcePort);
    const to = endpoint(segment.destination, segment.destinationPort);
    // Both may have the port: then the SYN said who is who.
    const fromServer = segment.syn
      ? segment.ack
      : segment.sourcePort === this.#port && !this.#connections.has(`${to} ${from}`);
    const [server, client] = fromServer ? [from, to] : [to, from];
    const key = `${server} ${client}`;
    let connection = this.#connections.get(key);
    if (connection === undefined || isAnother(connection, segment)) {
      if (connection !== undefined) yield* this.#close(connection);
      connection = this.#open(server, client);
      this.#connections.delete(key);
      this.#connections.set(key, connection);
      yield* this.#forget();
    }
    if (segment.syn && !segment.ack) connection.clientStart = segment.sequence;
    const direction = fromServer ? connection.server : connection.client;
    if (direction.broken) return;
    const payload = new Uint8Array(view.buffer, view.byteOffset + segment.at, segment.length);
    if (!direction.stream.add(segment, payload)) yield* this.#gap(direction);
    for (const part of connection.conversation.read()) yield this.#tell(connection, part, segment);
    if (direction.stream.ready.size > MOST_WAITING) {
      direction.broken = true;
      yield { from, to, text: `${direction.stream.ready.size} octets that answer nothing: the rest is not read` };
    }
  }

  /** What is left to be said when the capture is over. */
  *finish(): Generator<Note> {
    for (const connection of this.#connections.values()) yield* this.#close(connection);
    this.#connections.clear();
  }

  #open(server: string, client: string): Connection {
    const [down, up] = [new TcpStream(), new TcpStream()];
    return {
      server: { from: server, to: client, stream: down, broken: false },
      client: { from: client, to: server, stream: up, broken: false },
      conversation: new Conversation(down.ready, up.ready, () => down.fromStart, this.#secrets),
      clientStart: undefined,
    };
  }

  *#forget(): Generator<Note> {
    if (this.#connections.size <= REMEMBERED) return;
    const [key, oldest] = this.#connections.entries().next().value!;
    this.#connections.delete(key);
    yield* this.#close(oldest);
  }

  *#close(connection: Connection): Generator<Note> {
    const { server, client, conversation } = connection;
    for (const direction of [server, client]) if (!direction.broken) yield* this.#gap(direction);
    for (const [direction, other] of [[server, client], [client, server]]) {
      const rest = conversation.rest(direction === server);
      if (rest === 0 || direction.broken) continue;
      let what = "at the end are no whole message";
      if (!conversation.begun) what = "are of a conversation whose greeting is not in the capture";
      else if (other.broken) what = "answer what is missing, and cannot be split into messages";
      yield { from: direction.from, to: direction.to, text: `${rest} octets ${what}` };
    }
  }

  *#gap(direction: Direction): Generator<Note> {
    const { from, to, stream } = direction;
    if (stream.gap === 0) return;
    direction.broken = true;
    const text = `${stream.gap} octets are missing in the capture: what follows them cannot be split into messages`;
    yield { from, to, text };
  }

  #tell(connection: Connection, part: Part, segment: Segment): Explained | Note {
    const { from, to } = part.fromServer ? connection.server : connection.client;
    if (part.message === undefined) return { from, to, text: part.note! };
    const { octets } = part.message;
    const { number, time, ttl, tos } = segment;
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    const packet = { number, view, at: 0, length: octets.length, size: octets.length, from, to, time, ttl, tos };
    return explainControl(packet, part.message.kind, part.genuine, part.sealedFrom);
  }
}

/** A SYN of a client with another number than before: its port is used again. */
function isAnother({ clientStart }: Connection, { syn, ack, sequence }: Segment): boolean {
  return syn && !ack && clientStart !== sequence;
}
