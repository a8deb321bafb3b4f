/**
 * Sends one datagram and collects what comes back, politely: bounded in datagrams, in rate and in time.
 *
 * @module
 */
import { formatAddress, formatEndpoint } from "../../../core/address.ts";
import { type Batch, PEER_PORT, PEER_SIZE, SlotFlag } from "../../../core/batch.ts";
import type { Clock, Mono, Nanos } from "../../../core/time/clock.ts";
import type { DatagramSocket } from "../../../core/transport.ts";
import { REFLECTOR, SENDER } from "../../../core/wire/test_packet.ts";
import { putNtp } from "../../../core/wire/timestamp.ts";
import type { Answer, Asked, Protocol, TrialId } from "./evidence.ts";
import { field } from "./packets.ts";

/** How much is asked of a far end that did not invite us. */
export interface Limits {
  readonly datagrams: number;
  readonly gapNs: Nanos;
  readonly timeNs: Nanos;
}

export const LIMITS: Limits = { datagrams: 400, gapNs: 20e6, timeNs: 60e9 };
/** Answers to one question that are kept; more are a flood. */
const MOST_ANSWERS = 16;
/** Before anything is known of the path. */
const PATIENCE_NS = 1e9;
const LEAST_PATIENCE_NS = 150e6;

/** What is left may be spent no more: the trials end, and what is known is told. */
export class Spent extends Error {
  override readonly name = "Spent";
}

/** A question. */
export interface Question {
  readonly trial: TrialId;
  readonly protocol: Protocol;
  readonly detail?: string;
  readonly octets: Uint8Array;
  /** Leaves T1 as it is in `octets`. */
  readonly stamped?: boolean;
}

/** A socket to ask through, and what it sets in the IP header. */
export interface Line {
  readonly socket: DatagramSocket;
  readonly peer: Uint8Array;
  readonly tos: number | null;
  readonly ttl: number | null;
}

interface Open extends Omit<Asked, "answers"> {
  readonly answers: Answer[];
  readonly at: Mono;
}

/** One examination's datagrams, over one or more sockets. */
export class Exchange {
  readonly asked: Asked[] = [];
  strays = 0;
  readonly #clock: Clock;
  readonly #target: string;
  readonly #ends: Mono;
  readonly #limits: Limits;
  readonly #bySeq = new Map<number, Open>();
  readonly #batches = new Map<Line, { tx: Batch; rx: Batch }>();
  #last: Open | undefined;
  #next: Mono = 0;
  #slowest: Nanos = 0;

  /** `host` as {@linkcode formatAddress} writes it. */
  constructor(clock: Clock, host: string, port: number, limits: Limits = LIMITS) {
    this.#clock = clock;
    this.#limits = limits;
    this.#target = formatEndpoint(host, port);
    this.#ends = clock.mono() + limits.timeNs;
  }

  get sent(): number {
    return this.asked.length;
  }

  /** How long a reply is waited for: some round trips, once there was one. */
  get patienceNs(): Nanos {
    if (this.#slowest === 0) return PATIENCE_NS;
    return Math.min(PATIENCE_NS, Math.max(LEAST_PATIENCE_NS, 100e6 + 4 * this.#slowest));
  }

  /** Sends a datagram once it may leave, and waits for the first that comes back. */
  async ask(line: Line, question: Question, restNs: Nanos = 0): Promise<Asked> {
    await this.#collect(line, this.#next + restNs, () => false);
    if (this.sent >= this.#limits.datagrams) throw new Spent(`${this.#limits.datagrams} datagrams were sent`);
    if (this.#clock.mono() > this.#ends) throw new Spent("it took too long");
    const open = await this.#send(line, question);
    if (!open.unsent) await this.#collect(line, open.at + this.patienceNs, () => open.answers.length > 0);
    return open;
  }

  /** Listens for what comes late, or twice. */
  async listen(line: Line, forNs: Nanos): Promise<void> {
    await this.#collect(line, this.#clock.mono() + forNs, () => false);
  }

  async #send(line: Line, { trial, protocol, detail = "", octets, stamped = false }: Question): Promise<Open> {
    const { tx } = this.#batchesOf(line);
    tx.bytes.set(octets);
    tx.length[0] = octets.length;
    tx.count = 1;
    tx.peer.set(line.peer);
    const at = this.#clock.mono();
    const wall = new Uint32Array(2);
    const left = await line.socket.send(tx, () => {
      this.#clock.wall(wall, 0);
      if (!stamped && octets.length >= SENDER.TIME + 8) putNtp(tx.view, SENDER.TIME, wall[0], wall[1]);
    });
    this.#next = at + this.#limits.gapNs;
    const open: Open = {
      trial,
      protocol,
      detail,
      octets: tx.bytes.slice(0, octets.length),
      tos: line.tos,
      ttl: line.ttl,
      port: line.socket.address.port,
      unsent: left === 0,
      answers: [],
      at,
    };
    const seq = field(octets, SENDER.SEQ, 4);
    if (seq !== undefined) this.#bySeq.set(seq, open);
    this.#last = open;
    this.asked.push(open);
    return open;
  }

  async #collect(line: Line, until: Mono, enough: () => boolean): Promise<void> {
    const { rx } = this.#batchesOf(line);
    while (!enough()) {
      const count = await line.socket.receive(rx, until);
      for (let slot = 0; slot < count; slot++) this.#take(rx, slot);
      // A flood keeps this from sleeping, not from ending.
      if (this.#clock.mono() >= until) return;
    }
  }

  #take(rx: Batch, slot: number): void {
    const start = slot * rx.stride;
    const octets = rx.bytes.slice(start, start + Math.min(rx.length[slot], rx.stride));
    const peer = slot * PEER_SIZE;
    const from = formatEndpoint(
      formatAddress(rx.peer, peer),
      (rx.peer[peer + PEER_PORT] << 8) | rx.peer[peer + PEER_PORT + 1],
    );
    const open = this.#questionOf(octets, from);
    if (open === undefined || open.answers.length >= MOST_ANSWERS) {
      this.strays++;
      return;
    }
    const roundNs = this.#clock.mono() - open.at;
    if (open.answers.length === 0) this.#slowest = Math.max(this.#slowest, roundNs);
    open.answers.push({
      octets,
      from,
      sameSource: from === this.#target,
      roundNs,
      stamp: [rx.stamp[2 * slot], rx.stamp[2 * slot + 1]],
      ttl: rx.flags[slot] & SlotFlag.IP_HEADER ? rx.ttl[slot] : null,
      tos: rx.flags[slot] & SlotFlag.TOS ? rx.tos[slot] : null,
    });
  }

  /** By the number that a reply returns; what returns none answers the last question, if it is the far end's. */
  #questionOf(octets: Uint8Array, from: string): Open | undefined {
    // One without a number cannot be named by its answer.
    const last = this.#last;
    if (last !== undefined && last.octets.length < 4 && last.answers.length === 0 && from === this.#target) return last;
    const seq = field(octets, REFLECTOR.SENDER_SEQ, 4);
    const named = seq === undefined ? undefined : this.#bySeq.get(seq);
    if (named !== undefined) return named;
    return from === this.#target ? this.#last : undefined;
  }

  #batchesOf(line: Line): { tx: Batch; rx: Batch } {
    let made = this.#batches.get(line);
    if (made === undefined) {
      made = { tx: line.socket.createBatch(), rx: line.socket.createBatch() };
      this.#batches.set(line, made);
    }
    return made;
  }
}
