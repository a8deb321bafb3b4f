/** What a router does to packets besides forwarding them: rules of nftables in its namespace. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { tool } from "../support.ts";
import type { Host } from "./hosts.ts";

/** Why no packet can be altered here; false if they can. */
export const noFilter = tool("nft") === undefined && "no nft command (Debian: nftables)";

/** A chain's hook, and its rules. */
export type Chain = readonly [hook: string, ...rules: string[]];

/** Chains of address translation. */
export const SOURCE = "type nat hook postrouting priority srcnat";
export const DESTINATION = "type nat hook prerouting priority dstnat";
/** A chain that alters or drops what is forwarded. */
export const FORWARD = "type filter hook forward priority mangle";

/** Has `router` do what `chains` say while `use` runs, and nothing of it afterwards. */
export async function filtering<T>(router: Host, chains: readonly Chain[], use: () => Promise<T>): Promise<T> {
  const body = chains.map(([hook, ...rules], i) => `chain c${i} {\n${hook};\n${rules.join("\n")}\n}\n`);
  nft(router, `table inet test {\n${body.join("")}}\n`);
  try {
    return await use();
  } finally {
    nft(router, "delete table inet test\n");
  }
}

function nft({ netns }: Host, input: string): void {
  const { status, stderr } = spawnSync("ip", ["netns", "exec", netns, "nft", "-f", "-"], { input, encoding: "utf8" });
  assert.equal(status, 0, `${input}${stderr}`);
}
