/**
 * A Windows made of links. `wineboot` would copy 700 MB and take seconds; all that our executable needs are the DLLs
 * where Windows has them and the one service that knows the network interfaces.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import assert from "node:assert/strict";
import { tool } from "../cli/support.ts";

/** What starts a program in it. */
export interface Wine {
  readonly prefix: string;
  readonly through: readonly string[];
  readonly env: Record<string, string>;
}

const DLLS = ["/usr/lib/x86_64-linux-gnu/wine/x86_64-windows", "/usr/lib64/wine/x86_64-windows"];
const LINKER = "x86_64-w64-mingw32-ld";
const STEP_MS = 30_000;

/** Bun does not start without this DLL. Windows has it, newer wines have it, the one of Debian 12 (8.0) has not. */
const RANDOM_DLL = "bcryptprimitives.dll";
/** No code, only an export that is another DLL's function: fill that many octets with randomness. */
const RANDOM_DEF = `LIBRARY ${RANDOM_DLL}\nEXPORTS\nProcessPrng = advapi32.SystemFunction036\n`;

/** Without `nsiproxy`, asking for the interfaces fails. */
const REGISTRY = String.raw`REGEDIT4

[HKEY_CURRENT_USER\Software\Wine]
"Version"="win10"

[HKEY_LOCAL_MACHINE\System\CurrentControlSet\Services\nsiproxy]
"ImagePath"="C:\\windows\\system32\\drivers\\nsiproxy.sys"
"DisplayName"="NSI Proxy"
"ObjectName"="LocalSystem"
"Group"="System Bus Extender"
"ErrorControl"=dword:1
"Start"=dword:2
"Type"=dword:1
`;

const dlls = () => DLLS.find((folder) => existsSync(join(folder, "ws2_32.dll")));

/** Why there is no wine here; undefined if there is. */
export function whyNoWine(): string | undefined {
  if (tool("wine") === undefined) return "no wine command (Debian: wine)";
  const folder = dlls();
  if (folder === undefined) return `wine's DLLs are not in ${DLLS.join(" or ")}`;
  if (!existsSync(join(folder, RANDOM_DLL)) && tool(LINKER) === undefined) {
    return `no ${LINKER} (Debian: binutils-mingw-w64-x86-64) to make the ${RANDOM_DLL} that this wine lacks`;
  }
  return undefined;
}

export async function makeWine(): Promise<Wine> {
  const prefix = mkdtempSync(join(tmpdir(), "twampede-wine-"));
  const wine: Wine = {
    prefix,
    through: ["wine"],
    env: {
      WINEPREFIX: prefix,
      WINEARCH: "win64",
      // What wine lacks it tells on standard error, where tests look for what the program says.
      WINEDEBUG: "-all",
      // Neither .NET nor a browser, which it would ask to download, and no window.
      WINEDLLOVERRIDES: "mscoree,mshtml=",
      DISPLAY: "",
    },
  };
  try {
    fill(prefix);
    command(wine, "wine", "regedit", "/S", join(prefix, "settings.reg"));
    await stayUp(wine);
  } catch (error) {
    endWine(wine);
    throw error;
  }
  return wine;
}

function fill(prefix: string): void {
  const folder = dlls()!;
  const system = join(prefix, "drive_c/windows/system32");
  mkdirSync(join(system, "drivers"), { recursive: true });
  for (const name of readdirSync(folder)) {
    symlinkSync(join(folder, name), join(system, name));
    if (name.endsWith(".sys")) symlinkSync(join(folder, name), join(system, "drivers", name));
  }
  // wineboot's own word for: leave this folder as it is.
  writeFileSync(join(prefix, ".update-timestamp"), "disable\n");
  writeFileSync(join(prefix, "settings.reg"), REGISTRY);
  if (existsSync(join(folder, RANDOM_DLL))) return;
  const definition = join(prefix, "random.def");
  writeFileSync(definition, RANDOM_DEF);
  const args = ["-shared", "-e", "0", "-o", join(system, RANDOM_DLL), definition];
  const { status, stderr } = spawnSync(LINKER, args, { encoding: "utf8", timeout: STEP_MS });
  assert.equal(status, 0, `${LINKER}: ${stderr}`);
}

/** Ends what still runs in it, wine's own services too, and removes it. */
export function endWine(wine: Wine): void {
  const server = tool("wineserver") ?? tool("wineserver-stable") ?? "wineserver";
  for (const flag of ["-k", "-w"]) {
    spawnSync(server, [flag], { env: { ...process.env, ...wine.env }, timeout: STEP_MS });
  }
  rmSync(wine.prefix, { recursive: true, force: true });
}

/**
 * Wine's services start with the first program and end a second after the last one, and until then hold the pipes of
 * the program they came with. A shell that waits for input keeps them up; it ends with this process at the latest.
 */
async function stayUp(wine: Wine): Promise<void> {
  const env = { ...process.env, ...wine.env };
  const shell = spawn("wine", ["cmd"], { env, stdio: ["pipe", "pipe", "ignore"] });
  // Until it speaks, the services of the program before may be about to end, and come anew with the next program.
  await Promise.race([once(shell.stdout, "data"), once(shell, "close"), delay(STEP_MS, undefined, { ref: false })]);
  shell.stdout.destroy();
  shell.unref();
}

function command(wine: Wine, ...line: string[]): void {
  const env = { ...process.env, ...wine.env };
  const { status, stderr, error } = spawnSync(line[0], line.slice(1), { encoding: "utf8", env, timeout: STEP_MS });
  assert.equal(status, 0, `${line.join(" ")}: ${error?.message ?? stderr}`);
}
