/**
 * A control connection as a program uses it: each step is awaited, and what goes wrong is one line.
 *
 * @module
 */
import { ControlClient } from "../../core/control/client.ts";
import { LEAST_COUNT } from "../../core/control/counts.ts";
import type { ControlClientEvent, ControlClientOptions } from "../../core/control/client_types.ts";
import { formatEndpoint } from "../../core/address.ts";
import type { ByteStream } from "../../core/stream.ts";
import type { Clock } from "../../core/time/clock.ts";
import { Accept, acceptText, type SessionRequest } from "../../core/wire/control.ts";
import { Exit, Failure } from "../exit.ts";
import { deriveKey } from "./derive.ts";
import { extensionNames, SECURITY } from "./modes.ts";

type Closed = Extract<ControlClientEvent, { type: "closed" }>;
/** What an accepted session is. */
export type Accepted = Extract<ControlClientEvent, { type: "accepted" }>;
type Answer = Extract<ControlClientEvent, { type: "ready" | "accepted" | "rejected" | "started" | "stopped" }>;

/** What a link is made with. */
export interface LinkOptions extends Omit<ControlClientOptions, "keyId"> {
  readonly clock: Clock;
  readonly key: { readonly id: string; readonly secret: Uint8Array } | undefined;
  /** Diagnostics. */
  readonly log: (line: string) => void;
}

/** One connection, one step at a time. */
export class ClientLink {
  readonly #machine: ControlClient;
  readonly #stream: ByteStream;
  readonly #options: LinkOptions;
  readonly #server: string;
  #waiting: ((answer: Answer | Closed) => void) | undefined;
  readonly #answers: Answer[] = [];
  #closed: Closed | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Called when the connection is over. */
  onBroken: () => void = () => {};
  /** Sessions that were not started, with the server's word. */
  readonly notStarted = new Map<string, Accept>();

  constructor(stream: ByteStream, options: LinkOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#server = formatEndpoint(stream.remote.hostname, stream.remote.port);
    this.#machine = new ControlClient(options.clock.mono(), { ...options, keyId: options.key?.id });
    stream.onData = (octets) => {
      this.#machine.handleBytes(options.clock.mono(), octets);
      this.#settle();
    };
    stream.onEnd = () => {
      this.#machine.handleEnd(options.clock.mono());
      this.#settle();
    };
    this.#settle();
  }

  /** Bits of `Mode` in use. */
  get mode(): number {
    return this.#machine.mode;
  }
  get keys(): ControlClient["keys"] {
    return this.#machine.keys;
  }
  /** Why the connection is over, if it is and we did not end it. */
  get failure(): Failure | undefined {
    return this.#closed === undefined || this.#closed.why === "closed" ? undefined : this.#explain(this.#closed);
  }

  /** Until the server is ready for requests. */
  async setUp(): Promise<void> {
    await this.#answer();
  }

  /** Asks for a session; the server's Accept if it is refused. */
  async request(request: SessionRequest): Promise<Accepted | Accept> {
    this.#refuseClosed();
    this.#machine.requestSession(this.#options.clock.mono(), request);
    this.#settle();
    const answer = await this.#answer();
    if (answer.type === "rejected") return answer.accept;
    return answer as Accepted;
  }

  /** Starts what was accepted; SIDs that run now. */
  async start(): Promise<readonly string[]> {
    this.#refuseClosed();
    this.#machine.startSessions(this.#options.clock.mono());
    this.#settle();
    const started: string[] = [];
    // With individual control there may be several answers.
    do {
      const answer = await this.#answer();
      if (answer.type === "started") started.push(...answer.sids);
    } while (this.#machine.state === "starting" || this.#answers.length > 0);
    return started;
  }

  /** Stops all and closes; whatever the server does, it is over then. */
  async stop(accept: Accept = Accept.OK): Promise<void> {
    if (this.#closed !== undefined) return;
    this.#machine.stopSessions(this.#options.clock.mono(), accept);
    this.#settle();
    try {
      while (this.#machine.state === "stopping") await this.#answer();
    } catch {
      // Nothing depends on it any more.
    }
    this.close();
  }

  close(): void {
    this.#machine.close();
    this.#settle();
  }

  /** A server may end the connection between two steps, where nobody waits for its word. */
  #refuseClosed(): void {
    if (this.#closed !== undefined) throw this.#explain(this.#closed);
  }

  /** The next answer, which may be there already. */
  #answer(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const take = (answer: Answer | Closed) => {
        if (answer.type === "closed") reject(this.#explain(answer));
        else resolve(answer);
      };
      const there = this.#answers.shift() ?? this.#closed;
      if (there !== undefined) take(there);
      else this.#waiting = take;
    });
  }

  #tell(answer: Answer | Closed): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) waiting(answer);
    else if (answer.type !== "closed") this.#answers.push(answer);
  }

  #settle(): void {
    const { clock } = this.#options;
    for (let octets; (octets = this.#machine.pollTransmit()) !== undefined;) {
      if (!this.#stream.write(octets)) this.#machine.handleEnd(clock.mono());
    }
    for (let event; (event = this.#machine.pollEvent()) !== undefined;) this.#hear(event);
    clearTimeout(this.#timer);
    const until = this.#machine.pollTimeout();
    if (until === Infinity) return;
    this.#timer = setTimeout(() => {
      this.#machine.handleTimeout(clock.mono());
      this.#settle();
    }, Math.max(1, Math.ceil((until - clock.mono()) / 1e6)));
  }

  #hear(event: ControlClientEvent): void {
    const { log } = this.#options;
    switch (event.type) {
      case "greeted":
        return log(`${this.#server} offers ${describeModes(event.modes)}, ${event.count} iterations`);
      case "key-wanted":
        return void this.#derive(event.salt, event.count);
      case "ready":
      case "accepted":
      case "rejected":
      case "started":
      case "stopped":
        return this.#tell(event);
      case "not-started":
        for (const sid of event.sids) this.notStarted.set(sid, event.accept);
        return this.#tell({ type: "started", sids: [] });
      case "not-stopped":
        return this.#tell({ type: "stopped", sids: [] });
      case "closed":
        this.#closed = event;
        // A server that does not answer does not close its side either: it is not waited for.
        if (event.why === "timeout") this.#stream.destroy();
        else this.#stream.end();
        this.onBroken();
        return this.#tell(event);
    }
  }

  async #derive(salt: Uint8Array, count: number): Promise<void> {
    const derived = await deriveKey(this.#options.key!.secret, salt, count);
    this.#machine.handleKey(this.#options.clock.mono(), derived);
    this.#settle();
  }

  /** What ended it, as one line with what to do. */
  #explain({ why, accept, state }: Closed): Failure {
    const server = `server ${this.#server}`;
    const said = `Accept ${accept}: ${acceptText(accept)}`;
    const { offered } = this.#machine;
    const refused = (text: string) => new Failure(Exit.NOT_MADE, `${server} ${text}`);
    const broke = (text: string) => new Failure(Exit.PROTOCOL, `${server} ${text}`);
    switch (why) {
      case "not-welcome":
        return refused("does not want to talk to this host (Modes 0): is this address allowed there?");
      case "no-mode":
        return refused(`offers ${describeModes(offered)}, not ${this.#wanted()}: choose one with --mode`);
      case "no-extension":
        return refused(
          `offers ${describeModes(offered)}, not ${
            extensionNames(this.#options.required & ~offered).join(", ")
          }: leave that out`,
        );
      case "count":
        return broke(
          `asks for a number of iterations that is not from ${LEAST_COUNT} to ${this.#options.mostCount}: not done`,
        );
      case "refused":
        if (this.#options.key === undefined || accept !== Accept.FAILURE) {
          return refused(`refused the connection (${said})`);
        }
        return refused(
          `refused identity '${this.#options.key.id}' (${said}): check --key-id and the secret in --key-file`,
        );
      case "bad-answer":
        return broke(
          "accepted a session in a way that cannot be meant: no port, a SID in use, or octets not asked for",
        );
      case "hmac-wrong":
        return broke("sent a message whose HMAC is wrong: somebody altered it, or it has other keys");
      case "unexpected":
        return broke(`sent what TWAMP-Control has no place for (${state})`);
      case "server-closed":
        return refused(`closed the connection ${WHERE[state] ?? "early"}${this.#reason()}`);
      case "timeout": {
        const within = `within ${this.#options.timeout / 1e9} s`;
        if (state === "connected") return refused(`sent no greeting ${within}: is it a TWAMP server?`);
        return refused(`did not answer ${within} ${WHERE[state] ?? ""}`.trimEnd());
      }
      case "closed":
        return refused("was left");
    }
  }

  #reason(): string {
    return this.#stream.error === undefined ? "" : ` (${this.#stream.error})`;
  }

  #wanted(): string {
    return this.#options.modes.map((mode) => describeModes(mode)).join(" or ");
  }
}

/** Where it was, after "closed the connection" or "did not answer". */
const WHERE: Readonly<Record<string, string>> = {
  connected: "before its greeting: is it a TWAMP server?",
  "set-up": "when the mode was chosen",
  requesting: "when a session was asked for",
  starting: "when the sessions were to start",
  testing: "while sessions ran",
  stopping: "when the sessions were stopped",
};

/** Modes in words: names, and the extensions. */
export function describeModes(modes: number): string {
  const names = Object.entries(SECURITY).filter(([, bit]) => (modes & bit) !== 0).map(([name]) => name);
  const extensions = extensionNames(modes);
  if (names.length === 0) return "no mode";
  return names.join(", ") + (extensions.length === 0 ? "" : ` with ${extensions.join(", ")}`);
}
