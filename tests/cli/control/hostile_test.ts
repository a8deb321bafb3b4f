/** Bad input over real connections: each is refused and logged, and nothing is left of any of them. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { pbkdf2Sync } from "node:crypto";
import { ControlClient } from "../../../core/control/client.ts";
import type { ControlClientEvent } from "../../../core/control/client_types.ts";
import { readRequest, writeGreeting } from "../../../core/wire/control.ts";
import { createRandom, type Random } from "../../../core/random.ts";
import { assertRefused, refused, run, withFolder } from "../support.ts";
import { readResult } from "../parse.ts";
import {
  Accept,
  assertWhole,
  Command,
  descriptorsOf,
  eventually,
  memoryOf,
  Mode,
  onLinux,
  openSetUp,
  RawClient,
  requestOf,
  SECRET,
  type Server,
  SIZE,
  withClient,
  withFakeServer,
  withServer,
  writeKeys,
} from "./support.ts";

const SEED = Uint8Array.from({ length: 16 }, (_, i) => i);
/** What a server may have grown by after all of this: it was 55 MB under Bun, 120 MB under Deno, much of it garbage. */
const MOST_MB = 200;

function octetsOf(random: Random, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, () => random.next32() & 0xff);
}

/** Whatever the server did, somebody who wants to measure can. */
async function assertServes({ there }: Server): Promise<void> {
  const line = ["controller", "127.0.0.1", "127.0.0.1:0", ...there, "--packet-timeout", "1"];
  const { status, stdout, stderr } = await run([...line, "-c", "20", "-i", "5", "--output", "json"]);
  assert.equal(status, 0, stderr);
  assertWhole(readResult(stdout), 20);
}

/** Sends `octets` after the greeting, and waits until the server hangs up. */
async function say(server: Server, ...octets: Uint8Array[]): Promise<void> {
  await withClient(server, async (client) => {
    await client.read(SIZE.GREETING);
    for (const some of octets) client.write(some);
    await client.over();
  });
}

function command(code: number, size: number, change: (view: DataView) => void = () => {}): Uint8Array {
  const octets = new Uint8Array(size);
  octets[0] = code;
  change(new DataView(octets.buffer));
  return octets;
}

/** What is said, and the line that tells of it. */
function refusals(random: Random): [Uint8Array[], RegExp][] {
  const open = openSetUp(Mode.OPEN);
  const keyed = octetsOf(random, SIZE.SET_UP);
  keyed.set([0, 0, 0, Mode.ENCRYPTED]);
  return [
    [[octetsOf(random, 4000)], /refused why="client chose a mode that was not offered" accept="3 /],
    [[openSetUp(0)], /closed why="client wants none of the modes offered"/],
    [[keyed], /refused why="KeyID or secret wrong" accept="1 /],
    [[open, octetsOf(random, 64).fill(0xc8, 0, 1)], /command refused command=200 accept=3/],
    [
      [open, command(Command.STOP, 32, (view) => view.setUint32(4, 7))],
      /closed why="Stop-Sessions with a wrong count"/,
    ],
    [
      [open, command(Command.START_N, 32, (view) => view.setUint32(12, 2 ** 32 - 1))],
      /closed why="more octets than may/,
    ],
    [[open, command(Command.REQUEST_OW, 16, (view) => view.setUint32(4, 2 ** 31))], /closed why="more octets than may/],
    [[open.subarray(0, 163)], /closed why="nothing whole in time"/],
    [[open, requestOf().subarray(0, 111)], /closed why="nothing whole in time"/],
    [[open], /closed why="silent for SERVWAIT"/],
  ];
}

test("each kind of bad input is refused, logged, and ends its connection alone", async () => {
  await withFolder((folder) => {
    const short = ["--setup-timeout", "0.4", "--servwait", "0.5"];
    return withServer(["--key-file", writeKeys(folder), ...short], async (server) => {
      const all = refusals(createRandom(SEED, "refusals"));
      await Promise.all(all.map(([octets]) => say(server, ...octets)));
      for (const [, line] of all) await server.run.until("stderr", line);
      await assertServes(server);
      assert.doesNotMatch(server.run.stderr, /internal error|undefined|NaN/);
    });
  });
});

test("names that clients give are made harmless in the log", async () => {
  await withFolder((folder) =>
    withServer(["--key-file", writeKeys(folder)], async (server) => {
      const octets = openSetUp(Mode.ENCRYPTED);
      octets.set(new TextEncoder().encode('\u001b[31m"\n2026 set up \u202e'), 4);
      await say(server, octets);
      await server.run.until("stderr", /refused why="KeyID or secret wrong" accept="1 [^"]*" key="/);
      for (const harm of ["\u001b", "\u202e", "\n2026 set up"]) {
        assert.ok(!server.run.stderr.includes(harm), JSON.stringify(harm));
      }
    })
  );
});

test("a server that asks for 2^32 - 1 iterations is left at once, with status 3", async () => {
  await withFolder((folder) =>
    withFakeServer((client) => {
      const octets = new Uint8Array(16).fill(1);
      client.write(writeGreeting({ modes: Mode.ENCRYPTED, challenge: octets, salt: octets, count: 2 ** 32 - 1 }));
    }, async (port) => {
      const outcome = await refused([
        "controller",
        "127.0.0.1",
        "--control-port",
        `${port}`,
        "--key-file",
        writeKeys(folder),
      ]);
      assertRefused(outcome, 3, "asks for a number of iterations that is not from 1024 to 32768: not done");
    })
  );
});

test("a server that sends what is no greeting, or too much, is left with one line", async () => {
  const random = createRandom(SEED, "server");
  for (const size of [64, 100_000]) {
    await withFakeServer((client) => client.write(octetsOf(random, size)), async (port) => {
      const outcome = await refused([
        "controller",
        "127.0.0.1",
        "127.0.0.1:0",
        "--control-port",
        `${port}`,
        "--control-timeout",
        "0.5",
      ]);
      assert.ok(outcome.status === 1 || outcome.status === 3, `${outcome.status}`);
      assertRefused(outcome, outcome.status, `server 127.0.0.1:${port}`);
    });
  }
});

/** Half of the conversations are closed where they break off, half are reset; the server closes its side then. */
function breakOff({ socket }: RawClient, until: number): void {
  if (until % 2 === 0) socket.end();
  else socket.resetAndDestroy();
}

/** A valid conversation, of which the octets from `until` on are never said. */
async function converse(server: Server, until: number): Promise<void> {
  await withClient(server, async (client) => {
    let said = 0;
    const write = (octets: Uint8Array) => {
      client.write(octets.subarray(0, Math.max(0, until - said)));
      said += octets.length;
      return said <= until;
    };
    const left = () => {
      breakOff(client, until);
      return client.over();
    };
    await client.read(SIZE.GREETING);
    if (!write(openSetUp(Mode.OPEN))) return await left();
    await client.read(SIZE.SERVER_START);
    if (!write(requestOf())) return await left();
    assert.equal((await client.read(SIZE.ACCEPT)).getUint8(0), Accept.OK);
    if (!write(command(Command.START, SIZE.START))) return await left();
    await client.read(SIZE.ACK);
    write(command(Command.STOP, SIZE.STOP, (view) => view.setUint32(4, 1)));
    await left();
  });
}

/** The same, encrypted, by the machine of our client, whose octets past `until` are lost. */
async function converseKeyed({ port }: Server, until: number): Promise<void> {
  const client = await RawClient.connect(port);
  const secret = new TextEncoder().encode(SECRET);
  const machine = new ControlClient(0, {
    modes: [Mode.ENCRYPTED],
    extensions: Mode.INDIVIDUAL,
    required: 0,
    keyId: "alice",
    random: (size) => new Uint8Array(size).fill(size),
    timeout: 1e9,
    mostCount: 4096,
  });
  let said = 0;
  const settle = (): void => {
    for (let octets; (octets = machine.pollTransmit()) !== undefined;) {
      client.write(octets.subarray(0, Math.max(0, until - said)));
      said += octets.length;
    }
    if (said >= until) return breakOff(client, until);
    for (let event; (event = machine.pollEvent()) !== undefined;) hear(event);
  };
  const hear = (event: ControlClientEvent): void => {
    if (event.type === "key-wanted") {
      machine.handleKey(0, Uint8Array.from(pbkdf2Sync(secret, event.salt, event.count, 16, "sha1")));
    } else if (event.type === "ready") machine.requestSession(0, readRequest(viewOf(requestOf()), 0));
    else if (event.type === "accepted") machine.startSessions(0);
    else if (event.type === "started") machine.stopSessions(0);
    else if (event.type === "stopped") return client.close();
    settle();
  };
  client.socket.removeAllListeners("data");
  client.socket.on("data", (octets: Uint8Array) => {
    machine.handleBytes(0, octets);
    settle();
  });
  await client.over();
  client.close();
}

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.length);
}

/** Octets that a client says with sessions controlled one by one. */
const WHOLE_KEYED = SIZE.SET_UP + SIZE.REQUEST + 2 * 48;

test("100 encrypted connections that break anywhere: none hangs, and the server serves", async () => {
  await withFolder((folder) => {
    const args = ["--key-file", writeKeys(folder), "--iterations", "1024"];
    return withServer(args, async (server) => {
      const random = createRandom(SEED, "keyed");
      const breaks = Array.from({ length: 100 }, () => random.next32() % WHOLE_KEYED);
      await converseKeyed(server, WHOLE_KEYED + 1);
      await server.run.until("stderr", /session over .*why=stopped/);
      await Promise.all(Array.from({ length: 10 }, async () => {
        for (let until = breaks.pop(); until !== undefined; until = breaks.pop()) await converseKeyed(server, until);
      }));
      await assertServes(server);
      const { stderr } = await server.stop();
      assert.match(stderr, /^twampede: 102 connections/m);
      assert.doesNotMatch(stderr, /HMAC wrong|internal error/);
    });
  });
});

/** More than the server has places for, all told (the connections set up, and twice those that are not). */
const SILENT = 2000;
const WHOLE = SIZE.SET_UP + SIZE.REQUEST + SIZE.START + SIZE.STOP;

test("400 connections that break anywhere and 2,000 that say nothing leave nothing behind", onLinux, async () => {
  await withServer([], async (server) => {
    await converse(server, WHOLE);
    await assertServes(server);
    await eventually("the first ones are gone", () => /(?:session over [^]*){2}/.test(server.run.stderr));
    const [descriptors, memory] = [descriptorsOf(server.run), memoryOf(server.run)];
    const back = () => descriptorsOf(server.run) <= descriptors;

    const random = createRandom(SEED, "breaks");
    const breaks = Array.from({ length: 400 }, () => random.next32() % (WHOLE + 1));
    await Promise.all(Array.from({ length: 20 }, async () => {
      for (let until = breaks.pop(); until !== undefined; until = breaks.pop()) await converse(server, until);
    }));
    await eventually("the descriptors of 400 connections are back", back);

    const silent = await Promise.all(Array.from({ length: SILENT }, () => RawClient.knock(server.port)));
    await assertServes(server);
    for (const client of silent) client.close();
    await eventually("the descriptors of 2,000 connections are back", back);
    const grown = memoryOf(server.run) - memory;
    assert.ok(grown < MOST_MB, `grown by ${grown} MB`);
    await assertServes(server);
    const { stderr } = await server.stop();
    assert.match(stderr, /closed why="silent, and others want its place"/);
    assert.match(stderr, /more lines in that second left out/);
    assert.match(stderr, /\d{4} connections, \d+ sessions/);
  }, "127.0.0.1");
});
