/**
 * Options in the environment: `TWAMPEDE_INTERVAL` for every command, `TWAMPEDE_SENDER_INTERVAL` for one.
 *
 * @module
 */

const PREFIX = "TWAMPEDE_";
/** Not options: where the configuration is, which runtime the launcher takes, and what tests are told. */
const RESERVED = ["TWAMPEDE_CONFIG", "TWAMPEDE_RUNTIME", "TWAMPEDE_EXE", "TWAMPEDE_NUMBERS"];

/** The name of an option in the environment; of one command alone, if one is named. */
export function variableName(key: string, command?: string): string {
  const words = command === undefined ? key : `${command}_${key}`;
  return PREFIX + words.replaceAll("-", "_").toUpperCase();
}

/** A variable; an empty one is none, as pipelines hand over what is not set. */
export function readVariable(name: string): string | undefined {
  try {
    return process.env[name] || undefined;
  } catch {
    // Whoever keeps the environment from this process has set nothing there.
    return undefined;
  }
}

/** The variables that may be options. */
export function optionVariables(): string[] {
  try {
    return Object.keys(process.env).filter((name) => name.startsWith(PREFIX) && !RESERVED.includes(name));
  } catch {
    return [];
  }
}

/** What a variable says of an option that can be given several times: parted by semicolons or lines. */
export function splitList(text: string): string[] {
  return text.split(/[;\r\n]+/).map((item) => item.trim()).filter((item) => item !== "");
}

const FLAGS: Readonly<Record<string, boolean>> = {
  "1": true,
  true: true,
  yes: true,
  on: true,
  "0": false,
  false: false,
  no: false,
  off: false,
};

/** What a variable says of a flag; undefined if it says neither. */
export function flagValue(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  return Object.hasOwn(FLAGS, word) ? FLAGS[word] : undefined;
}
