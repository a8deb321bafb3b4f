/** The configurations for Telegraf: what they run ends within Telegraf's patience, whatever the far end does. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "smol-toml";
import { run, withResponder, withSocket } from "./support.ts";

const folder = fileURLToPath(new URL("../../examples/telegraf", import.meta.url));
const LOST = /^twamp,host=\S+,target=\S+ inbound_loss=100\.0,outbound_loss=100\.0,roundtrip_loss=100\.0 \d{19}\n$/;
const FIRST = "inbound_min inbound_max inbound_avg inbound_jitter inbound_loss outbound_min".split(" ");

interface Input {
  readonly commands?: readonly string[];
  readonly command?: readonly string[];
  readonly timeout?: string;
  readonly ignore_error?: boolean;
  readonly data_format: string;
}

/** What a file runs, as arguments of the program, and how long Telegraf waits for it. */
function commandsOf(file: string): { args: string[]; timeoutMs: number; input: Input }[] {
  const { inputs } = parse(readFileSync(join(folder, file), "utf8")) as unknown as {
    inputs: Record<string, readonly Input[]>;
  };
  return Object.values(inputs).flat().flatMap((input) => {
    const lines = input.commands?.map((line) => line.split(" ")) ?? [[...input.command!]];
    return lines.map(([program, ...args]) => {
      assert.equal(program, "twampede");
      return { args, input, timeoutMs: Number(/^(\d+)s$/.exec(input.timeout ?? "5s")![1]) * 1000 };
    });
  });
}

/** Runs it against another far end; its outcome and how long it took. */
async function timed(args: readonly string[], target: string, ...more: readonly string[]) {
  const start = performance.now();
  const outcome = await run([...args.map((word) => word.replace(/^192\.0\.2\.1(?::\d+)?$/, target)), ...more]);
  return { ...outcome, ms: performance.now() - start };
}

test("every configuration is TOML, and Telegraf keeps the line of a run that lost everything", () => {
  const files = readdirSync(folder).sort();
  assert.deepEqual(files, ["continuous.conf", "controller.conf", "sender.conf"]);
  for (const { args, input } of files.flatMap(commandsOf)) {
    assert.equal(input.data_format, "influx");
    // inputs.execd reads as lines come, whatever the status is at the end.
    assert.ok(input.ignore_error === true || input.command !== undefined);
    assert.ok(args.includes("--telegraf") && args.includes(":0"));
  }
});

/** A far end that swallows what it gets, and a port where nobody listens. */
async function nobodyAnswers(): Promise<void> {
  await withSocket("127.0.0.1", async (socket, silent) => {
    const closed = await withSocket("127.0.0.1", (_socket, port) => Promise.resolve(port));
    socket.on("message", () => {});
    await Promise.all(
      commandsOf("sender.conf").map(async ({ args, timeoutMs }, i) => {
        const { status, stdout, stderr, ms } = await timed(args, `127.0.0.1:${i === 0 ? silent : closed}`);
        assert.deepEqual([status, stderr], [1, ""]);
        assert.match(stdout, LOST);
        assert.ok(ms < timeoutMs, `${ms} ms, Telegraf waits ${timeoutMs}`);
      }),
    );
  });
}

async function serverSaysNothing(): Promise<void> {
  const server = createServer(() => {}).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  try {
    const [{ args, timeoutMs }] = commandsOf("controller.conf");
    const { status, stdout, ms } = await timed(args, "127.0.0.1", "--control-port", `${port}`);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.ok(ms < timeoutMs, `${ms} ms, Telegraf waits ${timeoutMs}`);
  } finally {
    server.close();
  }
}

/** One line with the usual fields, of each kind of input. */
async function responderAnswers(): Promise<void> {
  await withResponder([], async ({ at }) => {
    const all = [...commandsOf("sender.conf").slice(0, 1), ...commandsOf("continuous.conf")];
    await Promise.all(all.map(async ({ args, timeoutMs }) => {
      const short = args.map((word) => word === "600" ? "5" : word);
      const { status, stdout, stderr, ms } = await timed(short, at);
      assert.deepEqual([status, stderr], [0, ""]);
      const fields = stdout.trim().split(" ")[1].split(",").map((field) => field.split("=")[0]);
      assert.deepEqual(fields.slice(0, FIRST.length), FIRST);
      assert.ok(ms < timeoutMs, `${ms} ms, Telegraf waits ${timeoutMs}`);
    }));
  });
}

test("every command ends before Telegraf ends it, with a line of what was measured, whatever the far end does", async () => {
  await nobodyAnswers();
  // At once: it is mostly waiting. Not all of them: what is timed has a start from source in it.
  await Promise.all([serverSaysNothing(), responderAnswers()]);
});
