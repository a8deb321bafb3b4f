/**
 * Colours: on terminals alone, and only where nobody asked for none. Results are never coloured: programs read them.
 *
 * @module
 */
import { isatty } from "node:tty";
import process from "node:process";
import { styleText } from "node:util";

/** What `styleText` knows by name. */
export type Format = Parameters<typeof styleText>[0];
/** Standard output or standard error. */
export type Descriptor = 1 | 2;

/**
 * Whether text for `fd` is coloured. `FORCE_COLOR` goes before `NO_COLOR`, as in Node; both count only where there is
 * something in them (no-color.org).
 */
export function isColoured(
  fd: Descriptor,
  variable = environment,
  terminal: (fd: number) => boolean = isatty,
): boolean {
  const force = variable("FORCE_COLOR");
  if (force !== "") return force !== "0" && force !== "false";
  return variable("NO_COLOR") === "" && variable("TERM") !== "dumb" && terminal(fd);
}

/** A variable of the environment; nothing where there is none, or where Deno does not let it be read. */
function environment(name: string): string {
  try {
    return process.env[name] ?? "";
  } catch {
    return "";
  }
}

/** `text` in colours, wherever it goes. */
export function paint(format: Format, text: string): string {
  // Whether there shall be any is decided above, the same way under both runtimes.
  return styleText(format, text, { validateStream: false });
}

/** `text` as it goes to `fd`. */
export function styled(fd: Descriptor, format: Format, text: string): string {
  return isColoured(fd) ? paint(format, text) : text;
}

/** The line that ends a command, for standard error. */
export function errorLine(what: string): string {
  return `${styled(2, ["bold", "red"], "twampede:")} ${what}\n`;
}
