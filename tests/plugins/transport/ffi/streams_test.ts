/** TCP that `node:net` alone cannot make: peers that do not answer, and the DSCP of connections. Loopback of Linux. */
import { after, test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import process from "node:process";
import type { TransportError } from "../../../../core/errors.ts";
import type { ByteStream, StreamAddress } from "../../../../core/stream.ts";
import {
  AF_INET,
  AF_INET6,
  IP_TOS,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_TCLASS,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOCKADDR_IN6,
} from "../../../../plugins/transport/ffi/linux/abi.ts";
import { openLibc } from "../../../../plugins/transport/ffi/linux/libc.ts";
import { nameOf } from "../../../../plugins/transport/ffi/linux/names.ts";
import { nameSize, peerOf, writeName } from "../../../../plugins/transport/ffi/linux/sockaddr.ts";
import { StreamSockets } from "../../../../plugins/transport/ffi/linux/streams.ts";
import { fixedMemory } from "../../../../plugins/transport/ffi/native.ts";
import { connectStream, listenStreams, setStreamTos } from "../../../../plugins/transport/stream.ts";

const libc = process.platform === "linux" ? openLibc() : "not Linux";
const skip = typeof libc === "string" ? libc : false;
const cleanup: (() => void)[] = [];
after(() => cleanup.forEach((step) => step()));

/** A TCP socket of ours, and the name of `to` for it. */
function socketFor(to: StreamAddress) {
  assert.ok(typeof libc !== "string");
  const family = to.hostname.includes(":") ? AF_INET6 : AF_INET;
  const descriptor: number = libc.socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  cleanup.push(() => libc.close(descriptor));
  const name = fixedMemory(SOCKADDR_IN6);
  const peer = new Uint32Array(peerOf(libc, to.hostname, to.port).buffer);
  writeName(family, peer, 0, new Uint32Array(name.buffer), 0);
  return { libc, family, descriptor, name, size: nameSize(family) };
}

/** A port that listens, where nobody takes connections and no more have room. */
async function deafPort(): Promise<number> {
  const { libc, descriptor, name, size } = socketFor({ hostname: "127.0.0.1", port: 0 });
  const functions = libc.native.open("libc.so.6", { listen: { parameters: ["i32", "i32"], result: "i32" } });
  assert.equal(libc.bind(descriptor, name, size), 0);
  assert.equal(functions.listen(descriptor, 0), 0);
  const { port } = nameOf(libc, descriptor);
  const stream = await connectStream({ host: "127.0.0.1", port, timeoutMs: 5000 });
  cleanup.push(() => stream.destroy());
  return port;
}

/** Connections to `port` that wait for an answer. */
function asking(port: number): number {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return readFileSync("/proc/self/net/tcp", "utf8").split(`:${hex} 02 `).length - 1;
}

test("a peer that does not answer is given up in time, or when that is asked for", { skip }, async () => {
  const port = await deafPort();
  const refused = (code: string, said: string) => (error: TransportError) => {
    assert.equal(error.code, code);
    return error.message.includes(`127.0.0.1:${port} `) && error.message.includes(said);
  };
  const late = connectStream({ host: "127.0.0.1", port, timeoutMs: 50 });
  await assert.rejects(late, refused("timed-out", "within 50 ms"));
  const stop = new AbortController();
  const stopped = connectStream({ host: "127.0.0.1", port, timeoutMs: 60_000, signal: stop.signal });
  setTimeout(() => stop.abort(), 20);
  await assert.rejects(stopped, refused("aborted", "interrupted"));
  for (let i = 0; asking(port) > 0 && i < 50; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(asking(port), 0, "nor does the system go on");
});

for (
  const [host, to, dualStack] of [
    ["127.0.0.1", "127.0.0.1", false],
    ["::1", "::1", false],
    ["::", "::1", true],
    ["::", "127.0.0.1", true],
  ] as const
) {
  test(`connections to ${to} at ${host} get the DSCP of their SYN, or one of ours`, { skip }, async () => {
    const taken: ((stream: ByteStream) => void)[] = [];
    const listener = await listenStreams(
      { host, port: 0, dualStack, backlog: 16, most: 16, keepDscp: true },
      (stream) => taken.shift()!(stream),
    );
    cleanup.push(() => listener.close());
    for (const tos of [0xb8, 0, 0x28]) {
      const coming = new Promise<ByteStream>((resolve) => taken.push(resolve));
      const { libc, family, descriptor, name, size } = socketFor({ hostname: to, port: listener.address.port });
      const isIpv4 = family === AF_INET;
      const [level, option] = isIpv4 ? [IPPROTO_IP, IP_TOS] : [IPPROTO_IPV6, IPV6_TCLASS];
      libc.setInt(descriptor, level, option, tos);
      assert.equal(libc.connect(descriptor, name, size), 0);
      const stream = await coming;
      const found = new StreamSockets(libc).find(stream);
      assert.ok(found !== undefined && found !== descriptor);
      assert.equal(libc.getInt(found, level, option), 0, "nothing is done for whom nobody has judged yet");
      stream.keepDscp!();
      assert.equal(libc.getInt(found, level, option), tos, "as the SYN");
      assert.equal(setStreamTos(stream, 0x89), true);
      assert.equal(libc.getInt(found, level, option), 0x88, "ECN is TCP's own");
      stream.destroy();
    }
  });
}

test(
  "a connection is found with few questions, however many sockets there are, and wherever it is",
  { skip },
  async () => {
    assert.ok(typeof libc !== "string");
    const many = Array.from({ length: 400 }, () => libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    cleanup.push(() => many.forEach((descriptor) => libc.close(descriptor)));
    let asked = 0;
    const counting = Object.create(libc, {
      getpeername: { value: (...args: Parameters<typeof libc.getpeername>) => (asked++, libc.getpeername(...args)) },
    });
    let took: (stream: ByteStream) => void;
    const listener = await listenStreams(
      { host: "127.0.0.1", port: 0, dualStack: false, backlog: 16, most: 16 },
      (stream) => took(stream),
    );
    cleanup.push(() => listener.close());
    const connect = async () => {
      const taking = new Promise<ByteStream>((resolve) => took = resolve);
      const stream = await connectStream({ host: "127.0.0.1", port: listener.address.port, timeoutMs: 5000 });
      const taken = await taking;
      cleanup.push(() => [stream, taken].forEach((end) => end.destroy()));
      return taken;
    };
    const stream = await connect();
    const found = new StreamSockets(counting).find(stream);
    assert.ok(found !== undefined && asked < 20, `${asked} questions`);
    // A descriptor below it is given back: then it is not below the lowest that is free.
    libc.close(many.shift()!);
    assert.equal(new StreamSockets(counting).find(stream), found);
  },
);

test("a connection that is gone has no DSCP to be set", { skip }, async () => {
  const listener = await listenStreams(
    { host: "127.0.0.1", port: 0, dualStack: false, backlog: 1, most: 1 },
    (stream) => stream.onEnd = () => stream.end(),
  );
  const stream = await connectStream({ host: "127.0.0.1", port: listener.address.port, timeoutMs: 5000 });
  assert.equal(setStreamTos(stream, 0xb8), true);
  stream.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(setStreamTos(stream, 0xb8), false);
  listener.close();
});
