/** The executable for Linux on arm64, its instructions translated by qemu and its system calls done by this kernel. */
import { before } from "node:test";
import { existsSync } from "node:fs";
import process from "node:process";
import { tool } from "../cli/support.ts";
import { build, smoke } from "./smoke.ts";

const qemu = tool("qemu-aarch64") ?? tool("qemu-aarch64-static");
/** Where Debian puts the C library of that architecture. */
const libraries = "/usr/aarch64-linux-gnu";

/** Why it cannot run here; undefined if it can. */
function whyNot(): string | undefined {
  // qemu-user only hands on what the kernel under it understands.
  if (process.platform !== "linux") return "not Linux";
  if (qemu === undefined) return "no qemu-aarch64 (Debian: qemu-user)";
  if (!existsSync(`${libraries}/lib/libc.so.6`)) return "no C library for arm64 (Debian: libc6-arm64-cross)";
  return undefined;
}

const reason = whyNot();
let exe = "";

before(() => {
  if (reason === undefined) exe = build("linux-arm64");
});

smoke("linux-arm64 under qemu", reason ?? false, () => ({ exe, through: [qemu!, "-L", libraries] }));
