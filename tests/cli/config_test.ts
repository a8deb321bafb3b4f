/** Flag over environment over file over default, as somebody meets it at the command line. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { parse } from "smol-toml";
import { createProgram } from "../../cli/program.ts";
import { assertRefused, each, type Outcome, refused, run, withFolder, withResponder } from "./support.ts";

const FILE = `[common]
interval = 1
count = 2
verbose = true
dscp = "af41"

[sender]
count = 3
remote = "192.0.2.1"
local = ":0"
padding = -1
protocol = "stamp"
output = ["table", { name = "json", file = "out.json", indent = 2 }]
key-file = "keys"
schedule = { name = "poisson" }
ssid = 1
`;

/** `--print-config` as key to value and source. */
function entries(outcome: Outcome): Record<string, [value: unknown, from: string]> {
  assert.equal(outcome.status, 0, outcome.stderr);
  const [values] = Object.values(parse(outcome.stdout)) as Record<string, unknown>[];
  const lines = [...outcome.stdout.matchAll(/^(?:# )?([a-z0-9-]+) .*?# (.*)$/gm)];
  return Object.fromEntries(lines.map(([, key, from]) => [key, [values[key], from]]));
}

/** A file of that text, and a way to run a command with it. */
function withFile<T>(text: string | Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    const path = join(folder, "twampede.toml");
    writeFileSync(path, text);
    return await use(path);
  });
}

test("each place goes before those below it, for every kind of option", async () => {
  await withFile(FILE, async (path) => {
    const env = {
      TWAMPEDE_COUNT: "4",
      TWAMPEDE_SENDER_SSID: "5",
      TWAMPEDE_SSID: "6",
      TWAMPEDE_OUTPUT: "csv; ndjson:file=a b.txt\n",
      TWAMPEDE_VERBOSE: "off",
      TWAMPEDE_LOCAL: "[::1]:0",
      TWAMPEDE_SEED: "",
    };
    const print = ["sender", "--config", path, "--print-config"];
    const [file, all, flags] = await Promise.all([
      run(print),
      run(print, { env }),
      run([...print, "::1", "-c", "7", "--output", "csv", "--output", "influx", "--ssid", "0x8"], { env }),
    ].map(async (outcome) => entries(await outcome)));
    assert.deepEqual(file, {
      ...file,
      interval: [1, `${path}:2`],
      count: [3, `${path}:8`],
      verbose: [true, `${path}:4`],
      remote: ["192.0.2.1", `${path}:9`],
      output: [["table", "json:file=out.json,indent=2"], `${path}:13`],
      schedule: ["poisson", `${path}:15`],
      "key-file": [join(dirname(path), "keys"), `${path}:14`],
      transport: ["auto", "default"],
      "packet-timeout": [5, "default"],
      quiet: [false, "default"],
      seed: [undefined, "not set"],
    });
    assert.deepEqual(all, {
      ...file,
      count: [4, "environment TWAMPEDE_COUNT"],
      ssid: [5, "environment TWAMPEDE_SENDER_SSID"],
      output: [["csv", "ndjson:file=a b.txt"], "environment TWAMPEDE_OUTPUT"],
      verbose: [false, "environment TWAMPEDE_VERBOSE"],
      local: ["[::1]:0", "environment TWAMPEDE_LOCAL"],
    });
    assert.deepEqual(flags, {
      ...all,
      remote: ["::1", "flag"],
      count: [7, "flag"],
      ssid: ["0x8", "flag"],
      output: [["csv", "influx"], "flag"],
    });
  });
});

test("which file it is: --config, TWAMPEDE_CONFIG, the user's; never one that lies in the current directory", async () => {
  await withFolder(async (folder) => {
    const put = (name: string, count: number) => {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `[sender]\ncount = ${count}\n`);
      return path;
    };
    put("twampede.toml", 1);
    const user = put("xdg/twampede/twampede.toml", 2);
    const home = put("home/.config/twampede/twampede.toml", 3);
    const named = put("named.toml", 4);
    const flag = put("flag.toml", 5);
    const other = put("other.toml", 6);
    const xdg = { XDG_CONFIG_HOME: join(folder, "xdg") };
    await each<[string[], Record<string, string>, number, string]>([
      [["sender"], {}, 100, "default"],
      [["sender"], xdg, 2, `${user}:2`],
      [["sender"], { XDG_CONFIG_HOME: "relative", HOME: join(folder, "home") }, 3, `${home}:2`],
      [["sender"], { ...xdg, TWAMPEDE_CONFIG: named }, 4, `${named}:2`],
      [["--config", other, "sender"], { ...xdg, TWAMPEDE_CONFIG: named }, 6, `${other}:2`],
      [["--config", other, "sender", "--config", flag], { TWAMPEDE_CONFIG: named }, 5, `${flag}:2`],
      [["--config", other, "sender", "--no-config"], { TWAMPEDE_CONFIG: named }, 100, "default"],
      [["--no-config", "sender"], xdg, 100, "default"],
    ], async ([args, env, count, from]) => {
      assert.deepEqual(entries(await run([...args, "--print-config"], { env, cwd: folder })).count, [count, from]);
    });
  });
});

const onWindows = process.platform === "win32" && "files have no owner and mode there";

test("a file that everybody can write to is read only if it is named", { skip: onWindows }, async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "twampede/twampede.toml");
    mkdirSync(dirname(path));
    writeFileSync(path, "[sender]\ncount = 2\n");
    chmodSync(path, 0o666);
    const env = { XDG_CONFIG_HOME: folder };
    const unasked = await run(["sender", "--print-config"], { env });
    assert.deepEqual(entries(unasked).count, [100, "default"]);
    assert.match(unasked.stderr, /^twampede: note: .*twampede\.toml is not read, as everybody can write to it.*\n$/);
    const named = await run(["sender", "--print-config", "--config", path], { env });
    assert.deepEqual([entries(named).count[0], named.stderr], [2, ""]);
  });
});

test("a value gives way to one above that excludes it; two in one place are refused", async () => {
  await withFile(FILE, async (path) => {
    const both = [["sender", "--config", path, "--print-config"], ["controller", "--config", path, "--print-config"]];
    for (const args of both) {
      const { tos, dscp } = entries(await run([...args, "--tos", "5"]));
      assert.deepEqual([dscp[0], String(tos[0]), tos[1]], [undefined, "5", "flag"], args[0]);
    }
    const set = entries(
      await run([...both[0], "--profile", "jumbo", "-t", "-q", "--no-verbose"], { env: { TWAMPEDE_IPV6: "1" } }),
    );
    assert.deepEqual(set.padding, [undefined, "default: 27, STAMP 0"]);
    assert.deepEqual(set.output, [[], "default: table"]);
    assert.deepEqual([set.quiet, set.verbose], [[true, "flag"], [false, "flag"]]);
    assert.deepEqual(set.ipv6, [true, "environment TWAMPEDE_IPV6"]);
  });
  await withFile("[sender]\nquiet = true\nttl = 1\nverbose = true\n", async (path) => {
    assertRefused(await refused(["sender", "--config", path]), 2, `${path}:2: `, "quiet", "verbose", `${path}:4`);
    const set = entries(await run(["sender", "--config", path, "--print-config", "--debug"]));
    assert.deepEqual([set.quiet[0], set.verbose[0], set.debug[0]], [false, true, true]);
  });
  const env = { TWAMPEDE_IPV4: "1", TWAMPEDE_IPV6: "yes" };
  assertRefused(await refused(["sender"], { env }), 2, "TWAMPEDE_IPV4", "TWAMPEDE_IPV6");
});

test("a mistake in a file: one line with the file, the line, the key and what is allowed", async () => {
  await each<[text: string, ...words: string[]]>([
    ["\n[sendr]\ncount = 1", ":2: ", "[sendr]", "[sender]"],
    ["[sender]\n# x\ncuont = 1", ":3: ", "'cuont'", "count"],
    ["[sender]\nkey_file = 'x'", ":2: ", "'key_file'", "key-file"],
    ["[sender]\nworkers = 2", ":2: ", "'workers'", "responder"],
    ["[common]\nxyzzy = 2", ":2: ", "'xyzzy'"],
    ["[responder]\ncuont = 1", ":2: ", "'cuont'"],
    ["[sender]\nconfig = 'x'", ":2: ", "'config'"],
    ["count = 1", ":1: ", "'count'", "[common]"],
    ["server = 'x'", ":1: ", "'server'", "[common]"],
    ["[[sender]]\ncount = 1", ":1: ", "[[sender]]", "[sender]"],
    ["[responder]\n[reflector]", ":2: ", "[reflector]", "[responder]"],
    ["[sender]\n\ninterval = 'soon'", ":3: ", "[sender] interval", "'soon'", "10ms"],
    ["[sender]\ncount = 1.5", ":2: ", "[sender] count", "'1.5'", "whole number"],
    ["[common]\nttl = 256", ":2: ", "[common] ttl", "'256'", "1 to 255"],
    ["sender.ttl = 256", ":1: ", "[sender] ttl"],
    ["[sender]\nttl = [\n64]", ":2: ", "[sender] ttl"],
    ["[sender]\nttl = true", ":2: ", "[sender] ttl", "true"],
    ["[sender]\nttl = 1979-05-27", ":2: ", "[sender] ttl"],
    ["[sender]\nverbose = 'yes'", ":2: ", "[sender] verbose", "'yes'", "true or false"],
    ["[sender]\nprotocol = 'ftp'", ":2: ", "[sender] protocol", "'ftp'", "twamp, stamp"],
    ["[sender]\noutput = [\n'table',\nfalse]", ":4: ", "[sender] output", "false"],
    ["[sender]\noutput = [\n'table',\n'jsn']", ":4: ", "'jsn'", "json"],
    ["[sender]\noutput = { file = 'x' }", ":2: ", "name"],
    ["[[sender.output]]\nname = 'json'\nfile = 'a,b'", ":1: ", "a,b", "comma"],
    ["[sender]\nschedule = 'poison'", ":2: ", "poison", "poisson"],
    ["[sender]\nremote = '1.2.3'", ":2: ", "remote '1.2.3'"],
    ["[sender]\nssid = 1\nprotocol = 'twamp'", ":2: --ssid 1", "--protocol", ":3)"],
    ["[sender]\ncount = ", ":2:9: ", "TOML"],
    ["[sender]\n[sender]", ":2:2: ", "TOML"],
    ["[sender]\ncount = 1\ncount = 2", ":3:1: ", "TOML"],
    [`[sender]\ntlv = ${"[".repeat(100)}${"]".repeat(100)}`, "TOML"],
  ], async ([text, ...words]) => {
    await withFile(text, async (path) => {
      const [place, ...rest] = words;
      assertRefused(await refused(["sender", "--config", path]), 2, path, place, ...rest);
    });
  });
});

test("a file that cannot be read, and one that is no UTF-8", async () => {
  await withFolder(async (folder) => {
    assertRefused(await refused(["sender", "--config", join(folder, "none")]), 2, "none", "not there", "--config");
    assertRefused(await refused(["sender"], { env: { TWAMPEDE_CONFIG: join(folder, "none") } }), 2, "none");
    assertRefused(await refused(["sender", "--config", folder]), 2, folder, "folder");
    assertRefused(await refused(["sender", "--config", ""]), 2, "''");
  });
  const utf16 = Uint8Array.from("\uFEFF[sender]\n", (letter) => letter.charCodeAt(0));
  await withFile(utf16, async (path) => assertRefused(await refused(["sender", "--config", path]), 2, path, "UTF-8"));
});

test("a mistake in the environment: one line with the variable; a misspelt one is a note", async () => {
  await each<[Record<string, string>, ...string[]]>([
    [{ TWAMPEDE_INTERVAL: "soon" }, "TWAMPEDE_INTERVAL 'soon'", "10ms"],
    [{ TWAMPEDE_SENDER_TTL: "256" }, "TWAMPEDE_SENDER_TTL '256'"],
    [{ TWAMPEDE_VERBOSE: "maybe" }, "TWAMPEDE_VERBOSE 'maybe'"],
    [{ TWAMPEDE_OUTPUT: "table;jsn" }, "TWAMPEDE_OUTPUT: ", "'jsn'", "json"],
    [{ TWAMPEDE_REMOTE: "1.2.3" }, "TWAMPEDE_REMOTE: ", "'1.2.3'"],
  ], async ([env, ...words]) => assertRefused(await refused(["sender"], { env }), 2, ...words));
  const env = { TWAMPEDE_INTERVALL: "3", TWAMPEDE_VERSION: "1.0", TWAMPEDE_RUNTIME: "bun", TWAMPEDE_WORKERS: "x" };
  const { stderr } = await run(["sender", "--print-config"], { env });
  assert.match(stderr, /^twampede: note: TWAMPEDE_INTERVALL .*TWAMPEDE_INTERVAL\?\n$/);
  assert.equal((await run(["sender", "--print-config", "-q"], { env })).stderr, "");
});

test("what is printed is a configuration that says the same, for every command", async () => {
  const program = createProgram(() => {});
  const shown = program.createHelp().visibleCommands(program).map((command) => command.name());
  const commands = shown.filter((name) => name !== "help");
  await withFolder(async (folder) => {
    await each(commands, async (command) => {
      const first = await run([command, "--print-config"]);
      const before = entries(first);
      const lines = first.stdout.split("\n");
      for (const line of lines) assert.ok(line.length <= 80, line);
      const headings = lines.filter((line) => /^# [A-Z][A-Za-z ]*$/.test(line));
      assert.deepEqual(headings, [...new Set(headings)], command);
      const path = join(folder, `${command}.toml`);
      writeFileSync(path, first.stdout);
      if (Object.keys(before).length === 0) return;
      const second = await run([command, "--print-config", "--config", path]);
      const after = entries(second);
      const values = (all: typeof before) => Object.entries(all).map(([key, [value]]) => [key, value]);
      assert.deepEqual(values(after), values(before));
      if (command !== "sender") return;
      writeFileSync(path, second.stdout);
      assert.deepEqual(await run([command, "--print-config", "--config", path]), second);
    });
  });
});

test("with a byte order mark and CRLF, a measurement runs by its file; --verbose says which", async () => {
  await withResponder([], async ({ at }) => {
    const text =
      `\uFEFF[sender]\r\nremote = "${at}"\r\nlocal = "127.0.0.1:0"\r\ncount = 2\r\ninterval = 1\r\noutput = "json"\r\n`;
    await withFile(text, async (path) => {
      const { status, stdout, stderr } = await run(["sender", "-v"], { env: { TWAMPEDE_CONFIG: path } });
      assert.equal(status, 0, stderr);
      assert.equal(JSON.parse(stdout).packets.received, 2);
      assert.ok(stderr.includes(`configuration: ${path}\n`), stderr);
      const log = join(dirname(path), "log");
      const args = ["sender", "--config", path, "-v", "--logfile", log, "--output", "csv"];
      const quiet = await run(args);
      assert.equal(quiet.stdout.split("\n").length, 4);
      assert.equal(quiet.stderr, "");
      assert.ok(readFileSync(log, "utf8").includes(`configuration: ${path}\n`));
    });
  });
});

test("rates that a file holds ready wait for --test-mode", async () => {
  const text = "[responder]\ndrop-rate = 100\nmax-delay = 1\nlocal = '127.0.0.1:0'\n";
  await withFile(text, async (path) => {
    const ask = async (args: string[]) => {
      return await withResponder([...args, "--config", path], async ({ at }) => {
        const sender = ["sender", at, "127.0.0.1:0", "-c", "1", "--packet-timeout", "200ms", "--output", "json"];
        return JSON.parse((await run(sender)).stdout).packets.received;
      });
    };
    assert.deepEqual([await ask([]), await ask(["--test-mode"])], [1, 0]);
  });
});

test("what has nothing to configure works with a file that is not there", async () => {
  const { status, stdout } = await run(["dscptable"], { env: { TWAMPEDE_CONFIG: "/none" } });
  assert.deepEqual([status, stdout.length > 1000], [0, true]);
});

test("a file that never ends is refused", { skip: process.platform === "win32" && "has no /dev/zero" }, async () => {
  assertRefused(await run(["sender", "--config", "/dev/zero"]), 2, "'/dev/zero'", "more than 1048576 octets");
});

test("the examples of docs/configuration.md are taken", async () => {
  const page = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
  const examples = [...page.matchAll(/^```toml\n(.*?)^```/gms)].map(([, text]) => text);
  await each(examples, (text) =>
    withFile(text, async (path) => {
      const commands = Object.keys(parse(text)).filter((name) => name !== "common");
      for (const command of commands) {
        const set = Object.values(entries(await run([command, "--config", path, "--print-config"])));
        assert.ok(set.some(([, from]) => from.startsWith(path)), `${command} with\n${text}`);
      }
    }));
});

test("what docs/configuration.md shows of --print-config has every option", async () => {
  const page = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
  const shown = /^\$ .*--print-config\n(.*?)^```/ms.exec(page)?.[1] ?? "";
  const printed = await run(["sender", "--print-config"]);
  assert.deepEqual(Object.keys(entries({ ...printed, stdout: shown })), Object.keys(entries(printed)));
});
