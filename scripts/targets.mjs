import { existsSync } from "node:fs";
import process from "node:process";

/**
 * An executable obeys its arguments and nothing that lies about in the directory it is started in. Split, because one
 * bundle loads what every command needs before it looks at which one was asked for.
 */
export const BUN_FLAGS = [
  ...["--compile", "--minify", "--bytecode", "--splitting", "--format=esm"],
  ...["dotenv", "bunfig", "tsconfig", "package-json"].map((what) => `--no-compile-autoload-${what}`),
];

/**
 * The systems that executables are made for. `id` is ours, and names the file; `bun` and `deno` are what the compilers
 * call the system, `base` the npm package with the runtime that Bun puts the program into. Deno compiles for fewer:
 * neither musl nor FreeBSD.
 */
export const TARGETS = [
  target("linux-x64", "bun-linux-x64", "x86_64-unknown-linux-gnu", "glibc"),
  target("linux-arm64", "bun-linux-arm64", "aarch64-unknown-linux-gnu", "glibc"),
  target("linux-x64-musl", "bun-linux-x64-musl", null, "musl"),
  target("linux-arm64-musl", "bun-linux-arm64-musl", null, "musl"),
  target("windows-x64", "bun-windows-x64", "x86_64-pc-windows-msvc"),
  target("windows-arm64", "bun-windows-arm64", "aarch64-pc-windows-msvc"),
  target("darwin-x64", "bun-darwin-x64", "x86_64-apple-darwin"),
  target("darwin-arm64", "bun-darwin-arm64", "aarch64-apple-darwin"),
  target("freebsd-x64", "bun-freebsd-x64", null),
];

function target(id, bun, deno, libc = null) {
  const [system, processor] = id.split("-");
  const base = `@oven/${bun.replace("arm64", "aarch64")}`;
  return { id, name: `twampede-${id}${system === "windows" ? ".exe" : ""}`, system, processor, libc, bun, deno, base };
}

/** Where glibc has its loader; it is on machines where musl is besides, but not where musl is alone. */
const GLIBC = { x64: "/lib64/ld-linux-x86-64.so.2", arm64: "/lib/ld-linux-aarch64.so.1" };

/** The target that this machine is, or undefined where it is none of them. */
export function hostTarget() {
  const { platform, arch } = process;
  const system = platform === "win32" ? "windows" : platform;
  const libc = platform !== "linux" ? null : existsSync(GLIBC[arch] ?? "") ? "glibc" : "musl";
  return TARGETS.find((one) => one.system === system && one.processor === arch && one.libc === libc);
}
