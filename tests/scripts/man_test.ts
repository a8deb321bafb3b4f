// Manual pages are of this program, and readers of manual pages find nothing wrong with them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { Command } from "commander";
import { settingsOf } from "../../cli/config/settings.ts";
import { createProgram } from "../../cli/program.ts";
import { manualPages } from "../../scripts/manual.ts";
import { tool } from "../cli/support.ts";

const folder = fileURLToPath(new URL("../../man", import.meta.url));
const files = readdirSync(folder).map((name) => join(folder, name));
const needs = (name: string) => ({
  skip: process.platform === "linux" ? tool(name) === undefined && `needs ${name}` : "needs Linux",
});

function said(command: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(command, args, {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C.UTF-8", MANWIDTH: "80", MANPAGER: "cat", PAGER: "cat" },
  });
  return stdout + stderr;
}

test("a page of every command names every option of it", () => {
  const program = createProgram(() => {});
  const pages = new Map(manualPages(program).map(({ file, text }) => [file, text]));
  assert.equal(pages.size, program.commands.length + 1);
  for (const command of program.commands) {
    const text = pages.get(`twampede-${command.name()}.1`)!;
    for (const { long } of command.options) {
      assert.ok(text.includes(`\\-${long!.slice(2).replaceAll("-", "\\-")}`), long!);
    }
    // Where --config has something to configure, its files and variables are told.
    const isTold = text.includes("/twampede.toml") && text.includes("TWAMPEDE_CONFIG");
    assert.equal(isTold, settingsOf(command).length > 0, command.name());
    for (const heading of ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"]) {
      assert.ok(text.includes(`\n.Sh ${heading}\n`), `${command.name()} ${heading}`);
    }
  }
});

test("what a description has in it is never taken for markup", () => {
  const odd = new Command("odd").description("it's -1 \\ `x`\u2026");
  odd.command("one").description(".Sh no heading, 'nor' this").option("--An <Fl|Ar>", ".Pp \\fB bold");
  const [, { text }] = manualPages(odd);
  assert.doesNotMatch(text, /^\.(?:Pp bold|Sh no)|^'/m);
  assert.match(text, /^\\&\.Pp \\efB bold\.$/m);
  assert.match(text, /^\.It Fl \\-An Ar "\\&Fl\|Ar"$/m);
});

test("mandoc finds nothing to warn of", needs("mandoc"), () => {
  assert.equal(said("mandoc", ["-Tlint", "-W", "warning", ...files]), "");
});

test("man shows them in 80 columns, and groff has nothing to warn of", needs("man"), () => {
  for (const file of files) {
    const lines = stripVTControlCharacters(said("man", ["--warnings", "-E", "UTF-8", "-l", file])).split(
      "\n",
    );
    assert.ok(lines.length > 30 && lines.some((line) => line.startsWith("NAME")), file);
    for (const line of lines) {
      assert.ok(line.length <= 80, `${file}: ${line}`);
      assert.doesNotMatch(line, /warning|error:/, file);
    }
  }
});
