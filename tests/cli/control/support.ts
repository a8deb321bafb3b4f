/** A server of ours for tests, controllers to it, and clients that speak to it octet by octet. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { Accept, Command, Mode, readAcceptSession, readServerStart, SIZE } from "../../../core/wire/control.ts";
import {
  type SessionRequest,
  writeRequest,
  writeSetUpResponse,
  writeStart,
  writeStop,
} from "../../../core/wire/control.ts";
import { type Outcome, Run, started, type StartOptions } from "../support.ts";
import { type Json, readResult } from "../parse.ts";

/** What only Linux has: /proc, and all of 127.0.0.0/8 on the loopback interface. */
export const onLinux = { skip: process.platform !== "linux" && "needs Linux" };
/** What needs signals that a program can handle. */
export const withSignals = { skip: process.platform === "win32" && "needs signals" };

// ── a server ────────────────────────────────────────────────────────────────

/** A server that listens. */
export interface Server {
  readonly run: Run;
  /** TCP. */
  readonly port: number;
  readonly host: string;
  /** Options that lead a client to it. */
  readonly there: readonly string[];
  /** Interrupts it; what it said at its end. */
  stop(): Promise<Outcome>;
}

/** Starts a server on ports of the system's choice. */
export async function withServer<T>(
  args: readonly string[],
  use: (server: Server) => Promise<T>,
  local = "127.0.0.1",
  options: StartOptions = {},
): Promise<T> {
  const line = ["server", local, "--control-port", "0", "--test-ports", "0", ...args];
  return await started(line, async (run) => {
    const [, host, port] = await run.until("stderr", /server on (\S+):(\d+) \(/);
    return await use({
      run,
      host: host.replace(/[[\]]/g, ""),
      port: Number(port),
      there: ["--control-port", port],
      async stop() {
        run.kill("SIGINT");
        const outcome = await run.end();
        assert.equal(outcome.status, 0, outcome.stderr);
        return outcome;
      },
    });
  }, options);
}

/** The secret of `alice`, which must stand in no output. */
export const SECRET = "correct-horse-Battery";

/** A file of secrets that nobody else may read. */
export function writeKeys(folder: string, text = `alice ${SECRET}\n`, name = "keys"): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, 0o600);
  return path;
}

/** Asserts a result of `count` probes that all came back, with nothing to remark. */
export function assertWhole(result: Json, count: number): void {
  const { sent, received, lost, duplicates, malformed, forged } = result.packets;
  assert.deepEqual({ sent, received, lost, duplicates, malformed, forged }, {
    sent: count,
    received: count,
    lost: 0,
    duplicates: 0,
    malformed: 0,
    forged: result.session.mode === "open" || result.session.mode === "mixed" ? forged : 0,
  });
}

/** A note about anything but that this machine has much to do. */
export const NOTE = /note: (?!probes (?:left|were held))/;

/** Results of `--output json`: one document, or one that has those of all sessions. */
export function readResults(text: string): Json[] {
  const document = JSON.parse(text);
  if (document.schema === "twampede/result/1") return [readResult(text)];
  return document.results.map((one: Json) => readResult(JSON.stringify(one)));
}

// ── a client, octet by octet ────────────────────────────────────────────────

/** A TCP connection from which so many octets are awaited. */
export class RawClient {
  readonly socket: Socket;
  #octets: Uint8Array = new Uint8Array();
  #isOver = false;
  #look: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (octets: Uint8Array) => {
      const joined = new Uint8Array(this.#octets.length + octets.length);
      joined.set(this.#octets);
      joined.set(octets, this.#octets.length);
      this.#octets = joined;
      this.#look();
    });
    const over = () => {
      this.#isOver = true;
      this.#look();
    };
    socket.on("error", () => {});
    socket.on("end", over);
    socket.on("close", over);
  }

  static async connect(port: number, host = "127.0.0.1", localAddress?: string): Promise<RawClient> {
    const socket = connect({
      port,
      host,
      allowHalfOpen: true,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    await once(socket, "connect");
    return new RawClient(socket);
  }

  /** Connects, if it may, says nothing, and closes nothing of itself. */
  static async knock(port: number): Promise<RawClient> {
    const client = new RawClient(connect({ port, host: "127.0.0.1", allowHalfOpen: true }));
    await new Promise((resolve) => client.socket.once("connect", resolve).once("close", resolve));
    return client;
  }

  write(octets: Uint8Array): void {
    this.socket.write(octets);
  }

  /** The next `size` octets; throws if the connection ends before. */
  async read(size: number): Promise<DataView> {
    while (this.#octets.length < size) {
      if (this.#isOver) throw new Error(`the connection ended with ${this.#octets.length} of ${size} octets`);
      await new Promise<void>((resolve) => this.#look = resolve);
    }
    const taken = this.#octets.slice(0, size);
    this.#octets = this.#octets.slice(size);
    return new DataView(taken.buffer);
  }

  /** Until the server has nothing more to say. */
  async over(): Promise<void> {
    while (!this.#isOver) await new Promise<void>((resolve) => this.#look = resolve);
  }

  close(): void {
    this.socket.destroy();
  }

  /** Greeting, Set-Up-Response, Server-Start, in open mode; the server's Accept. */
  async setUp(mode: number = Mode.OPEN): Promise<Accept> {
    await this.read(SIZE.GREETING);
    this.write(openSetUp(mode));
    return readServerStart(await this.read(SIZE.SERVER_START), 0).accept;
  }

  async request(request: Partial<SessionRequest> = {}): Promise<ReturnType<typeof readAcceptSession>> {
    this.write(requestOf(request));
    return readAcceptSession(await this.read(SIZE.ACCEPT), 0);
  }

  async start(): Promise<Accept> {
    this.write(writeStart());
    return (await this.read(SIZE.ACK)).getUint8(0) as Accept;
  }

  stop(sessions: number): void {
    this.write(writeStop({ accept: Accept.OK, sessions }));
  }
}

/** Runs `use` with a client of its own. */
export async function withClient<T>(
  { port, host }: Pick<Server, "port" | "host">,
  use: (client: RawClient) => Promise<T>,
): Promise<T> {
  const client = await RawClient.connect(port, host);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** A Set-Up-Response without a key. */
export function openSetUp(mode: number): Uint8Array {
  return writeSetUpResponse({ mode, keyId: "", token: new Uint8Array(64), clientIv: new Uint8Array(16) });
}

const ZEROS = new Uint8Array(16);

/** A request as twampy makes it, but for `changes`. */
export function requestOf(changes: Partial<SessionRequest> = {}): Uint8Array {
  return writeRequest({
    ipVersion: 4,
    confSender: 0,
    confReceiver: 0,
    slots: 0,
    packets: 0,
    senderPort: 20_001,
    receiverPort: 20_000,
    senderAddress: ZEROS,
    receiverAddress: ZEROS,
    sid: ZEROS,
    padding: 0,
    startTime: new Uint32Array(2),
    timeoutNs: 0,
    typeP: 0,
    octetsToReflect: 0,
    paddingToReflect: 0,
    ...changes,
  });
}

/** A server of the test's own, which does with connections what it likes. */
export async function withFakeServer<T>(
  serve: (client: RawClient) => void | Promise<void>,
  use: (port: number) => Promise<T>,
): Promise<T> {
  const clients: Socket[] = [];
  const server = createServer((socket) => {
    clients.push(socket);
    Promise.resolve(serve(new RawClient(socket))).catch(() => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await use((server.address() as { port: number }).port);
  } finally {
    for (const client of clients) client.destroy();
    server.close();
  }
}

// ── what a process has ──────────────────────────────────────────────────────

/** Descriptors that a process has open. */
export function descriptorsOf({ child }: Run): number {
  return readdirSync(`/proc/${child.pid}/fd`).length;
}

/** Resident memory of a process, MB. */
export function memoryOf({ child }: Run): number {
  const [, kb] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))!;
  return Number(kb) / 1024;
}

/** Waits until `holds`, looking again and again: for what nothing tells of. */
export async function eventually(what: string, holds: () => boolean, longestMs = 10_000): Promise<void> {
  const until = performance.now() + longestMs;
  while (!holds()) {
    assert.ok(performance.now() < until, `${what}, within ${longestMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export { Accept, Command, Mode, SIZE };
