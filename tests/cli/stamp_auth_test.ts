/** Authenticated STAMP as a black box: keys, who is answered, and packets as node:crypto makes them. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { assertRefused, each, refused, run, withFolder, withResponder, withSocket } from "./support.ts";
import { ntpNow } from "./packets.ts";

const KEYS = "# two sessions, and all others\n7\thex:00ff1002\n65535 another one\ndefault  s3cret\n";
const SECRET = "s3cret";

/** Writes `text` as key file into a folder of its own. */
async function withKeys<T>(
  use: (write: (name: string, text: string | Uint8Array, mode?: number) => string) => Promise<T>,
) {
  return await withFolder((folder) =>
    use((name, text, mode = 0o600) => {
      const path = join(folder, name);
      writeFileSync(path, text);
      chmodSync(path, mode);
      return path;
    })
  );
}

const mac = (bytes: Uint8Array, key: string | Uint8Array = SECRET) =>
  Uint8Array.from(createHmac("sha256", key).update(bytes.subarray(0, 96)).digest()).slice(0, 16);

/** A probe by hand: RFC 8762 figure 4. */
function probe(seq: number, ssid: number, size = 112): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, seq);
  const [seconds, fraction] = ntpNow();
  view.setUint32(16, seconds);
  view.setUint32(20, fraction);
  view.setUint16(24, 1);
  view.setUint16(26, ssid);
  bytes.set(mac(bytes), 96);
  return bytes;
}

const sender = (at: string, file: string, ...args: string[]) => {
  const local = at.startsWith("[") ? "[::1]:0" : "127.0.0.1:0";
  const shared = ["--protocol", "stamp", "--mode", "authenticated", "--key-file", file, "-c", "10", "-i", "3"];
  return run(["sender", at, local, ...shared, "--packet-timeout", "1", ...args]);
};

test("both ends, over both families, with the key of the SSID, of all others, and a named one", async () => {
  await withKeys(async (write) => {
    const file = write("keys", KEYS);
    const renamed = write("renamed", `alice ${SECRET}\nbob x\n`);
    for (const local of ["127.0.0.1:0", "[::1]:0"]) {
      await withResponder(["--mode", "authenticated", "--key-file", file], async ({ at, stop }) => {
        await each([[], ["--ssid", "7", "--padding", "300"], ["--ssid", "65535"], ["--ssid", "8"]], async (args) => {
          const { status, stdout } = await sender(at, file, "--output", "json", ...args);
          assert.equal(status, 0);
          const { session, packets, findings, stamps } = JSON.parse(stdout);
          assert.deepEqual([session.mode, session.protocol, packets.received], ["authenticated", "stamp", 10]);
          assert.deepEqual([findings ?? {}, packets.malformed], [{}, 0], JSON.stringify(stamps));
        });
        const named = await sender(at, renamed, "--key-id", "alice");
        assert.equal(named.status, 0, named.stderr);
        const { counts, stderr } = await stop();
        assert.deepEqual([counts.received, counts.reflected, counts["as STAMP"]], [50, 50, 50]);
        assert.match(stderr, /sessions: 5 remembered/);
      }, local);
    }
  });
});

test("another key, no key, no MAC: no answer, counted, exit status 1; and the reason is named", async () => {
  await withKeys(async (write) => {
    const file = write("keys", "7 one\n");
    const wrong = write("wrong", "7 two\n8 one\n");
    await withResponder(["--mode", "authenticated", "--key-file", file], async ({ at, stop }) => {
      for (const ssid of ["7", "8"]) {
        const { status, stderr } = await sender(at, wrong, "--ssid", ssid, "--packet-timeout", "0.1");
        assert.equal(status, 1);
        assert.match(stderr, /key/);
      }
      const open = await run(["sender", at, "127.0.0.1:0", "-c", "10", "-i", "3", "--packet-timeout", "0.1"]);
      assert.equal(open.status, 1);
      const { counts } = await stop();
      assert.deepEqual([counts.received, counts.reflected], [30, 0]);
      assert.deepEqual([counts["without a right MAC"], counts["of sessions without a key"]], [20, 10]);
    });
    // An authenticated sender believes no open reply either.
    await withResponder([], async ({ at }) => {
      const { status, stderr } = await sender(at, file, "--ssid", "7", "--packet-timeout", "0.1");
      assert.equal(status, 1);
      assert.match(stderr, /10 sealed replies do not verify/);
    });
  });
});

test("packets made and checked by node:crypto: the reply's MAC is right and covers T3, and numbers are by SSID", async () => {
  await withKeys(async (write) => {
    const args = ["--mode", "authenticated", "--key-file", write("keys", KEYS)];
    for (const workers of process.platform === "linux" ? ["1", "2"] : ["1"]) {
      await withResponder([...args, "--workers", workers], async ({ port, stop }) => {
        await withSocket("127.0.0.1", async (socket) => {
          for (const [seq, ssid, number, size] of [[5, 9, 0, 112], [6, 9, 1, 112], [7, 10, 0, 112], [8, 9, 2, 200]]) {
            const sent = probe(seq, ssid, size);
            for (const wrong of [sent.slice(0, 111), sent.map((octet, i) => i === 40 ? 1 : octet)]) {
              socket.send(wrong, port, "127.0.0.1");
            }
            socket.send(sent, port, "127.0.0.1");
            const [message] = await once(socket, "message");
            const reply = new Uint8Array(message);
            const view = new DataView(reply.buffer);
            assert.equal(reply.length, size);
            assert.deepEqual(reply.slice(96, 112), mac(reply));
            assert.deepEqual([view.getUint32(0), view.getUint32(48), view.getUint16(26)], [number, seq, ssid]);
            assert.deepEqual(reply.slice(64, 74), sent.slice(16, 26), "T1 and its Error Estimate");
            const [t2, t3] = [32, 16].map((at) => view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4));
            assert.ok(t2 > 0 && t3 >= t2, "T3 is after T2");
          }
        });
        const { counts } = await stop();
        assert.deepEqual([counts.reflected, counts["without a right MAC"]], [4, 8]);
      });
    }
  });
});

test("what does not go together is refused in a line, before a file is read", async () => {
  await withKeys(async (write) => {
    const file = write("keys", KEYS);
    const names = write("names", "alice a\nbob b\n");
    const open = write("open", KEYS, 0o644);
    const latin = write("latin", Uint8Array.of(0x61, 0x20, 0x70, 0xe4, 0x0a));
    const cases: [string[], number, ...string[]][] = [
      [["responder", "--mode", "authenticated"], 2, "--key-file"],
      [["responder", "--mode", "open,authenticated", "--key-file", file], 2, "--mode", "one responder for each"],
      [["responder", "--mode", "encrypted"], 2, "encrypted", "open, authenticated"],
      [["responder", "--protocol", "twamp", "--key-file", file], 2, "TWAMP"],
      [["responder", "--key-id", "x"], 2, "--key-file"],
      [["responder", "--mode", "authenticated", "--protocol", "twamp", "--key-file", file], 2, "STAMP"],
      [["responder", "--mode", "authenticated", "--key-file", names], 2, "--key-id"],
      [["responder", "--mode", "authenticated", "--key-file", file, "--key-id", "no"], 2, "'no'"],
      [["sender", "--mode", "authenticated", "--key-file", file], 2, "--protocol stamp"],
      [["sender", "--protocol", "stamp", "--mode", "authenticated"], 2, "--key-file"],
      [["sender", "--key-file", file], 2, "--protocol stamp"],
      [["responder", "--mode", "authenticated", "--key-file", latin], 2, "not UTF-8", "hex:"],
      [
        ["sender", "--protocol", "stamp", "--mode", "authenticated", "--key-file", write("seven", "7 x\n8 y\n")],
        2,
        "SSID 0",
      ],
    ];
    if (process.platform !== "win32") {
      cases.push([["responder", "--mode", "authenticated", "--key-file", open], 2, "chmod 600"]);
    }
    await each(cases, async ([args, status, ...words]) => {
      const outcome = await refused(args);
      assertRefused(outcome, status, ...words);
      assert.ok(!outcome.stderr.includes(SECRET));
    });
  });
});

test("open mode with a key: TLVs have an HMAC, and a responder with keys answers none without", async () => {
  await withKeys(async (write) => {
    const [file, wrong] = [write("keys", KEYS), write("wrong", "default other\n")];
    await withResponder(["--key-file", file], async ({ at, port, stop }) => {
      const open = (keys: string, ...args: string[]) =>
        run(["sender", at, "127.0.0.1:0", "--protocol", "stamp", "-c", "5", "-i", "3", "--key-file", keys, ...args]);
      for (const [args, size] of [[[], 64], [["--padding", "100"], 168]] as const) {
        const { status, stderr } = await open(file, "-d", ...args);
        assert.equal(status, 0, stderr);
        assert.match(stderr, new RegExp(`\\b${size}\\b`));
      }
      assert.equal((await open(wrong)).status, 0, "the base packet is not sealed");
      await withSocket("127.0.0.1", async (socket) => {
        const bytes = new Uint8Array(44 + 8);
        bytes.set([0x80, 200, 0, 4, 1, 2, 3, 4], 44);
        bytes[4] = 0xed;
        socket.send(bytes, port, "127.0.0.1");
        const [reply] = await once(socket, "message");
        assert.deepEqual([...reply.subarray(44)], [0xa0, 200, 0, 4, 1, 2, 3, 4]);
      });
      const { counts } = await stop();
      assert.deepEqual([counts.reflected, counts["as STAMP"], counts["with TLVs that do not verify"]], [16, 16, 6]);
    });
  });
});

test("--tlv: extensions are under an HMAC where there is a key, and what a wrong key costs is told", async () => {
  await withKeys(async (write) => {
    const [file, wrong] = [write("keys", KEYS), write("wrong", "default other\n")];
    for (const mode of ["open", "authenticated"]) {
      await withResponder(["--mode", mode, "--key-file", file], async ({ at }) => {
        const ask = async (keys: string, ...args: string[]) => {
          const line = ["sender", at, "127.0.0.1:0", "--protocol", "stamp", "--mode", mode, "--key-file", keys];
          const { stdout } = await run([...line, "-c", "5", "-i", "3", "--output", "json", ...args]);
          return JSON.parse(stdout);
        };
        const both = await ask(file, "--tlv", "timestamp-info", "--tlv", "hmac");
        assert.equal(both.packets.received, 5);
        const rows = both.tlvs.map((row: Record<string, number>) => [row.name, row.returned, row.integrityFailed]);
        assert.deepEqual(rows, [["timestamp-info", 5, 0], ["hmac", 5, 0]]);
        const alone = await ask(file, "--tlv", "hmac");
        assert.deepEqual(alone.tlvs.map(({ name, returned }: Record<string, number>) => [name, returned]), [[
          "hmac",
          5,
        ]]);
        if (mode === "authenticated") return;
        const spoiled = await ask(wrong, "--tlv", "timestamp-info");
        assert.deepEqual([spoiled.packets.received, spoiled.tlvs[0].integrityFailed], [5, 5]);
      });
    }
    await withResponder([], async ({ at }) => {
      const line = ["sender", at, "127.0.0.1:0", "--protocol", "stamp", "--key-file", file, "--tlv", "direct"];
      const { stdout } = await run([...line, "-c", "3", "-i", "3", "--output", "json"]);
      const { tlvs, notes } = JSON.parse(stdout);
      assert.deepEqual(tlvs.map((row: Record<string, number>) => [row.integrityFailed, row.unrecognized]), [[0, 0], [
        0,
        3,
      ]]);
      const [note] = notes.filter((line: string) => line.startsWith("TLV"));
      assert.match(note, /^TLV hmac: the far end does not understand it, or has no key .* \(3 of 3 returned\)$/);
    });
    assertRefused(await refused(["sender", "--protocol", "stamp", "--tlv", "hmac"]), 2, "--tlv hmac", "--key-file");
    assertRefused(await refused(["sender", "--tlv", "hmac", "--key-file", file]), 2, "--protocol stamp");
  });
});

test("the demo has both ends authenticated", async () => {
  await withKeys(async (write) => {
    const args = ["--protocol", "stamp", "--mode", "authenticated", "--key-file", write("keys", KEYS)];
    const { status, stdout } = await run(["demo", "-c", "5", "--output", "json", ...args]);
    assert.equal(status, 0);
    assert.equal(JSON.parse(stdout).packets.received, 5);
  });
});
