import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlClient } from "../../../core/control/client.ts";
import { ControlServer } from "../../../core/control/server.ts";
import type { SessionAnswer } from "../../../core/control/server_types.ts";
import { sidText } from "../../../core/control/session_id.ts";
import { Accept, Command, Mode, writeSessionList, writeStart, writeStop } from "../../../core/wire/control.ts";
import { type Carry, CLIENT_OPTIONS, octetByOctet, Pair, REQUEST, SECOND, SERVER_OPTIONS, whole } from "./pair.ts";

const SECURITY = { open: Mode.OPEN, authenticated: Mode.AUTHENTICATED, encrypted: Mode.ENCRYPTED, mixed: Mode.MIXED };

/** All that a client has sent by then arrives with the next. */
function merged(): Carry {
  let held: number[] = [];
  return (octets, deliver) => {
    // A reply is awaited at each message's end; half of it before and half with the next shows both.
    const all = [...held, ...octets];
    const cut = octets.length > 100 ? all.length - 50 : all.length;
    deliver(Uint8Array.from(all.slice(0, cut)));
    held = [];
    if (cut < all.length) deliver(Uint8Array.from(all.slice(cut)));
  };
}

for (const [name, mode] of Object.entries(SECURITY)) {
  for (const individual of [0, Mode.INDIVIDUAL]) {
    for (const [how, carry] of [["whole", whole], ["octet by octet", octetByOctet], ["in halves", merged()]] as const) {
      test(`${name}${individual ? ", individual control" : ""}, ${how}: two sessions requested, started, stopped`, () => {
        const pair = new Pair({ modes: [mode], extensions: individual }, {}, carry).settle();
        assert.equal(pair.client.mode, mode | individual);
        assert.equal(pair.server.mode, mode | individual);
        pair.request().request({ senderPort: 20_002 });
        const requested = pair.serverSaid.filter((event) => event.type === "requested");
        assert.deepEqual(requested.map(({ request }) => request.senderPort), [20_000, 20_002]);
        assert.deepEqual(requested[0].request, REQUEST);
        pair.start().stop();
        const sids = [1, 2].map((n) => sidText(new Uint8Array(16).fill(n)));
        for (const said of [pair.clientSaid, pair.serverSaid]) {
          assert.deepEqual(said.find(({ type }) => type === "started"), { type: "started", sids });
          assert.deepEqual(said.find(({ type }) => type === "stopped"), { type: "stopped", sids });
        }
        assert.deepEqual([pair.client.state, pair.server.state], ["ready", "ready"]);
        assert.deepEqual(pair.server.keys, pair.client.keys);
        // Once more on the same connection.
        pair.request().start().stop();
        assert.equal(pair.server.state, "ready");
      });
    }
  }
}

test("the best mode of those that both will have is chosen, and of extensions what both know", () => {
  const choose = (modes: number[], offered: number, extensions = 0) =>
    new Pair({ modes, extensions }, { modes: offered }).settle().client.mode;
  assert.equal(choose([Mode.ENCRYPTED, Mode.OPEN], Mode.OPEN | Mode.ENCRYPTED), Mode.ENCRYPTED);
  assert.equal(choose([Mode.ENCRYPTED, Mode.OPEN], Mode.OPEN), Mode.OPEN);
  assert.equal(choose([Mode.OPEN], Mode.OPEN | Mode.PTP, Mode.PTP | Mode.MONITOR), Mode.OPEN | Mode.PTP);
});

test("what cannot be set up is told to both ends, and why", () => {
  const closed = (pair: Pair) => {
    const of = <T extends { type: string }>(said: T[]) =>
      said.find(({ type }) => type === "closed") as T & { why: string };
    return [of(pair.clientSaid)?.why, of(pair.serverSaid)?.why];
  };
  const keyed = { modes: [Mode.ENCRYPTED] };
  assert.deepEqual(closed(new Pair({}, { modes: 0 }).settle()), ["not-welcome", "not-welcome"]);
  assert.deepEqual(closed(new Pair(keyed, { modes: Mode.OPEN }).settle()), ["no-mode", "client-declined"]);
  assert.deepEqual(closed(new Pair({ required: Mode.REFLECT }, { modes: 1 }).settle()), [
    "no-extension",
    "client-declined",
  ]);
  assert.deepEqual(closed(new Pair({ ...keyed, keyId: "eve" }).settle()), ["refused", "key-wrong"]);
  const wrong = new Pair(keyed);
  wrong.secret = "foobaz";
  assert.deepEqual(closed(wrong.settle()), ["refused", "key-wrong"]);
  const full = new Pair();
  full.server.refusal = Accept.TEMPORARY;
  assert.deepEqual(closed(full.settle()), ["refused", "no-room"]);
  const refused = full.clientSaid.find((event) => event.type === "closed");
  assert.equal(refused?.accept, Accept.TEMPORARY);
});

test("a Count below 1,024 or above the bound is not derived", () => {
  for (const count of [0, 1, 1023, 32_769, 2 ** 32 - 1]) {
    const pair = new Pair({ modes: [Mode.AUTHENTICATED] }, { count }).settle();
    assert.deepEqual(pair.said.client, ["greeted", "closed"], String(count));
    // Without a key it does not matter.
    assert.equal(new Pair({ modes: [Mode.OPEN] }, { count }).settle().client.state, "ready");
  }
});

test("a request that is refused leaves the connection as it was, and the next one may be accepted", () => {
  const pair = new Pair({ modes: [Mode.MIXED] });
  pair.answer = (nth) => nth === 0 ? { accept: Accept.PERMANENT, port: 9 } : {};
  pair.settle().request().request();
  assert.deepEqual(pair.said.client, ["greeted", "key-wanted", "ready", "rejected", "accepted"]);
  pair.start();
  assert.equal(pair.server.state, "testing");
});

test("a yes that cannot be meant is none: no port, a SID that is there already, other octets to come back", () => {
  const end = (
    extensions: number,
    answers: Partial<SessionAnswer>[],
    alter: (message: Uint8Array) => void = () => {},
  ) => {
    const pair = new Pair({ modes: [Mode.OPEN], extensions }, {}, (octets, deliver) => {
      if (octets.length === 48) alter(octets);
      deliver(octets);
    });
    pair.answer = (nth) => answers[nth] ?? {};
    pair.settle().request({ octetsToReflect: 0xbeef });
    if (answers.length > 1) pair.start().request({ octetsToReflect: 0xbeef });
    const { clientSaid } = pair;
    const closed = clientSaid.find((event) => event.type === "closed");
    return [closed?.why, closed?.state, clientSaid.filter(({ type }) => type === "accepted").length];
  };
  const { INDIVIDUAL, REFLECT } = Mode;
  const sid = new Uint8Array(16).fill(5);
  assert.deepEqual(end(0, [{ port: 0 }]), ["bad-answer", "requesting", 0]);
  assert.deepEqual(end(INDIVIDUAL, [{ sid }, { sid }]), ["bad-answer", "requesting", 1], "of one that runs");
  assert.deepEqual(end(INDIVIDUAL, [{ sid }, {}]), [undefined, undefined, 2]);
  const loses = (message: Uint8Array) => message.fill(0, 20, 22);
  assert.deepEqual(end(REFLECT, [{}]), [undefined, undefined, 1]);
  assert.deepEqual(end(REFLECT, [{}], loses), ["bad-answer", "requesting", 0]);
  assert.deepEqual(end(0, [{}], loses), [undefined, undefined, 1], "not agreed on");
  assert.deepEqual(end(0, [{ accept: Accept.FAILURE }]), [undefined, undefined, 0], "no port is what a no has");
});

test("individual control: what cannot be started is named, the rest runs", () => {
  const server = new ControlServer(0, SERVER_OPTIONS);
  const pair = new Pair({ modes: [Mode.OPEN], extensions: Mode.INDIVIDUAL }).settle().request().request();
  const [one, two] = [1, 2].map((n) => new Uint8Array(16).fill(n));
  const stranger = new Uint8Array(16).fill(9);
  pair.server.handleBytes(0, writeSessionList(Command.START_N, { accept: 0, sids: [two, stranger, two] }));
  assert.deepEqual(pair.server.pollEvent(), { type: "started", sids: [sidText(two)] });
  const [first, second] = [pair.server.pollTransmit()!, pair.server.pollTransmit()!];
  assert.deepEqual([first[0], first[1], first[15], first[16]], [Command.START_N_ACK, Accept.OK, 1, 2]);
  assert.deepEqual([second[0], second[1], second[15], second[16]], [Command.START_N_ACK, Accept.UNSUPPORTED, 1, 9]);
  // Stopped one by one: SERVWAIT counts when none is left (RFC 5938 section 3.6).
  pair.server.handleBytes(0, writeSessionList(Command.START_N, { accept: 0, sids: [one] }));
  pair.server.handleBytes(0, writeSessionList(Command.STOP_N, { accept: 0, sids: [two] }));
  assert.equal(pair.server.state, "testing");
  pair.server.handleBytes(0, writeSessionList(Command.STOP_N, { accept: 0, sids: [one] }));
  assert.equal(pair.server.state, "ready");
  assert.equal(server.state, "greeted");
});

test("commands that do not belong there are answered with Accept 3, and the connection goes on", () => {
  const refusals = (extensions: number, started: boolean, message: Uint8Array) => {
    const pair = new Pair({ modes: [Mode.OPEN], extensions }).settle().request();
    if (started) pair.start();
    pair.server.handleBytes(0, message);
    const reply = pair.server.pollTransmit();
    return [reply?.length, reply?.[0], pair.server.state];
  };
  const sids = [new Uint8Array(16).fill(1)];
  assert.deepEqual(refusals(0, false, writeSessionList(Command.START_N, { accept: 0, sids })), [48, 3, "ready"]);
  assert.deepEqual(refusals(Mode.INDIVIDUAL, false, writeStart()), [48, 3, "ready"]);
  assert.deepEqual(refusals(Mode.INDIVIDUAL, true, writeStop({ accept: 0, sessions: 1 })), [48, 3, "testing"]);
  assert.deepEqual(refusals(0, true, writeStart()), [48, 3, "testing"]);
  assert.deepEqual(refusals(0, true, Uint8Array.of(5, ...new Uint8Array(111))), [48, 3, "testing"]);
  assert.deepEqual(refusals(0, false, Uint8Array.of(1, ...new Uint8Array(127))), [48, 3, "ready"], "OWAMP's request");
  // Of an unknown one nobody knows where it ends.
  assert.deepEqual(refusals(0, false, Uint8Array.of(77, ...new Uint8Array(31))), [48, 3, "closed"]);
});

test("Stop-Sessions counts the sessions that run, with those that have ended by themselves", () => {
  const run = (sessions: number, over: number[] = []) => {
    const pair = new Pair().settle().request().request().start();
    pair.server.handleSessionsOver(0, over.map((n) => sidText(new Uint8Array(16).fill(n))));
    pair.server.handleBytes(0, writeStop({ accept: 0, sessions }));
    return pair.server.state;
  };
  assert.equal(run(2), "ready");
  assert.equal(run(1), "closed");
  assert.equal(run(3), "closed");
  assert.equal(run(2, [1]), "ready");
  assert.equal(run(2, [1, 2]), "ready");
});

test("a session that is over before it was started counts for nobody", () => {
  const pair = new Pair({ modes: [Mode.OPEN], extensions: Mode.INDIVIDUAL }).settle().request().start().request();
  const sids = [1, 2].map((n) => sidText(new Uint8Array(16).fill(n)));
  pair.server.handleSessionsOver(0, [sids[1]]);
  pair.server.handleBytes(0, writeSessionList(Command.START_N, { accept: 0, sids: [new Uint8Array(16).fill(2)] }));
  assert.equal(pair.server.pollTransmit()![1], Accept.UNSUPPORTED, "it cannot be started any more");
  assert.equal(pair.server.state, "testing");
  const plain = new Pair().settle().request();
  plain.server.handleSessionsOver(0, [sids[0]]);
  plain.server.handleBytes(0, writeStop({ accept: 0, sessions: 0 }));
  assert.equal(plain.server.state, "ready");
});

test("timers: set-up, a message that stops, SERVWAIT only while nothing runs", () => {
  const server = new ControlServer(0, SERVER_OPTIONS);
  assert.equal(server.pollTimeout(), SERVER_OPTIONS.setUpTimeout);
  server.handleTimeout(SERVER_OPTIONS.setUpTimeout - 1);
  assert.equal(server.state, "greeted");
  server.handleTimeout(SERVER_OPTIONS.setUpTimeout);
  assert.deepEqual(server.pollEvent(), { type: "closed", why: "slow", sids: [] });

  const pair = new Pair().settle();
  assert.equal(pair.server.pollTimeout(), SERVER_OPTIONS.servwait);
  pair.server.handleBytes(5 * SECOND, Uint8Array.of(5));
  assert.equal(pair.server.pollTimeout(), 5 * SECOND + SERVER_OPTIONS.messageTimeout);
  pair.server.handleBytes(14 * SECOND, Uint8Array.of(0));
  assert.equal(pair.server.pollTimeout(), 15 * SECOND, "more octets give it no more time");
  pair.server.handleTimeout(15 * SECOND);
  assert.equal(pair.server.state, "closed");

  const testing = new Pair().settle().request().start();
  assert.equal(testing.server.pollTimeout(), Infinity);
  testing.now = 2000 * SECOND;
  testing.stop();
  assert.equal(testing.server.pollTimeout(), 2000 * SECOND + SERVER_OPTIONS.servwait);
  const ended = new Pair().settle().request().start();
  ended.server.handleSessionsOver(SECOND, [sidText(new Uint8Array(16).fill(1))]);
  assert.equal(ended.server.pollTimeout(), SECOND + SERVER_OPTIONS.servwait, "as if it had been stopped");
});

test("a peer that stops at any octet is given up when its timer says, and not before", () => {
  for (const mode of [Mode.OPEN, Mode.ENCRYPTED]) {
    const recorded = new Pair({ modes: [mode], extensions: Mode.INDIVIDUAL }).settle().request().start().stop();
    const toServer = Uint8Array.from(recorded.toServer.flatMap((m) => [...m]));
    const toClient = Uint8Array.from(recorded.toClient.flatMap((m) => [...m]));
    for (let stop = 0; stop < toServer.length; stop++) {
      // The same random octets make the same conversation.
      const pair = new Pair({}, { random: replay(recorded.server, recorded) });
      pair.server.handleBytes(0, toServer.subarray(0, stop));
      serve(pair);
      const until = pair.server.pollTimeout();
      if (until === Infinity) assert.equal(pair.server.state, "testing");
      else {
        pair.server.handleTimeout(until - 1);
        assert.notEqual(pair.server.state, "closed");
        pair.server.handleTimeout(until);
        assert.equal(pair.server.state, "closed", `server, ${stop} octets`);
      }
    }
    for (let stop = 0; stop < toClient.length; stop++) {
      const client = new ControlClient(0, { ...CLIENT_OPTIONS, modes: [Mode.OPEN] });
      client.handleBytes(0, toClient.subarray(0, stop));
      const until = client.pollTimeout();
      if (until === Infinity) continue;
      client.handleTimeout(until);
      assert.equal(client.state, "closed", `client, ${stop} octets`);
    }
  }
});

for (const mode of [Mode.OPEN, Mode.ENCRYPTED]) {
  test(`mode ${mode}: all that a client says in one piece, while nothing is answered yet`, () => {
    const recorded = new Pair({ modes: [mode] }).settle().request().request().start().stop().request();
    const pair = new Pair({}, { random: replay(recorded.server, recorded) });
    pair.client.handleEnd(0);
    pair.server.handleBytes(0, Uint8Array.from(recorded.toServer.flatMap((message) => [...message])));
    pair.settle();
    assert.deepEqual(pair.said.server, recorded.said.server);
    const sent = (of: Pair) => of.toClient.map((message) => message.length);
    assert.deepEqual(sent(pair), sent(recorded));
  });
}

/** Random octets that make a server greet as another did. */
function replay(_server: ControlServer, { toClient }: Pair): (size: number) => Uint8Array {
  const given = [toClient[0].slice(16, 32), toClient[0].slice(32, 48), toClient[1].slice(16, 32)];
  return (size) => given.shift() ?? new Uint8Array(size);
}

/** Answers what the server asks, and throws away what it sends. */
function serve(pair: Pair): void {
  pair.client.handleEnd(0);
  pair.settle();
}

test("hostile octets: whatever comes in whatever pieces, nothing throws, memory is bounded, an end is told once", () => {
  let state = 12_345;
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
  for (let run = 0; run < 600; run++) {
    const mode = [Mode.OPEN, Mode.ENCRYPTED][run % 2];
    const pair = new Pair({ modes: [mode], extensions: run % 3 === 0 ? Mode.INDIVIDUAL : 0 });
    if (run % 4 > 0) pair.settle();
    if (run % 4 > 1) pair.request();
    if (run % 4 > 2) pair.start();
    for (let piece = 0; piece < 30; piece++) {
      const octets = Uint8Array.from({ length: random(200) }, () => random(256));
      if (octets.length > 0 && random(2) === 0) octets[0] = random(13);
      if (random(2) === 0) octets.fill(0, 1, Math.min(16, octets.length));
      pair.server.handleBytes(piece, octets);
      pair.client.handleBytes(piece, octets);
      for (let e; (e = pair.server.pollEvent()) !== undefined; pair.serverSaid.push(e)) {
        if (e.type === "requested") {
          pair.server.answer(0, {
            accept: Accept.OK,
            port: 1,
            sid: new Uint8Array(16).fill(random(256)),
            serverOctets: 0,
          });
        } else if (e.type === "key-wanted") pair.server.handleKey(0, new Uint8Array(16), true);
      }
      for (let e; (e = pair.client.pollEvent()) !== undefined; pair.clientSaid.push(e));
      while (pair.server.pollTransmit() || pair.client.pollTransmit());
    }
    for (const said of [pair.clientSaid, pair.serverSaid]) {
      assert.ok(said.filter(({ type }) => type === "closed").length <= 1);
    }
  }
  // Ten million octets while an answer is awaited: given up, not kept.
  const flooded = new Pair().settle();
  flooded.server.handleBytes(0, Uint8Array.of(5, ...new Uint8Array(111)));
  for (let i = 0; i < 100 && flooded.server.state !== "closed"; i++) {
    flooded.server.handleBytes(0, new Uint8Array(1000));
  }
  const events = [];
  for (let e; (e = flooded.server.pollEvent()) !== undefined; events.push(e));
  assert.deepEqual(events.at(-1), { type: "closed", why: "too-much", sids: [] });
});
