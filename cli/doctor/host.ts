/**
 * The machine, and this program on it.
 *
 * @module
 */
import { arch, availableParallelism, hostname, loadavg, release } from "node:os";
import process from "node:process";
import { runtimeName } from "../version.ts";
import type { HostFacts } from "./facts.ts";
import { sentence } from "./layout.ts";
import { parseHypervisor } from "./proc.ts";
import { attempt, readFolder, readText } from "./read.ts";

const CPUS = "/sys/devices/system/cpu";

/** Reads them. */
export function readHost(): HostFacts {
  const cpuinfo = readText("/proc/cpuinfo");
  const hypervisor = readText("/sys/hypervisor/type") ?? readText("/sys/class/dmi/id/product_name");
  const virtual = cpuinfo === null ? null : parseHypervisor(cpuinfo);
  return {
    name: attempt(hostname),
    system: process.platform,
    release: attempt(release),
    architecture: arch(),
    runtime: runtimeName(),
    program: executable(),
    processors: attempt(availableParallelism),
    // Windows has no load, and says 0.
    load: process.platform === "win32" ? null : attempt(() => loadavg()[0]),
    virtual,
    hypervisor: virtual === true ? hypervisor : null,
    governors: readGovernors(),
  };
}

/** A runtime that was given our source is not this program. */
function executable(): string | null {
  const path = attempt(() => process.execPath);
  return path === null || /(^|[/\\])(deno|bun|node)(\.exe)?$/i.test(path) ? null : path;
}

function readGovernors(): string[] | null {
  const names = readFolder(CPUS);
  if (names === null) return null;
  const found = names.filter((name) => /^cpu\d+$/.test(name))
    .map((name) => readText(`${CPUS}/${name}/cpufreq/scaling_governor`))
    .filter((governor) => governor !== null);
  return [...new Set(found)];
}

/** As text. */
export function hostLines(host: HostFacts): string[] {
  const { processors, virtual, hypervisor, governors, load } = host;
  const parts = [
    `${host.name ?? "this machine"}: ${host.system}${
      host.release === null ? "" : ` ${host.release}`
    } ${host.architecture}`,
    processors === null ? "" : `${processors} processor${processors === 1 ? "" : "s"}`,
    virtual === null
      ? ""
      : virtual
      ? `a virtual machine${hypervisor === null ? "" : ` (${hypervisor})`}`
      : "no hypervisor seen",
    governors === null || governors.length === 0 ? "" : `frequency governor ${governors.join(", ")}`,
    load === null ? "" : `load ${load.toFixed(2)}`,
  ];
  return sentence(parts.filter((part) => part !== "").join(", "));
}
