/**
 * Names of modes and extensions, as options and results have them.
 *
 * @module
 */
import { OptionError } from "../../core/errors.ts";
import { Mode } from "../../core/wire/control_codes.ts";

/** Security modes, weakest first. */
export const SECURITY = {
  open: Mode.OPEN,
  authenticated: Mode.AUTHENTICATED,
  encrypted: Mode.ENCRYPTED,
  mixed: Mode.MIXED,
} as const;
export type SecurityName = keyof typeof SECURITY;

/** Extensions, in the order of their bits: RFC 5938, 6038 (two), 7750, 8186. */
export const EXTENSION = {
  individual: Mode.INDIVIDUAL,
  reflect: Mode.REFLECT,
  symmetrical: Mode.SYMMETRICAL,
  monitor: Mode.MONITOR,
  ptp: Mode.PTP,
} as const;
export type ExtensionName = keyof typeof EXTENSION;

/** Names in results, spelled out. */
const LONG: Readonly<Record<ExtensionName, string>> = {
  individual: "individual-session-control",
  reflect: "reflect-octets",
  symmetrical: "symmetrical-size",
  monitor: "dscp-ecn-monitoring",
  ptp: "ptp-timestamps",
};

const KEYED = Mode.AUTHENTICATED | Mode.ENCRYPTED | Mode.MIXED;
/** All of them. */
export const ALL_EXTENSIONS: number = Object.values(EXTENSION).reduce<number>((all, bit) => all | bit, 0);

/** Bits of `--modes`. A list without any extension keeps all of them, `plain` is none; without any mode it keeps all modes. */
export function parseModes(text: string): number {
  let security = 0;
  let extensions = 0;
  let plain = false;
  for (const name of text.split(",").map((part) => part.trim().toLowerCase())) {
    if (Object.hasOwn(SECURITY, name)) security |= SECURITY[name as SecurityName];
    else if (Object.hasOwn(EXTENSION, name)) extensions |= EXTENSION[name as ExtensionName];
    else if (name === "plain") plain = true;
    else {
      const known = [...Object.keys(SECURITY), ...Object.keys(EXTENSION), "plain"].join(", ");
      throw new OptionError(`--modes '${text}': '${name}' is none of ${known}`);
    }
  }
  if (plain && extensions !== 0) {
    throw new OptionError(`--modes '${text}' has 'plain', which is no extension, and extensions: leave one out`);
  }
  return (security || Mode.OPEN | KEYED) | (plain ? 0 : extensions || ALL_EXTENSIONS);
}

/** Bits of a list of extensions; `plain` is none. */
export function parseExtensions(option: string, text: string): number {
  let bits = 0;
  for (const name of text.split(",").map((part) => part.trim().toLowerCase())) {
    if (Object.hasOwn(EXTENSION, name)) bits |= EXTENSION[name as ExtensionName];
    else if (name !== "plain") {
      throw new OptionError(`${option} '${text}': '${name}' is none of ${Object.keys(EXTENSION).join(", ")}, plain`);
    }
  }
  return bits;
}

/** Names of security modes from a list. */
export function parseSecurity(option: string): (text: string) => SecurityName[] {
  return (text) => {
    const names = text.split(",").map((part) => part.trim().toLowerCase());
    const strange = names.find((name) => !Object.hasOwn(SECURITY, name));
    if (strange === undefined) return names as SecurityName[];
    throw new OptionError(`${option} '${text}': '${strange}' is none of ${Object.keys(SECURITY).join(", ")}`);
  };
}

/** Whether a mode needs a key. */
export function isKeyed(mode: number): boolean {
  return (mode & KEYED) !== 0;
}

/** The security mode in words. */
export function securityName(mode: number): SecurityName {
  return (Object.keys(SECURITY) as SecurityName[]).find((name) => (mode & SECURITY[name]) !== 0) ?? "open";
}

/** The extensions in `mode`, short as options have them. */
export function extensionNames(mode: number): ExtensionName[] {
  return (Object.keys(EXTENSION) as ExtensionName[]).filter((name) => (mode & EXTENSION[name]) !== 0);
}

/** The extensions in `mode`, long as results have them. */
export function longExtensionNames(mode: number): string[] {
  return extensionNames(mode).map((name) => LONG[name]);
}
