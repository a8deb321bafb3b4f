/** Completion as a person gets it: real shells, a line typed up to the cursor, the TAB key. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { commandLine, run, tool, withFolder } from "../support.ts";

const BASH_COMPLETION = "/usr/share/bash-completion/bash_completion";
const linux = process.platform === "linux";

function needs(...tools: readonly string[]): { skip: string | false } {
  const missing = tools.find((name) => !(name.startsWith("/") ? existsSync(name) : tool(name)));
  return { skip: linux ? missing !== undefined && `needs ${missing}` : "needs Linux" };
}

/** A folder with files to complete, and with `twampede` as a program on the path. */
async function withProgram(use: (folder: string, env: Record<string, string>) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const { file, before } = commandLine();
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(
      join(bin, "twampede"),
      `#!/bin/sh\nexec ${[file, ...before].map((word) => `'${word}'`).join(" ")} "$@"\n`,
    );
    chmodSync(join(bin, "twampede"), 0o755);
    mkdirSync(join(folder, "keys"));
    writeFileSync(join(folder, "keys", "my secrets"), "");
    writeFileSync(join(folder, "result.json"), "");
    const env = { PATH: `${bin}:${process.env.PATH}`, HOME: folder, TERM: "dumb", LC_ALL: "C.UTF-8", NO_COLOR: "1" };
    await use(folder, env);
  });
}

/** A shell that says nothing for so long is ended. */
const LONGEST_MS = 20_000;

/** A shell on a terminal, told line by line. */
class Terminal {
  readonly #child: ChildProcess;
  #text = "";
  readonly #closed: Promise<unknown>;
  #wake = () => {};
  #ended = false;

  constructor(command: string, cwd: string, env: Record<string, string>) {
    const line = `stty cols 200 rows 50; exec ${command}`;
    this.#child = spawn(tool("script")!, ["-qec", line, "/dev/null"], { cwd, env, stdio: ["pipe", "pipe", "inherit"] });
    this.#closed = new Promise((resolve) => this.#child.on("close", resolve));
    this.#child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.#text += text;
      this.#wake();
    }).on("end", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** Types, and waits for what comes of it. */
  async type(keys: string, until: RegExp): Promise<string> {
    const from = keys === "" ? 0 : this.#text.length;
    if (keys !== "") this.#child.stdin!.write(keys);
    for (;;) {
      const found = until.exec(this.#text.slice(from));
      if (found !== null) return found[1] ?? "";
      assert.ok(!this.#ended, this.#text.slice(-1000));
      const over = setTimeout(() => this.#child.kill("SIGKILL"), LONGEST_MS);
      await new Promise<void>((resolve) => this.#wake = resolve);
      clearTimeout(over);
    }
  }

  /** The words that a line has become by TAB at its end; `after` is typed behind that, then `before` at the beginning. */
  async words(line: string, before: string, after = ""): Promise<string> {
    return await this.type(`${line}\t${after}\x01${before}\n`, /^(<.*>)#/m);
  }

  async end(): Promise<void> {
    const over = setTimeout(() => this.#child.kill("SIGKILL"), LONGEST_MS);
    this.#child.stdin!.write("exit\n");
    await this.#closed;
    clearTimeout(over);
  }
}

/** Each line, and the words that it becomes. `Z` is typed behind what TAB made: glued to it where no blank was put. */
const LINES: readonly [line: string, words: string][] = [
  ["twampede resp", "<twampede><responder><Z>"],
  ["twampede sender 2001:db8::1 --outp", "<twampede><sender><2001:db8::1><--output><Z>"],
  [
    "twampede sender [2001:db8::1]:862 :0 --schedule=p",
    "<twampede><sender><[2001:db8::1]:862><:0><--schedule=poisson><Z>",
  ],
  ["twampede sender --output json:i", "<twampede><sender><--output><json:indent=Z>"],
  ["twampede sender --output table:detail=f", "<twampede><sender><--output><table:detail=full><Z>"],
  [
    "twampede sender --output json:indent=0,file=res",
    "<twampede><sender><--output><json:indent=0,file=result.json><Z>",
  ],
  ["twampede sender --output=json:file=res", "<twampede><sender><--output=json:file=result.json><Z>"],
  ["twampede responder --key-file keys/my", "<twampede><responder><--key-file><keys/my secrets><Z>"],
  ["twampede sender --tlv cos:dscp=e", "<twampede><sender><--tlv><cos:dscp=ef><Z>"],
  ["twampede decode -- res", "<twampede><decode><--><result.json><Z>"],
  // A word that would run a command if it were read again.
  ["twampede sender '$(touch ran)' --quie", "<twampede><sender><$(touch ran)><--quiet><Z>"],
];
/** The cursor goes back to just behind `sch` before TAB is pressed. */
const MIDDLE = "twampede sender --sch 192.0.2.1" + "\x02".repeat(" 192.0.2.1".length);

async function completes(command: string, folder: string, env: Record<string, string>, setup: string): Promise<void> {
  const terminal = new Terminal(command, folder, env);
  try {
    await terminal.type("", /[#$%] /);
    await terminal.type(`show() { printf '<%s>' "$@"; printf '#\\n'; }\n${setup}\nshow re''ady\n`, /^(<ready>)#/m);
    for (const [line, words] of LINES) assert.equal(await terminal.words(line, "show ", "Z"), words, line);
    assert.match(await terminal.words(MIDDLE, "show "), /^<twampede><sender><--schedule><192\.0\.2\.1>$/);
    assert.ok(!existsSync(join(folder, "ran")), "a word of the line was run");
  } finally {
    await terminal.end();
  }
}

const BASH = "bash --noprofile --norc -i";
const bashSetup = (before: string) =>
  `bind 'set enable-bracketed-paste off'; bind 'set bell-style none'; ${before}. <(twampede completions bash); ` +
  ". <(twampede completions bash)";

test(
  "bash, without bash-completion",
  needs("bash", "script"),
  () => withProgram((folder, env) => completes(BASH, folder, env, bashSetup(""))),
);

test(
  "bash, with bash-completion, and with = and : that part no words",
  needs("bash", "script", BASH_COMPLETION),
  () =>
    withProgram((folder, env) =>
      completes(BASH, folder, env, bashSetup(`. ${BASH_COMPLETION}; COMP_WORDBREAKS=$' \\t\\n"\\''; `))
    ),
);

test("zsh", needs("zsh", "script"), () =>
  withProgram((folder, env) =>
    completes(
      "zsh -f -i",
      folder,
      env,
      "unsetopt prompt_sp nomatch; setopt no_beep; autoload -U compinit; compinit -u -D; . <(twampede completions zsh)",
    )
  ));

test("fish", needs("fish"), () =>
  withProgram(async (folder, env) => {
    const ask = (line: string) => `complete -C ${JSON.stringify(line).replaceAll("$", "\\$")}; echo '#'`;
    const script = ["twampede completions fish | source", ...LINES.map(([line]) => ask(line))].join("\n");
    const { status, stdout, stderr } = await run([], {
      cwd: folder,
      env,
      through: [tool("fish")!, "--no-config", "-c", `${script}\nexit`],
    });
    assert.deepEqual([status, stderr], [0, ""]);
    const found = stdout.split("#\n").slice(0, -1);
    LINES.forEach(([line, words], i) => {
      const wanted = /<([^<]*?)(?:><Z>|Z>)$/.exec(words)![1];
      assert.deepEqual(found[i].trim().split("\n").map((one) => one.split("\t")[0]), [wanted], line);
    });
    assert.match(found[0], /^responder\tanswer probes/);
    assert.ok(!existsSync(join(folder, "ran")), "a word of the line was run");
  }));
