/** The page in a real browser: nothing is said on its console, nothing cut off or fetched, and it is there soon. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { html } from "../../cli/report/html.ts";
import { madeRun, written } from "./made_run.ts";

const DRIVER = fileURLToPath(new URL("./browser.mjs", import.meta.url));
const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));

function tool(...names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(":");
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

const chromium = tool("chromium", "chromium-browser", "google-chrome");
const node = tool("node");
const skip = chromium === undefined ? "needs chromium" : node === undefined && "needs node, which drives the browser";

/** What the driver tells of one view. */
interface View {
  readonly name: string;
  readonly width: number;
  readonly colorScheme: string;
  readonly drawn: number;
  readonly charts: number;
  readonly keys: string;
  readonly zooms: boolean;
  readonly said: readonly string[];
  readonly asked: readonly string[];
  readonly faults: readonly string[];
}

async function views(pages: readonly { name: string; path: string; brief: boolean }[], shots: string): Promise<View[]> {
  const child = spawn(node!, [DRIVER, JSON.stringify({ chromium, pages, shots })], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [said, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => said += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors += text);
  const status = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  assert.equal(status, 0, errors);
  return said.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** By how much slower than it has to be (a second) a machine that tests other things meanwhile may be. */
const PATIENCE = 10;

test(
  "pages of 10,000 probes, of 3 and of a result alone, at 1280 and 390 pixels, light and dark",
  { skip },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "twampede-page-"));
    try {
      const many = madeRun(10_000);
      const alone = { ...madeRun(500), replay() {} };
      const made = { many: [many], three: [madeRun(3, true)], alone: [alone], two: [many, madeRun(200)] };
      const pages = await Promise.all(
        Object.entries(made).map(async ([name, runs]) => {
          const path = join(folder, `${name}.html`);
          writeFileSync(path, await written(html, {}, ...runs));
          return { name, path, brief: name !== "many" && name !== "three" };
        }),
      );
      for (const { name, path } of pages) assert.ok(statSync(path).size < 300_000, `${name}: ${statSync(path).size}`);
      const seen = await views(pages, folder);
      assert.equal(seen.length, 12);
      for (const { name, width, colorScheme, drawn, charts, keys, zooms, said, asked, faults } of seen) {
        const view = `${name} at ${width}, ${colorScheme}`;
        assert.deepEqual({ said, asked, faults }, { said: [], asked: [], faults: [] }, view);
        assert.equal(charts, name === "alone" ? 2 : name === "two" ? 12 : 6, view);
        assert.equal(zooms, charts > 2, `${view}: zoom`);
        assert.ok(drawn < 1000 * PATIENCE, `${view}: drawn after ${drawn} ms`);
        if (name === "many") {
          assert.match(
            keys,
            /^0:00\.\d, .* UTC: median 8\.\d\d.ms, half within .*; 2\d probes, 0 lost$/,
          );
        }
      }
      const of = (name: string) => seen.filter((view) => view.name === name).map(({ drawn }) => drawn);
      console.log(`drawn after ${of("many").join(", ")} ms; of 3 probes ${of("three").join(", ")} ms`);
      if (process.env.UPDATE_IMAGES === "1") {
        for (const shot of ["many-1280-light", "many-1280-dark", "many-390-dark"]) {
          copyFileSync(join(folder, `${shot}.png`), join(IMAGES, `${shot.replace("many", "page")}.png`));
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
