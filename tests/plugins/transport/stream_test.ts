/** TCP streams over loopback, as the control protocols use them. */
import { after, test } from "node:test";
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import process from "node:process";
import type { TransportError, TransportErrorCode } from "../../../core/errors.ts";
import type { ByteStream, ConnectOptions, ListenOptions, StreamListener } from "../../../core/stream.ts";
import { NetStream } from "../../../plugins/transport/net_stream.ts";
import { connectStream, listenStreams } from "../../../plugins/transport/stream.ts";
import { connectRefusal, listenRefusal } from "../../../plugins/transport/stream_refusal.ts";

const listeners: StreamListener[] = [];
const streams: ByteStream[] = [];
after(() => {
  listeners.forEach((listener) => listener.close());
  streams.forEach((stream) => stream.destroy());
});

/** A listener, and the connections that it has taken, in order. */
async function listen(options: Partial<ListenOptions> = {}) {
  const taken: ByteStream[] = [];
  const waiting: ((stream: ByteStream) => void)[] = [];
  const listener = await listenStreams(
    { host: "127.0.0.1", port: 0, dualStack: false, backlog: 128, most: 100, ...options },
    (stream) => {
      streams.push(stream);
      const next = waiting.shift();
      if (next === undefined) taken.push(stream);
      else next(stream);
    },
  );
  listeners.push(listener);
  const accepted = () => {
    const stream = taken.shift();
    return stream === undefined ? new Promise<ByteStream>((resolve) => waiting.push(resolve)) : Promise.resolve(stream);
  };
  return { listener, port: listener.address.port, accepted };
}

async function dial(port: number, options: Partial<ConnectOptions> = {}): Promise<ByteStream> {
  const stream = await connectStream({ host: "127.0.0.1", port, timeoutMs: 5000, ...options });
  streams.push(stream);
  return stream;
}

/** Both ends of a connection. */
async function pair() {
  const { port, accepted } = await listen();
  return { near: await dial(port), far: await accepted() };
}

/** All that comes until the end. */
function collect(stream: ByteStream): Promise<Uint8Array> {
  const all = new Uint8Array(2 ** 24);
  let length = 0;
  stream.onData = (bytes) => {
    all.set(bytes, length);
    length += bytes.length;
  };
  return new Promise((resolve) => stream.onEnd = () => resolve(all.slice(0, length)));
}

const ended = (stream: ByteStream) =>
  new Promise<string | undefined>((done) => stream.onEnd = () => done(stream.error));
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const octets = (of: string) => new TextEncoder().encode(of);
const refusedWith = (code: TransportErrorCode, ...said: (string | number)[]) => (error: TransportError) => {
  assert.equal(error.code, code, error.message);
  assert.match(error.message, /^[^\n]+$/);
  for (const word of said) assert.ok(error.message.includes(String(word)), error.message);
  return true;
};

test("octets come in order and whole, however they were written, in both directions", async () => {
  const { near, far } = await pair();
  const [atFar, atNear] = [collect(far), collect(near)];
  // More than the system takes at once: what follows waits.
  const much = Uint8Array.from({ length: 12_000_000 }, (_, i) => i * 7);
  const one = new Uint8Array(1);
  for (const stream of [near, far]) {
    stream.write(much);
    for (let i = 0; i < 300; i++) {
      one[0] = i;
      stream.write(one); // and is changed at once
    }
    stream.end();
  }
  for (const came of [await atFar, await atNear]) {
    assert.equal(came.length, much.length + 300);
    assert.ok(much.every((octet, i) => came[i] === octet));
    assert.deepEqual(came.subarray(much.length), Uint8Array.from({ length: 300 }, (_, i) => i));
  }
  assert.deepEqual([near.error, far.error], [undefined, undefined]);
});

test("what comes before anybody asks for it is kept", async () => {
  const { near, far } = await pair();
  far.write(octets("greeting"));
  far.end();
  await new Promise((resolve) => setTimeout(resolve, 50)); // time in which it could get lost
  assert.equal(text(await collect(near)), "greeting");
  near.end();
});

test("a peer that has closed its side still hears", async () => {
  const { near, far } = await pair();
  const answer = collect(near);
  const question = collect(far);
  near.write(octets("question"));
  near.end();
  assert.equal(text(await question), "question");
  far.write(octets("answer"));
  far.end();
  assert.equal(text(await answer), "answer");
});

test("a reset is told once, as an end with an error, also to who was writing", async () => {
  const { near, far } = await pair();
  let ends = 0;
  const end = new Promise<void>((resolve) =>
    near.onEnd = () => {
      ends++;
      resolve();
    }
  );
  near.onData = () => {};
  const writing = setInterval(() => near.write(new Uint8Array(1000)), 1);
  far.onEnd = () => assert.fail("it was here that it was destroyed");
  far.destroy();
  await end;
  clearInterval(writing);
  assert.equal(near.error, "the peer reset the connection");
  assert.equal(near.write(octets("x")), false);
  for (const stream of [near, far]) {
    stream.end();
    stream.destroy();
    stream.write(octets("x"));
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(ends, 1);
});

test("a peer that does not read is told of, and does not hold up the end", async () => {
  const { port, accepted } = await listen();
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  await new Promise((resolve) => socket.once("connect", resolve));
  const near = new NetStream(socket, undefined, 100);
  const far = await accepted();
  assert.equal(near.write(new Uint8Array(1000)), true);
  let written = 0;
  for (; near.write(new Uint8Array(2 ** 16)); written++) {
    assert.ok(written < 1000, "the system has no such buffers");
    await new Promise((resolve) => setImmediate(resolve));
  }
  const end = ended(near);
  near.end();
  assert.equal(await end, "the peer did not close its side within 0.1 s");
  await collect(far);
  assert.equal(far.error, "the peer reset the connection");
});

test("connecting to nobody, from nowhere and to no address is refused in one line", async () => {
  const { listener, port } = await listen();
  listener.close();
  const at = `127.0.0.1:${port}`;
  await assert.rejects(dial(port), refusedWith("refused", at, "is a server running there"));
  await assert.rejects(dial(port, { localHost: "192.0.2.7" }), refusedWith("not-local", "192.0.2.7"));
  await assert.rejects(dial(port, { localHost: "::1" }), refusedWith("unsupported", "::1", "127.0.0.1"));
  await assert.rejects(dial(port, { host: "localhost" }), refusedWith("unresolved", "localhost"));
  const gone = AbortSignal.abort();
  await assert.rejects(dial(port, { signal: gone }), refusedWith("aborted", at));
});

test("what the system says of a connection becomes one line", () => {
  const to = { host: "2001:db8::1", port: 862, timeoutMs: 1 };
  const cases: [string, TransportErrorCode][] = [
    ["ENETUNREACH", "unreachable"],
    ["EHOSTUNREACH", "unreachable"],
    ["ETIMEDOUT", "timed-out"],
    ["EACCES", "permission"],
    ["EADDRNOTAVAIL", "unavailable"],
    ["EWHATEVER", "unavailable"],
  ];
  for (const [code, reason] of cases) {
    assert.ok(refusedWith(reason, "[2001:db8::1]:862")(connectRefusal({ code, message: `${code}\nand more` }, to)));
  }
  assert.ok(refusedWith("unreachable", "no route")(connectRefusal({ code: "ECONNREFUSED" }, to, false)));
  const low = { host: "::", port: 862, dualStack: true, backlog: 1, most: 1 };
  const why = ["[::]:862", "CAP_NET_BIND_SERVICE", "--control-port"];
  assert.ok(refusedWith("permission", ...why)(listenRefusal({ code: "EACCES" }, low)));
});

test("a connection leaves from the address asked for, and both ends know both", async () => {
  const { port, accepted } = await listen();
  const near = await dial(port, { localHost: "127.0.0.9" });
  const far = await accepted();
  assert.equal(near.local.hostname, "127.0.0.9");
  assert.deepEqual(near.remote, { hostname: "127.0.0.1", port });
  assert.deepEqual([far.local, far.remote], [near.remote, near.local]);
});

test("a port in use and an address of another host are refused in one line", async () => {
  const { port } = await listen();
  await assert.rejects(listen({ port }), refusedWith("in-use", `127.0.0.1:${port}`));
  await assert.rejects(listen({ host: "192.0.2.7" }), refusedWith("not-local", "192.0.2.7"));
  await assert.rejects(listen({ host: "localhost" }), refusedWith("unresolved", "localhost"));
});

test("closing gives the port back at once and leaves connections alone", async () => {
  const { listener, port, accepted } = await listen();
  const near = await dial(port);
  const far = await accepted();
  listener.close();
  await listen({ port });
  near.write(octets("still"));
  near.end();
  assert.equal(text(await collect(far)), "still");
});

test("a listener on :: takes IPv4 if it is for both, and calls it so", async () => {
  const both = await listen({ host: "::", dualStack: true });
  assert.equal(both.listener.address.hostname, "::");
  for (const host of ["127.0.0.1", "::1"]) {
    const near = await dial(both.port, { host });
    const far = await both.accepted();
    assert.deepEqual([far.local, far.remote], [{ hostname: host, port: both.port }, near.local]);
  }
  const ipv6 = await listen({ host: "::", dualStack: false });
  // One runtime refuses it, the other takes it and has to be rid of it.
  const outcome = dial(ipv6.port).then(collect).then((bytes) => bytes.length, (error: TransportError) => error.code);
  assert.ok([0, "refused"].includes(await outcome));
  await dial(ipv6.port, { host: "::1" });
  assert.equal((await ipv6.accepted()).remote.hostname, "::1", "and IPv4 was not handed over");
});

test("more connections than asked for are reset, until there is room again", async () => {
  const { listener, port, accepted } = await listen({ most: 2 });
  const near = [await dial(port), await dial(port)];
  const far = [await accepted(), await accepted()];
  const third = await dial(port).then(ended, () => "refused");
  assert.ok(third !== undefined, "an error");
  assert.equal(listener.refused, 1);
  near[0].end();
  await collect(far[0]);
  far[0].end();
  await ended(near[0]);
  await new Promise((resolve) => setTimeout(resolve, 20)); // the other end's last word
  const next = await dial(port);
  next.write(octets("room"));
  next.end();
  assert.equal(text(await collect(await accepted())), "room");
});

const isLinux = process.platform === "linux";
const descriptors = () => readdirSync("/proc/self/fd").length;

test(
  "a thousand connections come and go, in every way, and leave nothing",
  { skip: !isLinux && "no /proc" },
  async () => {
    const { listener, port, accepted } = await listen({ most: 1000 });
    const round = async () => {
      const near = await Promise.all(Array.from({ length: 100 }, () => dial(port)));
      const far = await Promise.all(near.map(accepted));
      far.forEach((stream, i) => {
        stream.onData = () => {};
        stream.onEnd = () => i % 3 === 0 ? stream.destroy() : stream.end();
      });
      const over = near.map(ended);
      near.forEach((stream, i) => i % 2 === 0 ? stream.end() : stream.destroy());
      await Promise.all(over.filter((_, i) => i % 2 === 0));
      streams.length = 0;
    };
    await round();
    const before = descriptors();
    for (let i = 0; i < 10; i++) await round();
    for (let i = 0; descriptors() > before && i < 100; i++) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(descriptors() <= before, `${descriptors()} descriptors, ${before} before`);
    assert.equal(listener.refused, 0);
  },
);

test("a flood of connections that are gone at once neither ends the program nor deafens it", async () => {
  const { port, accepted } = await listen({ most: 20 });
  const flood = Array.from({ length: 300 }, () =>
    new Promise<void>((resolve) => {
      const socket = connect({ host: "127.0.0.1", port });
      socket.on("error", () => {});
      socket.on("close", () => resolve());
      socket.once("connect", () => socket.resetAndDestroy());
    }));
  const drop = (async () => {
    for (;;) (await accepted()).destroy();
  })();
  void drop;
  await Promise.all(flood);
  const near = await dial(port);
  assert.equal(await ended(near), "the peer reset the connection", "that is what it does with each");
});
