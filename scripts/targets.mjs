/**
 * An executable obeys its arguments and nothing that lies about in the directory it is started in. Split, because one
 * bundle loads what every command needs before it looks at which one was asked for.
 */
export const BUN_FLAGS = [
  ...["--compile", "--minify", "--bytecode", "--splitting", "--format=esm"],
  ...["dotenv", "bunfig", "tsconfig", "package-json"].map((what) => `--no-compile-autoload-${what}`),
];

/** The systems that executables are made for: our name for the file, and the compiler's name for the system. */
export const BUN_TARGETS = [
  { name: "twampede-linux-x64", target: "bun-linux-x64" },
  { name: "twampede-linux-arm64", target: "bun-linux-arm64" },
  { name: "twampede-linux-x64-musl", target: "bun-linux-x64-musl" },
  { name: "twampede-linux-arm64-musl", target: "bun-linux-arm64-musl" },
  { name: "twampede-windows-x64.exe", target: "bun-windows-x64" },
  { name: "twampede-windows-arm64.exe", target: "bun-windows-arm64" },
  { name: "twampede-darwin-x64", target: "bun-darwin-x64" },
  { name: "twampede-darwin-arm64", target: "bun-darwin-arm64" },
  { name: "twampede-freebsd-x64", target: "bun-freebsd-x64" },
];

/** Deno compiles for fewer systems: neither musl nor FreeBSD. */
export const DENO_TARGETS = [
  { name: "twampede-linux-x64", target: "x86_64-unknown-linux-gnu" },
  { name: "twampede-linux-arm64", target: "aarch64-unknown-linux-gnu" },
  { name: "twampede-windows-x64.exe", target: "x86_64-pc-windows-msvc" },
  { name: "twampede-windows-arm64.exe", target: "aarch64-pc-windows-msvc" },
  { name: "twampede-darwin-x64", target: "x86_64-apple-darwin" },
  { name: "twampede-darwin-arm64", target: "aarch64-apple-darwin" },
];
