/**
 * A machine of one's own for a test: this one's root file system under a layer that is thrown away, in namespaces of its
 * own, with a systemd that is its first process.
 */
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import assert from "node:assert/strict";
import { Run, tool } from "../cli/support.ts";

const SYSTEMD = "/lib/systemd/systemd";
const NAMESPACES = ["--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup", "--fork", "--kill-child"];

/** `$0` is the folder that is seen as /mnt. What is printed: this process's number outside, then that it has started. */
const BOOT = `
  set -e
  read -r pid rest < /proc/self/stat
  mount -t tmpfs tmpfs /media
  mkdir /media/upper /media/work /media/root
  mount -t overlay overlay -o lowerdir=/,upperdir=/media/upper,workdir=/media/work /media/root
  cd /media/root
  mount --bind "$0" mnt
  mount -t proc proc proc
  mount -t sysfs -o ro sysfs sys
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  for place in run tmp dev; do mount -t tmpfs tmpfs $place; done
  mkdir dev/shm dev/pts run/outside
  for device in null zero full random urandom tty; do touch dev/$device; mount --bind /dev/$device dev/$device; done
  mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
  ln -s pts/ptmx dev/ptmx
  ln -s /proc/self/fd dev/fd
  ip link set lo up
  pivot_root . run/outside
  umount -l /run/outside
  { until systemctl is-system-running --wait >/run/started 2>/dev/null || grep -q degraded /run/started; do sleep 0.05; done
    echo "started $pid"; } &
  exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin ${SYSTEMD} --system --unit=basic.target
`;

/** Why there can be none; undefined if it can. */
export function whyNoMachine(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "not root on Linux";
  if (!existsSync(SYSTEMD)) return "no systemd (Debian: systemd)";
  for (const name of ["unshare", "nsenter", "ip"]) if (tool(name) === undefined) return `no ${name}`;
  const tried = spawnSync("unshare", [...NAMESPACES, "mount", "-t", "tmpfs", "tmpfs", "/media"], { encoding: "utf8" });
  return tried.status === 0 ? undefined : `no namespaces: ${tried.error?.message ?? tried.stderr.trim()}`;
}

/** A machine that runs. */
export class Machine {
  readonly #run: Run;
  readonly #enter: readonly string[];

  private constructor(run: Run, pid: string) {
    this.#run = run;
    this.#enter = ["nsenter", "-t", pid, "-m", "-p", "-n", "-i", "-u", "-C", "-r", "-w"];
  }

  /** Starts one; `folder` is its /mnt. */
  static async boot(folder: string): Promise<Machine> {
    const run = new Run([], { exe: "sh", through: ["unshare", ...NAMESPACES, "sh", "-c", BOOT, folder] });
    const [, pid] = await run.until("stdout", /started (\d+)/);
    return new Machine(run, pid);
  }

  /** Runs a command in it. */
  try(...command: string[]): SpawnSyncReturns<string> {
    const [file, ...before] = this.#enter;
    return spawnSync(file, [...before, "--", ...command], { encoding: "utf8", timeout: 60_000 });
  }

  /** Runs a command that has to succeed; what it printed. */
  do(...command: string[]): string {
    const { status, stdout, stderr, error } = this.try(...command);
    assert.equal(status, 0, `${command.join(" ")}: ${error?.message ?? ""}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Ends it, and all that runs in it. */
  async end(): Promise<void> {
    await this.#run.dispose();
  }
}
