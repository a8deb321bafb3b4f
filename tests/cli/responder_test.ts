/** The responder against raw datagrams: what it answers, with what, and what it says of the rest. */
import { test } from "node:test";
import assert from "node:assert/strict";
import type { Socket } from "node:dgram";
import { assertRefused, each, refused, run, withResponder, withSocket } from "./support.ts";
import { readLines } from "./parse.ts";
import { probe, readReply } from "./packets.ts";

/** Every reply that `socket` gets, to be waited for one by one. */
class Mailbox {
  readonly replies: Uint8Array[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    socket.on("message", (message) => {
      this.replies.push(new Uint8Array(message));
      this.#waiting.splice(0).forEach((look) => look());
    });
  }

  /** Resolves with the first reply that `wanted` likes. */
  async until(wanted: (reply: Uint8Array) => boolean): Promise<Uint8Array> {
    for (;;) {
      const found = this.replies.find(wanted);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

const answers = (seq: number) => (reply: Uint8Array) => readReply(reply).sseq === seq;

/** Sends `bytes` from a new socket at `from` for each call; the reply to its number. */
async function withAsker<T>(
  from: string,
  port: number,
  use: (
    ask: (bytes: Uint8Array) => Promise<ReturnType<typeof readReply>>,
    send: (bytes: Uint8Array) => void,
  ) => Promise<T>,
): Promise<T> {
  return await withSocket(from, async (socket) => {
    const mail = new Mailbox(socket);
    const to = from.includes(":") ? "::1" : "127.0.0.1";
    const send = (bytes: Uint8Array) => socket.send(bytes, port, to);
    return await use(async (bytes) => {
      send(bytes);
      const seq = new DataView(bytes.buffer).getUint32(0);
      return readReply(await mail.until(answers(seq)));
    }, send);
  });
}

test("size and protocol of replies: TWAMP and STAMP told apart, never shorter than the base packet", async () => {
  await withResponder([], async ({ port, stop }) => {
    await withAsker("127.0.0.1", port, async (ask) => {
      let seq = 0;
      const size = async (bytes: Uint8Array) => (await ask(bytes)).size;
      for (const [sent, back] of [[14, 41], [16, 41], [41, 41], [43, 43], [1014, 1014], [9000, 9000]]) {
        const bytes = probe(seq++, sent);
        bytes.fill(0xff, 14); // padding that no STAMP packet has
        assert.equal(await size(bytes), back, `${sent} octets of TWAMP`);
      }
      const stamp = await ask(probe(seq++, 44, 0x1234));
      assert.deepEqual([stamp.size, stamp.ssid], [44, 0x1234]);
      const extra = probe(seq++, 44 + 4 + 100, 7);
      extra.set([0x80, 1, 0, 100], 44); // U set, Extra Padding
      assert.deepEqual(await ask(extra).then(({ size, ssid }) => [size, ssid]), [148, 7]);
      const notTlvs = probe(seq++, 100);
      notTlvs.fill(0xff, 60);
      assert.equal(await size(notTlvs), 100);
    });
    const { counts } = await stop();
    assert.deepEqual([counts.received, counts.reflected, counts["as STAMP"]], [9, 9, 2]);
  });
});

test("the TTL that cannot be read is sent as 255 and reported as unknown", async () => {
  await withResponder(["--transport", "node"], async ({ at, port }) => {
    await withAsker("127.0.0.1", port, async (ask) => assert.equal((await ask(probe(1))).ttl, 255));
    const { stdout } = await run(["sender", at, "127.0.0.1:0", "-c", "3", "-i", "5", "--output", "ndjson"]);
    assert.deepEqual(readLines(stdout).probes.map(({ ttlForward }) => ttlForward), [null, null, null]);
  });
});

test("stateful counts its replies for each sender, stateless copies", async () => {
  for (const [flags, expected] of [[[], [0, 1, 2]], [["--stateless"], [5, 9, 40]]] as const) {
    await withResponder(flags, async ({ port }) => {
      for (const from of ["127.0.0.1", "127.0.0.2"]) {
        await withAsker(from, port, async (ask) => {
          const numbers = [];
          for (const seq of [5, 9, 40]) numbers.push((await ask(probe(seq))).rseq);
          assert.deepEqual(numbers, expected);
        });
      }
    });
  }
});

test("--timer forgets a silent session, and only a silent one", async () => {
  await withResponder(["--timer", "0.4"], async ({ port }) => {
    await withAsker("127.0.0.1", port, (ask) =>
      withAsker("127.0.0.1", port, async (askBeside) => {
        assert.equal((await ask(probe(0))).rseq, 0);
        assert.equal((await ask(probe(1))).rseq, 1);
        // Silence is measured by the other session, which is never silent.
        const until = performance.now() + 600;
        let seq = 0;
        while (performance.now() < until) {
          assert.equal((await askBeside(probe(seq))).rseq, seq);
          seq++;
        }
        assert.equal((await ask(probe(2))).rseq, 0);
      }));
  });
});

test("--strict-size drops what would have to grow", async () => {
  await withResponder(["--strict-size"], async ({ port, stop }) => {
    await withAsker("127.0.0.1", port, async (ask, send) => {
      for (const size of [14, 20, 40]) send(probe(1, size));
      assert.equal((await ask(probe(2, 41))).size, 41);
      assert.equal((await ask(probe(3, 44))).size, 44);
    });
    const { counts, stderr } = await stop();
    assert.deepEqual([counts.received, counts.reflected], [5, 2]);
    assert.match(stderr, / 3 [^,;]*--strict-size/);
  });
});

test("--allow and --deny by prefix, counted; over a wildcard socket as well", async () => {
  for (const local of ["127.0.0.1:0", ":0"]) {
    await withResponder(["--allow", "127.0.0.0/30", "--deny", "127.0.0.2"], async ({ port, stop }) => {
      // From .2 (denied) and .5 (not allowed) first: when .1 has its answer, theirs would be there.
      await withAsker("127.0.0.2", port, (_ask, denied) =>
        withAsker("127.0.0.5", port, async (_ask, outside) => {
          denied(probe(1));
          outside(probe(1));
          outside(probe(2));
          await withAsker("127.0.0.1", port, async (ask) => assert.equal((await ask(probe(3))).rseq, 0));
        }));
      const { counts } = await stop();
      assert.deepEqual([counts.received, counts.reflected, counts["not allowed"]], [4, 1, 3]);
    }, local);
  }
});

test("--rate-limit holds back one address and not another", async () => {
  await withResponder(["--rate-limit", "20"], async ({ port, stop }) => {
    const started = performance.now();
    await withAsker("127.0.0.2", port, async (_ask, flood) => {
      for (let seq = 0; seq < 100; seq++) flood(probe(seq));
      await withAsker("127.0.0.1", port, async (ask) => assert.equal((await ask(probe(0))).size, 41));
    });
    const { counts } = await stop();
    const most = 1 + 0.1 * 20 + 20 * (performance.now() - started) / 1000;
    assert.equal(counts.received, 101);
    assert.equal(counts.reflected + counts["over the rate limit"], 101);
    assert.ok(counts.reflected >= 2 && counts.reflected <= 1 + most, `${counts.reflected} reflected, ${most} at most`);
  });
});

test("--rate-limit with a length is for all of a prefix together", async () => {
  for (const [rate, reflected] of [["1/24", 3], ["1/24/56", 3], ["1", 7]] as const) {
    await withResponder(["--rate-limit", rate], async ({ port, stop }) => {
      for (const from of ["127.0.0.1", "127.0.0.2", "127.0.0.3"]) {
        await withSocket(from, async (socket) => {
          for (let seq = 0; seq < 2; seq++) {
            await new Promise((sent) => socket.send(probe(seq), port, "127.0.0.1", sent));
          }
        });
      }
      await withAsker("127.0.1.1", port, async (ask) => assert.equal((await ask(probe(9))).size, 41));
      const { counts } = await stop();
      assert.deepEqual([counts.received, counts.reflected], [7, reflected], rate);
    });
  }
});

test("--max-sessions: so many are numbered at a time, and the longest silent one begins anew", async () => {
  await withResponder(["--max-sessions", "2"], async ({ port, stop }) => {
    await withAsker(
      "127.0.0.1",
      port,
      (one) =>
        withAsker("127.0.0.2", port, (two) =>
          withAsker("127.0.0.3", port, async (three) => {
            const numbers = [];
            for (
              const [ask, seq] of [[one, 0], [two, 0], [one, 1], [two, 1], [three, 0], [two, 2], [one, 2]] as const
            ) {
              numbers.push((await ask(probe(seq))).rseq);
            }
            assert.deepEqual(numbers, [0, 0, 1, 1, 0, 2, 0]);
          })),
    );
    const { stderr } = await stop();
    assert.match(stderr, /sessions: 2 remembered, 2 forgotten early/);
  });
});

/** What `--test-mode` did, by the responder's own count, and what a sender saw of it. */
async function spoiled(rates: readonly string[], count = 60, ...args: string[]) {
  return await withResponder(["--test-mode", ...rates, "--seed", "1234"], async ({ at, stop }) => {
    const line = ["sender", at, "127.0.0.1:0", "-c", String(count), "-i", "5", "--packet-timeout", "0.7"];
    const { stdout } = await run([...line, "--output", "ndjson", ...args]);
    const { counts, stderr } = await stop();
    assert.match(stderr, /test mode: \d+ dropped, \d+ duplicated, \d+ delayed, \d+ reordered/);
    return { ...readLines(stdout), counts };
  });
}

test("test mode: what is dropped is lost inbound, by the same seed the same ones", async () => {
  const [once, again] = await Promise.all([spoiled(["--drop-rate", "20"]), spoiled(["--drop-rate", "20"])]);
  const { lost, lostOutbound, lostInbound, duplicates, reordered } = once.summary.packets;
  assert.ok(once.counts.dropped > 3 && once.counts.dropped < 30, `${once.counts.dropped} of 60 dropped at 20 %`);
  assert.deepEqual([lost, duplicates, reordered], [once.counts.dropped, 0, 0]);
  assert.equal(lostOutbound, 0);
  assert.ok(lost - lostInbound <= 3, "all but those after the last reply");
  const which = ({ probes }: typeof once) =>
    probes.filter(({ status }) => status === "lost").map(({ seq }) => seq).toSorted((a, b) => a - b);
  assert.deepEqual(which(again), which(once));
});

test("test mode: duplicates", async () => {
  const { counts, summary } = await spoiled(["--duplicate-rate", "30%"]);
  assert.ok(counts.duplicated > 5);
  assert.deepEqual([summary.packets.received, summary.packets.lost], [60, 0]);
  // The copy of the reply that ends the run may come too late to be counted.
  assert.ok([0, 1].includes(counts.duplicated - summary.packets.duplicates), `${counts.duplicated} made`);
});

test("test mode: reordering, as often as it says", async () => {
  for (const rate of ["10", "40"]) {
    const { counts, summary } = await spoiled(["--reorder-rate", rate]);
    assert.ok(counts.reordered > 0);
    assert.deepEqual([summary.packets.received, summary.packets.lost], [60, 0]);
    // Nothing overtakes the last reply.
    assert.ok(
      [0, 1].includes(counts.reordered - summary.packets.reordered),
      `${rate} %: ` +
        `${counts.reordered} reordered by its own count, ${summary.packets.reordered} seen`,
    );
  }
});

test("test mode: delay, on the way back, up to the longest", async () => {
  const { counts, summary } = await spoiled(["--delay-rate", "100", "--max-delay", "0.2"]);
  assert.equal(counts.delayed, 60);
  assert.deepEqual([summary.packets.received, summary.packets.lost], [60, 0]);
  const { inbound, outbound, roundtrip } = summary.delayNs;
  // Drawn evenly from 0 to 200 ms: the middle of 60 is near 100 ms.
  assert.ok(inbound.p50 > 50e6 && inbound.p50 < 160e6, `p50 ${inbound.p50}`);
  assert.ok(roundtrip.max > 120e6 && roundtrip.max < 400e6, `max ${roundtrip.max}`);
  assert.ok(outbound.p50 < 30e6, `outbound ${outbound.p50}`);
});

test("test mode: a delay longer than timers go is refused, and does not become none", async () => {
  const line = ["responder", "127.0.0.1:0", "--test-mode", "--delay-rate", "100", "--max-delay", "3000000"];
  assertRefused(await refused(line), 2, "--max-delay", "3000000");
});

test("test mode: all rates together, and the responder's count is the sender's", async () => {
  const { counts, summary } = await spoiled(["--drop-rate", "10", "--duplicate-rate", "10"], 100);
  const { lost, duplicates } = summary.packets;
  assert.equal(lost, counts.dropped);
  assert.ok([0, 1].includes(counts.duplicated - duplicates), `${counts.duplicated} made, ${duplicates} seen`);
});

/** A small generator (mulberry32): the same datagrams every time. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

test("thousands of datagrams of anything, 0 to 65,507 octets: counted by reason, too short ones never answered", async () => {
  await each(["auto", "stamp", "twamp"], async (protocol) => {
    await withResponder(["--protocol", protocol], ({ port, stop }) =>
      withSocket("127.0.0.1", async (socket) => {
        const random = randomFrom(20_261_120);
        const mail = new Mailbox(socket);
        const sizes = new Map<number, number>();
        const KNOCK = 0x4b4e4f43;
        let sent = 0;
        const send = (bytes: Uint8Array) =>
          new Promise<void>((resolve, reject) => {
            sent++;
            socket.send(bytes, port, "127.0.0.1", (error) => error ? reject(error) : resolve());
          });
        let unread = 0;
        for (let n = 0; n < 1500; n++) {
          const kind = random();
          const size = kind < 0.3
            ? Math.floor(random() * 20)
            : kind < 0.9
            ? Math.floor(random() * 200)
            : kind < 0.98
            ? Math.floor(random() * 9300)
            : n % 2 === 0
            ? 65_507
            : Math.floor(random() * 65_508);
          const bytes = new Uint8Array(size);
          const zeros = random() < 0.4; // what looks like STAMP, with perhaps a chain of TLVs
          if (!zeros) { for (let i = 0; i < size; i++) bytes[i] = random() * 256; }
          if (zeros && size > 48) bytes.set([0x80, random() * 10, random() * 2, random() * 256], 44);
          if (size >= 4) new DataView(bytes.buffer).setUint32(0, n);
          sizes.set(n, size);
          await send(bytes);
          // The receive buffer of a socket is small: every so often wait until all is read.
          unread += size + 700;
          if (unread < 60_000) continue;
          unread = 0;
          await send(probe(KNOCK + n));
          await mail.until(answers(KNOCK + n));
        }
        await send(probe(KNOCK - 1));
        await mail.until(answers(KNOCK - 1));
        for (const reply of mail.replies) {
          const { sseq, size } = readReply(reply);
          if (sseq >= KNOCK - 1) continue;
          const asked = sizes.get(sseq)!;
          assert.ok(asked >= 14, `${asked} octets were answered`);
          assert.ok(size <= Math.max(asked, 44) && size >= 41, `${size} octets for ${asked}`);
        }
        const { counts } = await stop();
        const tooShort = [...sizes.values()].filter((size) => size < 14).length;
        assert.deepEqual([counts.received, counts["too short"] ?? 0], [sent, tooShort]);
        assert.equal(counts.reflected, mail.replies.length);
        assert.equal(counts.received, counts.reflected + counts["too short"] + (counts["too long"] ?? 0));
      }));
  });
});

test("a datagram that cannot be answered does not end it: port 0 is no peer, a closed one says no", async () => {
  await withResponder([], async ({ port }) => {
    for (let n = 0; n < 20; n++) {
      await withAsker("127.0.0.1", port, (_ask, send) => Promise.resolve(send(probe(n)))); // closed before the reply
    }
    await withAsker("127.0.0.1", port, async (ask) => assert.equal((await ask(probe(99))).sseq, 99));
  });
});
