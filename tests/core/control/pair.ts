/**
 * A control client and a server, joined without a network: octets are carried as the test says, keys are derived as the
 * programs do, requests are answered by a reflector of the test.
 */
import { pbkdf2Sync } from "node:crypto";
import { ControlClient } from "../../../core/control/client.ts";
import type { ControlClientEvent, ControlClientOptions } from "../../../core/control/client_types.ts";
import { ControlServer } from "../../../core/control/server.ts";
import type { ControlServerEvent, ControlServerOptions, SessionAnswer } from "../../../core/control/server_types.ts";
import { Accept, Mode, type SessionRequest } from "../../../core/wire/control.ts";

export const SECRETS: Readonly<Record<string, string>> = { alice: "foobar", bob: "swordfish" };
export const ALL_MODES = 0x37f;
export const SECOND = 1e9;

/** How octets are carried. */
export type Carry = (octets: Uint8Array, deliver: (piece: Uint8Array) => void) => void;
export const whole: Carry = (octets, deliver) => deliver(octets);
export const octetByOctet: Carry = (octets, deliver) => {
  for (let i = 0; i < octets.length; i++) deliver(octets.slice(i, i + 1));
};

/** The same octets in each run. */
export function testRandom(seed: number): (size: number) => Uint8Array {
  let state = seed;
  return (size) =>
    Uint8Array.from({ length: size }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 16;
    });
}

export const SERVER_OPTIONS: ControlServerOptions = {
  modes: ALL_MODES,
  count: 1024,
  startTime: Uint32Array.of(1_790_000_000, 5),
  random: testRandom(1),
  setUpTimeout: 30 * SECOND,
  messageTimeout: 10 * SECOND,
  servwait: 900 * SECOND,
  sessions: 100,
};

export const CLIENT_OPTIONS: ControlClientOptions = {
  modes: [Mode.OPEN],
  extensions: 0,
  required: 0,
  keyId: "alice",
  random: testRandom(2),
  timeout: 5 * SECOND,
  mostCount: 32_768,
};

export function derive(keyId: string, salt: Uint8Array, count: number): { key: Uint8Array; isKnown: boolean } {
  const secret = SECRETS[keyId];
  return {
    key: Uint8Array.from(pbkdf2Sync(secret ?? "nobody's", salt, count, 16, "sha1")),
    isKnown: secret !== undefined,
  };
}

export const REQUEST: SessionRequest = {
  ipVersion: 4,
  confSender: 0,
  confReceiver: 0,
  slots: 0,
  packets: 0,
  senderPort: 20_000,
  receiverPort: 20_001,
  senderAddress: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1),
  receiverAddress: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 2),
  sid: new Uint8Array(16),
  padding: 27,
  startTime: new Uint32Array(2),
  timeoutNs: 3 * SECOND,
  typeP: 0,
  octetsToReflect: 0,
  paddingToReflect: 0,
};

/** Both ends, and what they said. */
export class Pair {
  now = 0;
  readonly client: ControlClient;
  readonly server: ControlServer;
  readonly clientSaid: ControlClientEvent[] = [];
  readonly serverSaid: ControlServerEvent[] = [];
  /** All octets that went, as they went. */
  readonly toServer: Uint8Array[] = [];
  readonly toClient: Uint8Array[] = [];
  secret = "foobar";
  answer: (nth: number) => Partial<SessionAnswer> = () => ({});
  #answered = 0;
  readonly #carry: Carry;

  constructor(
    client: Partial<ControlClientOptions> = {},
    server: Partial<ControlServerOptions> = {},
    carry: Carry = whole,
  ) {
    this.client = new ControlClient(this.now, { ...CLIENT_OPTIONS, ...client });
    this.server = new ControlServer(this.now, { ...SERVER_OPTIONS, ...server });
    this.#carry = carry;
  }

  /** Carries octets and answers events until nothing moves any more. */
  settle(): this {
    for (let moved = true; moved;) {
      moved = false;
      for (let m; (m = this.server.pollTransmit()) !== undefined; moved = true) {
        this.toClient.push(m.slice());
        this.#carry(m, (piece) => this.client.handleBytes(this.now, piece));
      }
      for (let m; (m = this.client.pollTransmit()) !== undefined; moved = true) {
        this.toServer.push(m.slice());
        this.#carry(m, (piece) => this.server.handleBytes(this.now, piece));
      }
      for (let e; (e = this.client.pollEvent()) !== undefined; moved = true) this.#hearClient(e);
      for (let e; (e = this.server.pollEvent()) !== undefined; moved = true) this.#hearServer(e);
    }
    return this;
  }

  #hearClient(event: ControlClientEvent): void {
    this.clientSaid.push(event);
    if (event.type !== "key-wanted") return;
    this.client.handleKey(this.now, Uint8Array.from(pbkdf2Sync(this.secret, event.salt, event.count, 16, "sha1")));
  }

  #hearServer(event: ControlServerEvent): void {
    this.serverSaid.push(event);
    if (event.type === "key-wanted") {
      const { key, isKnown } = derive(event.keyId, event.salt, event.count);
      this.server.handleKey(this.now, key, isKnown);
    } else if (event.type === "requested") {
      const nth = this.#answered++;
      const sid = new Uint8Array(16).fill(nth + 1);
      this.server.answer(this.now, {
        accept: Accept.OK,
        port: 18_760 + nth,
        sid,
        serverOctets: 0,
        ...this.answer(nth),
      });
    }
  }

  request(change: Partial<SessionRequest> = {}): this {
    this.client.requestSession(this.now, { ...REQUEST, ...change });
    return this.settle();
  }
  start(): this {
    this.client.startSessions(this.now);
    return this.settle();
  }
  stop(): this {
    this.client.stopSessions(this.now);
    return this.settle();
  }
  /** The types of what each end said. */
  get said(): { client: string[]; server: string[] } {
    return { client: this.clientSaid.map((e) => e.type), server: this.serverSaid.map((e) => e.type) };
  }
}
