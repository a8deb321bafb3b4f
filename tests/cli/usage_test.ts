/** What is typed wrongly: one line, the value named, the exit status of CLI.md. And the commands that only print. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { chmodSync, copyFileSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { assertRefused, each, refused, run, tool, withFolder, withSocket } from "./support.ts";

const SENDER = ["sender", "127.0.0.1:9", "127.0.0.1:0", "-c", "1", "-i", "1", "--packet-timeout", "0.05"];

test("version, by all three names", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  for (const word of ["version", "--version", "-v"]) {
    const { status, stdout, stderr } = await run([word]);
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: `twampede ${version}\n`, stderr: "" });
  }
});

test("help, with and without being asked for, names every command and every option", async () => {
  const asked = await run(["--help"]);
  for (const args of [["help"], []]) assert.deepEqual(await run(args), asked);
  assert.equal(asked.status, 0);
  assert.equal(asked.stderr, "");
  for (
    const word of [
      "sender",
      "responder, reflector",
      "demo",
      "doctor",
      "dscptable",
      "decode",
      "plugins",
      "version",
      "help",
    ]
  ) {
    assert.match(asked.stdout, new RegExp(`^  ${word} `, "m"));
  }
  const options = {
    sender:
      "interval count tos dscp ttl padding do-not-fragment logfile quiet verbose debug telegraf print-responses " +
      "stats-interval packet-timeout jitter output profile schedule transport protocol mode key-file key-id ssid seed ipv4 ipv6",
    responder: "timer test-mode drop-rate reorder-rate delay-rate max-delay duplicate-rate protocol stateless " +
      "mode key-file key-id strict-size rate-limit max-sessions allow deny transport seed tos ttl",
  };
  for (const [command, words] of Object.entries(options)) {
    const { status, stdout } = await run([command, "--help"]);
    assert.equal(status, 0);
    for (const word of words.split(" ")) assert.match(stdout, new RegExp(`--${word}\\b`), `${command} --${word}`);
    assert.equal((await run(["help", command])).stdout, stdout);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
  }
});

test("tables and lists end with status 0", async () => {
  const dscp = await run(["dscptable"]);
  assert.equal(dscp.status, 0);
  assert.match(dscp.stdout, /^ *ef +46 +101110 +0xb8 +184\b/m);
  assert.equal([...dscp.stdout.matchAll(/ 0x[0-9a-f]{2} /g)].length, 64);
  const plugins = await run(["plugins"]);
  assert.equal(plugins.status, 0);
  for (const name of ["table", "json", "ndjson", "csv", "influx", "imix", "jumbo", "poisson", "node"]) {
    assert.match(plugins.stdout, new RegExp(`^ *${name} `, "m"));
  }
});

test("a command or option that does not exist: the one that was meant", async () => {
  await each<[string[], ...string[]]>([
    [["snder"], "snder", "sender"],
    [["responer", "127.0.0.1:0"], "responer", "responder"],
    [["help", "snder"], "snder", "sender"],
    [["sender", "--cuont", "3"], "--cuont", "--count"],
    [["sender", "--output", "jsn"], "jsn", "json"],
    [["sender", "--profile", "jmbo"], "jmbo", "jumbo"],
    [["sender", "--schedule", "poison"], "poison", "poisson"],
    [["responder", "--drop-rat", "3"], "--drop-rat", "--drop-rate"],
    [["--verison"], "--verison", "--version"],
    [["doctro"], "doctro", "doctor"],
    [["xyzzy"], "xyzzy"],
  ], async ([args, ...words]) => assertRefused(await refused(args), 2, ...words));
});

test("a value that is wrong: one line that names it, status 2", async () => {
  const wrong: [option: string, ...values: string[]][] = [
    ["--count", "-1", "1.5", "abc", "", "NaN", "1e3", " 5"],
    ["--interval", "0", "-1", "1e-9", "NaN", "", "5x", "0.0000001", "1000000000000000"],
    ["--packet-timeout", "0", "-1", "x"],
    ["--stats-interval", "-1", "x"],
    ["--padding", "-2", "65494", "x"],
    ["--tos", "256", "-1", "ef"],
    ["--dscp", "64", "xx", "", "constructor", "__proto__"],
    ["--ttl", "0", "256"],
    ["--ssid", "65536", "-1"],
    ["--seed", "zz", "", "123456789012345678901234567890123"],
    ["--protocol", "ftp"],
    ["--mode", "encryptet"],
    ["--jitter", "rfc1"],
    ["--transport", "pigeon", ""],
    ["--schedule", "", "fixed:x=1"],
    ["--profile", "jumbo:size=70000", "jumbo:size=41", "jumbo:size=9z", "imix:colour=9"],
    ["--output", "", ":", "json:", "json:file", "json:file=", "json:foo=1", "json:indent=zz", "table:detail=fll"],
  ];
  const cases = wrong.flatMap(([option, ...values]) => values.map((value) => [option, value]));
  await each(cases, async ([option, value]) => {
    // Of `jumbo:size=70000` the 70000 is wrong, of `json:foo=1` the foo, as it has no such option.
    const named = /(?:size|indent|detail)=(.+)$/.exec(value)?.[1] ?? /:(\w+)=/.exec(value)?.[1] ?? value;
    assertRefused(await refused([...SENDER, option, value]), 2, named);
  });
});

test("options of the responder that are wrong, or that would do nothing", async () => {
  await each<[string[], ...string[]]>([
    [["--allow", "1.2.3"], "1.2.3"],
    [["--allow", "192.0.2.0/33"], "192.0.2.0/33"],
    [["--deny", "::/129"], "::/129"],
    [["--rate-limit", "0"], "0"],
    [["--rate-limit", "10/33"], "10/33", "/32"],
    [["--rate-limit", "10/24/129"], "10/24/129", "/128"],
    [["--rate-limit", "10/24/64/1"], "10/24/64/1"],
    [["--rate-limit", "10/"], "10/"],
    [["--max-sessions", "0"], "0"],
    [["--max-sessions", "16777217"], "16777217", "16777216"],
    [["--timer", "x"], "x"],
    [["--test-mode", "--drop-rate", "101"], "101"],
    [["--test-mode", "--reorder-rate", "-1"], "-1"],
    [["--drop-rate", "5"], "--drop-rate", "--test-mode"],
    [["--max-delay", "5"], "--max-delay", "--test-mode"],
    [["--protocol", "udp"], "udp"],
    [["second"], "second"],
  ], async ([args, ...words]) => assertRefused(await refused(["responder", "127.0.0.1:0", ...args]), 2, ...words));
});

test("addresses that are none", async () => {
  await each([
    ["1.2.3"],
    ["1.2.3.4:65536"],
    ["1.2.3.4:-1"],
    ["1.2.3.4:"],
    ["[::1"],
    ["[1.2.3.4]:5"],
    ["[::1]5"],
    ["1::2::3"],
    [" "],
    ["a b"],
    ["b\u00fccher.example"],
    ["0.0.0.0:862"],
    ["127.0.0.1:0"],
    ["127.0.0.1", "x:y:z"],
    ["127.0.0.1", "[::1]:0"],
    ["127.0.0.1", "127.0.0.1:0", "third"],
  ], async (args) => assertRefused(await refused(["sender", ...args, "-c", "1"]), 2, args.at(-1)!));
});

test("a name that does not resolve, status 1; a family that contradicts the address, status 2", async () => {
  assertRefused(await refused(["sender", "no-such-host.invalid"]), 1, "no-such-host.invalid");
  assertRefused(await refused(["sender", "127.0.0.1", "-6"]), 2, "127.0.0.1", "-6");
  assertRefused(await refused(["sender", "::1", "-4"]), 2, "::1", "-4");
  assertRefused(await refused([...SENDER, "-4", "-6"]), 2, "-4", "-6");
});

test("options that exclude each other", async () => {
  await each<[string[], ...string[]]>([
    [["--tos", "4", "--dscp", "ef"], "--tos", "--dscp"],
    [["--padding", "7", "--profile", "imix"], "--padding", "--profile", "7"],
    [["-q", "-v"], "--quiet", "--verbose"],
    [["-q", "-d"], "--quiet", "--debug"],
    [["--output", "json", "--output", "csv"], "json", "csv", "file="],
    [["--output", "table", "-t"], "table", "influx"],
  ], async ([args, ...words]) => assertRefused(await refused([...SENDER, ...args]), 2, ...words));
});

test("a mistake is told before anything is sent and before any file is touched", async () => {
  await withSocket("127.0.0.1", (socket, port) =>
    withFolder(async (folder) => {
      let heard = 0;
      socket.on("message", () => heard++);
      const [kept, nowhere] = [join(folder, "kept.json"), join(folder, "no/such/file")];
      const old = "an earlier result";
      const at = ["sender", `127.0.0.1:${port}`, "127.0.0.1:0", "-c", "3", "-i", "1", "--packet-timeout", "0.05"];
      for (
        const [args, named] of [
          [[...at, "--output", `json:file=${nowhere}`], nowhere],
          [[...at, "--output", `json:file=${folder}`], folder],
          [[...at, "-l", nowhere], nowhere],
          [[...at, "--output", `json:file=${kept}`, "--output", `csv:file=${nowhere}`], nowhere],
          [[...at, "--output", `json:file=${kept}`, "--profile", "jumbo:size=1"], "1"],
          [[...at, "--output", `json:file=${kept}`, "--transport", "pigeon"], "pigeon"],
        ] as const
      ) {
        writeFileSync(kept, old);
        assertRefused(await refused(args), 2, named);
        assert.equal(readFileSync(kept, "utf8"), old, `${args.join(" ")} has emptied an earlier result`);
      }
      assert.equal(heard, 0);
    }));
});

test("two outputs, or an output and the log, in one file by whatever name are refused", {
  skip: process.platform === "win32" && "links need privileges there",
}, async () => {
  await withFolder(async (folder) => {
    const [real, link, other] = ["real.json", "link.json", "sub"].map((name) => join(folder, name));
    const old = "an earlier result";
    writeFileSync(real, old);
    symlinkSync(real, link);
    symlinkSync(folder, other);
    const out = (name: string, path: string) => ["--output", `${name}:file=${path}`];
    const log = join(folder, "new.log");
    await each(
      [
        [...out("json", real), ...out("csv", link)],
        [...out("json", real), "-l", join(folder, ".", "real.json")],
        [...out("json", join(other, "new.log")), "-l", log],
      ],
      async (args) =>
        assertRefused(await refused([...SENDER, ...args]), 2, args[1].split(":")[0], realpathSync(folder)),
    );
    assert.equal(readFileSync(real, "utf8"), old);
  });
});

test("a local address that cannot be had: in use, not here, not allowed", async (t) => {
  await withSocket("127.0.0.1", async (_socket, port) => {
    const at = `127.0.0.1:${port}`;
    for (const transport of ["auto", "node"]) {
      assertRefused(await refused(["responder", at, "--transport", transport]), 2, at, "in use");
      assertRefused(await refused(["sender", "127.0.0.1:9", at, "--transport", transport]), 2, at, "in use");
    }
    assertRefused(await refused(["responder", `:${port}`]), 2, String(port), "in use");
  });
  for (const at of ["192.0.2.1:0", "[2001:db8::1]:0"]) assertRefused(await refused(["responder", at]), 2, at);
  await t.test("privileged port", { skip: unprivileged() === undefined && "needs root and setpriv" }, async () => {
    const through = unprivileged()!;
    assertRefused(await refused(["responder", "127.0.0.1:861"], { through }), 2, "127.0.0.1:861", "1024");
  });
});

function unprivileged(): string[] | undefined {
  const setpriv = tool("setpriv");
  if (setpriv === undefined || process.getuid?.() !== 0) return undefined;
  return [setpriv, "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=-all"];
}

test("TOS, TTL and Don't Fragment given where no transport can: status 2, and what could", async () => {
  const plugins = (await run(["plugins"])).stdout;
  const native = /^ {2}(deno|bun) (?!.*\[not)/m.exec(plugins)![1];
  await each<[string[], ...string[]]>([
    [["--transport", native, "--tos", "4"], "TOS"],
    [["--transport", native, "--dscp", "ef"], "TOS"],
    [["--transport", "node", "--tos", "4"], "TOS", "node"],
    [["--transport", native, "--do-not-fragment"], "Don't Fragment", native],
  ], async ([args, ...words]) => assertRefused(await refused([...SENDER, ...args]), 2, ...words));
  if (native === "deno") {
    assertRefused(await refused([...SENDER, "--transport", "deno", "--ttl", "9"]), 2, "TTL", "--transport", "node");
  }
});

test("what is printed goes into a pipe that is closed, or onto a full disk, without a stack trace", async (t) => {
  const shell = tool("sh");
  if (shell === undefined) return t.skip("needs a shell");
  const texts = [["--version"], ["--help"], ["help", "sender"], ["dscptable"], ["plugins"], [
    "decode",
    "00".repeat(14),
  ]];
  await each(texts, async (args) => {
    const closed = await run(args, { through: [shell, "-c", '"$@" | :', "sh"] });
    assert.equal(closed.stderr, "", `${args} | :`);
    const full = await run(args, { through: [shell, "-c", '"$@" >/dev/full', "sh"] });
    assertRefused(full, 1);
  });
});

test("decode --key-file checks HMACs of STAMP, and a file that others can read is refused", () =>
  withFolder(async (folder) => {
    const file = join(folder, "keys");
    const octets = Array.from({ length: 32 }, (_, i) => i.toString(16).padStart(2, "0")).join("");
    writeFileSync(file, `bob builder\nalice secret\n4660 hex:${octets}\n`, { mode: 0o600 });
    const packet = join(folder, "packet.hex");
    copyFileSync(new URL("../vectors/stamp-sealed-sender-base.hex", import.meta.url), packet);
    const { status, stdout, stderr } = await run(["decode", "--key-file", file, packet]);
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /^ +96 +16 +HMAC +65f2e5283991a88c…, right$/m);
    if (process.platform === "win32") return;
    chmodSync(file, 0o644);
    assertRefused(await run(["decode", "--key-file", file, packet]), 2, "chmod 600");
  }));

test("decode writes all of what is more than may wait", () =>
  withFolder(async (folder) => {
    const file = join(folder, "packets.hex");
    const packets = 20_000;
    writeFileSync(file, `${"00".repeat(44)}\n\n`.repeat(packets));
    const { status, stdout } = await run(["decode", "--as", "stamp-reflector", file]);
    assert.equal(status, 0);
    assert.equal(stdout.match(/^#/gm)?.length, packets);
    assert.ok(stdout.length > 2 ** 23, `${stdout.length} octets`);
  }));
