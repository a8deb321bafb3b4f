/** Packages for Debian and its kin and for Fedora and its kin: what is in them, and that they install, serve and go away. */
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { GLIBC } from "../../scripts/packages/contents.mjs";
import { tool } from "../cli/support.ts";
import { Machine, whyNoMachine } from "./machine.ts";
import { build } from "./smoke.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const UNITS = ["twampede-responder.service", "twampede-server.service"];
/** What systemd says of the units, in tenths; a line that is taken out of them shows. */
const EXPOSURE = 18;

function whyNot(): string | undefined {
  if (process.platform !== "linux") return "not Linux";
  if (tool("dpkg-deb") === undefined) return "no dpkg-deb (Debian: dpkg)";
  if (tool("rpmbuild") === undefined) return "no rpmbuild (Debian: rpm)";
  return undefined;
}
const reason = whyNot();
const noMachine = reason ?? whyNoMachine();

let folder = "";
let deb = "";
let rpm = "";

function sh(command: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 26 });
  assert.equal(status, 0, `${command} ${args.join(" ")}: ${error?.message ?? stderr}`);
  return stdout;
}

function makePackages(dist: string, out: string, env: Record<string, string> = {}): void {
  const script = join(root, "scripts/packages/package.mjs");
  const args = [script, "--fast", "--arch", process.arch, "--dist", dist, "--out", out];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", env: { ...process.env, ...env } });
  assert.equal(status, 0, stderr);
}

before(() => {
  if (reason !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), "twampede-packages-"));
  mkdirSync(join(folder, "dist"));
  const exe = build(`linux-${process.arch}`);
  copyFileSync(exe, join(folder, "dist", basename(exe)));
  makePackages(join(folder, "dist"), folder);
  const named = (ending: string) => join(folder, readdirSync(folder).find((name) => name.endsWith(ending))!);
  deb = named(".deb");
  rpm = named(".rpm");
});

after(() => rmSync(folder, { recursive: true, force: true }));

test("packages: both have the same files, and configuration is marked as that", { skip: reason ?? false }, () => {
  const inDeb = sh("dpkg-deb", "-c", deb).matchAll(/^-(\S+) root\/root .* \.(\/\S+)$/gm);
  const modes = new Map([...inDeb].map(([, mode, path]) => [path, mode]));
  const inRpm = sh("rpm", "-qp", "--qf", "[%{FILEMODES:perms} %{FILENAMES}\n]", rpm).matchAll(/^-(\S+) (\S+)$/gm);
  const only = /changelog\.Debian|lintian|completions|site-functions/;
  const shared = (all: Iterable<[string, string]>) => [...all].filter(([path]) => !only.test(path)).sort();
  assert.deepEqual(shared([...inRpm].map(([, mode, path]) => [path, mode])), shared(modes));
  assert.equal(modes.get("/usr/bin/twampede"), "rwxr-xr-x");
  const configuration = ["responder.env", "server.env", "twampede.toml"].map((name) => `/etc/twampede/${name}`);
  assert.deepEqual(sh("dpkg-deb", "-I", deb, "conffiles").trim().split("\n"), configuration);
  assert.deepEqual(sh("rpm", "-qpc", rpm).trim().split("\n"), configuration);
  for (const name of [...UNITS.map((unit) => `systemd/system/${unit}`), "sysusers.d/twampede.conf"]) {
    assert.equal(modes.get(`/usr/lib/${name}`), "rw-r--r--", name);
  }
  assert.match(sh("rpm", "-K", rpm), /digests OK/);
});

test("packages: they ask for the C library that the executable asks for", { skip: reason ?? false }, () => {
  // Names of symbol versions as the table of needed versions has them; the newest of them counts.
  const asked = sh("rpm", "-qp", "--requires", rpm).matchAll(/^libc\.so\.6\(GLIBC_2\.(\d+)/gm);
  assert.equal(`2.${Math.max(...[...asked].map(([, minor]) => Number(minor)))}`, GLIBC);
  assert.ok(sh("dpkg-deb", "-f", deb, "Depends").includes(`libc6 (>= ${GLIBC})`));
});

test("packages: made again, elsewhere, they have the same octets", { skip: reason ?? false }, () => {
  // Of a small program: what is asked is whether time, place and user get in.
  const sums = ["once", "again"].map((name) => {
    const dist = join(folder, name);
    mkdirSync(dist);
    copyFileSync("/bin/true", join(dist, `twampede-linux-${process.arch}`));
    makePackages(
      dist,
      join(dist, "out"),
      name === "once" ? {} : { TZ: "Asia/Kathmandu", HOME: folder, LC_ALL: "C.UTF-8" },
    );
    return readFileSync(join(dist, "out", "SHA256SUMS"), "utf8");
  });
  assert.match(sums[0], /\.deb$/m);
  assert.equal(sums[1], sums[0]);
});

test("packages: the units are right, and as closed as they were", { skip: noMachine ?? false }, (t) => {
  if (tool("systemd-analyze") === undefined) return t.skip("no systemd-analyze (Debian: systemd)");
  for (const unit of UNITS) {
    const path = join(root, "scripts/packages/files", unit);
    const { status, stdout } = spawnSync("systemd-analyze", [
      "security",
      "--offline=true",
      "--no-pager",
      `--threshold=${EXPOSURE}`,
      path,
    ], { encoding: "utf8" });
    assert.equal(status, 0, stdout.split("\n").slice(-3).join("\n"));
    // Closing this too would look better there, and nobody would know any more how good the clock is.
    assert.match(readFileSync(path, "utf8"), /^SystemCallFilter=adjtimex /m);
  }
});

/** Both services are started, asked and stopped; what they may do is looked at in the kernel. */
function checkServices(machine: Machine): void {
  for (const unit of UNITS) {
    assert.equal(machine.try("systemctl", "is-enabled", unit).stdout, "disabled\n");
    assert.equal(machine.try("systemctl", "is-active", unit).stdout, "inactive\n");
  }
  const journal = () => machine.try("journalctl", "--no-pager", "-n", "30", "-o", "cat").stdout;
  machine.do("sh", "-c", `echo 'OPTIONS=":862 --allow 127.0.0.0/8"' > /etc/twampede/responder.env`);
  for (const unit of UNITS) {
    // Of Type=notify: this returns when the service has said that its ports are bound.
    const { status, stderr } = machine.try("systemctl", "start", unit);
    assert.equal(status, 0, `${stderr}${journal()}`);
    const pid = machine.do("systemctl", "show", "--value", "-p", "MainPID", unit).trim();
    const state = machine.do("cat", `/proc/${pid}/status`);
    const value = (name: string) => new RegExp(`^${name}:\\s+(.*)$`, "m").exec(state)?.[1];
    // 0x400 is CAP_NET_BIND_SERVICE.
    assert.deepEqual(["CapEff", "CapBnd", "CapAmb"].map((name) => parseInt(value(name)!, 16)), [0x400, 0x400, 0x400]);
    assert.deepEqual([value("NoNewPrivs"), value("Seccomp")], ["1", "2"]);
    assert.equal(value("Uid")?.split("\t")[0], machine.do("id", "-u", "twampede").trim());
  }
  for (const ask of [["sender", "127.0.0.1:862"], ["controller", "127.0.0.1"]]) {
    const text = machine.do("twampede", ...ask, "-c", "20", "-i", "5", "-q", "--output", "json");
    const { packets, stamps } = JSON.parse(text);
    assert.deepEqual([packets.received, packets.lost], [20, 0], `${ask[0]}: ${journal()}`);
    assert.equal(stamps.t1, "kernel");
  }
  machine.do("systemctl", "stop", ...UNITS);
  // A filter that is too narrow would leave the transports of the runtime, and stamps in user space.
  assert.match(journal(), /ffi transport, T2 kernel/);
  assert.match(journal(), /20 received, 20 reflected/);
  for (const unit of UNITS) {
    assert.equal(machine.do("systemctl", "show", "--value", "-p", "Result", unit), "success\n", journal());
  }
  // Removal has to stop what runs.
  machine.do("systemctl", "start", UNITS[0]);
}

/** Names of all files that packages may touch; some programs keep a copy of what they changed, with a dash behind its name. */
function listFiles(machine: Machine, to: string): void {
  machine.do(
    "sh",
    "-c",
    `find /etc /usr /var/lib -xdev -not -path '/var/lib/systemd/*' -not -name '*-' | sort > ${to}`,
  );
}

test("packages: the .deb is installed, serves, is removed and purged", { skip: noMachine ?? false }, async () => {
  const machine = await Machine.boot(folder);
  try {
    listFiles(machine, "/tmp/before");
    machine.do("dpkg", "--install", `/mnt/${basename(deb)}`);
    assert.equal(machine.do("systemd-analyze", "verify", "--man=no", ...UNITS), "");
    checkServices(machine);
    // The same once more is what an update does: what runs is started anew, and what was changed is kept.
    const started = () => machine.do("systemctl", "show", "--value", "-p", "MainPID", UNITS[0]);
    const old = started();
    machine.do("dpkg", "--force-confdef", "--install", `/mnt/${basename(deb)}`);
    assert.notEqual(started(), old);
    assert.equal(machine.do("systemctl", "is-active", UNITS[0]), "active\n");
    machine.do("dpkg", "--remove", "twampede");
    assert.notEqual(machine.try("pgrep", "-x", "twampede").status, 0);
    assert.match(machine.do("cat", "/etc/twampede/responder.env"), /862/);
    machine.do("dpkg", "--purge", "twampede");
    assert.equal(machine.try("getent", "passwd", "twampede").stdout, "");
    listFiles(machine, "/tmp/after");
    machine.do("diff", "/tmp/before", "/tmp/after");
  } finally {
    await machine.end();
  }
});

test("packages: the .rpm is installed, serves and is removed", { skip: noMachine ?? false }, async () => {
  const machine = await Machine.boot(folder);
  try {
    // On Debian no package says that the C library is there.
    machine.do("rpm", "--install", "--nodeps", `/mnt/${basename(rpm)}`);
    assert.equal(machine.do("rpm", "--verify", "--nodeps", "twampede"), "");
    checkServices(machine);
    machine.do("rpm", "--erase", "twampede");
    assert.notEqual(machine.try("pgrep", "-x", "twampede").status, 0);
    // What was changed by hand is kept, under another name.
    assert.equal(
      machine.do("sh", "-c", "find /etc /usr -xdev -path '*twampede*' -type f"),
      "/etc/twampede/responder.env.rpmsave\n",
    );
  } finally {
    await machine.end();
  }
});
