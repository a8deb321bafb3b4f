/**
 * The file of shared secrets: a line is an identity and its secret.
 *
 * @module
 */
import { readFileSync, statSync } from "node:fs";
import process from "node:process";
import { OptionError } from "../core/errors.ts";

/** Octets of a KeyID on the wire (RFC 4656 section 3.1). */
const MOST_ID = 80;
/** Nobody has that many; something else was given by mistake. */
const MOST_OCTETS = 2 ** 20;

/** Secrets by identity. */
export type Secrets = ReadonlyMap<string, Uint8Array>;

/**
 * Reads `identity<tab or space>secret` lines; `hex:` before a secret gives octets, `#` starts a comment line.
 *
 * @throws OptionError for a file that others can read, and for a line that is none; secrets stand in no message
 */
export function readKeyFile(path: string): Secrets {
  const text = readPrivate(path);
  const secrets = new Map<string, Uint8Array>();
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
    const where = `--key-file '${path}' line ${at + 1}`;
    const parts = /^(\S+)[ \t]+(.*?)[ \t]*$/.exec(line.trimStart());
    if (parts === null || parts[2] === "") {
      throw new OptionError(`${where} is not 'identity secret': write both, with a space or tab between them`);
    }
    const [, id, secret] = parts;
    if (new TextEncoder().encode(id).length > MOST_ID) {
      throw new OptionError(`${where}: the identity has more than ${MOST_ID} octets: choose a shorter one`);
    }
    if (secrets.has(id)) throw new OptionError(`${where}: identity '${id}' is there twice: take one of them out`);
    secrets.set(id, octetsOf(secret, where));
  }
  if (secrets.size === 0) {
    throw new OptionError(`--key-file '${path}' has no secret in it: write lines of 'identity secret'`);
  }
  return secrets;
}

function octetsOf(secret: string, where: string): Uint8Array {
  if (!secret.startsWith("hex:")) return new TextEncoder().encode(secret);
  const digits = secret.slice(4);
  if (!/^([0-9a-f]{2})+$/i.test(digits)) {
    throw new OptionError(`${where}: after 'hex:' come pairs of hex digits, and nothing else`);
  }
  return Uint8Array.from(digits.match(/../g)!, (pair) => parseInt(pair, 16));
}

function readPrivate(path: string): string {
  try {
    const { mode, size } = statSync(path);
    // Windows has no such bits; there the folder's rights decide.
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw new OptionError(`--key-file '${path}' can be read by others: chmod 600 ${quote(path)}`);
    }
    if (size > MOST_OCTETS) throw new OptionError(`--key-file '${path}' has ${size} octets: is it a key file?`);
    return textOf(readFileSync(path), path);
  } catch (error) {
    if (error instanceof OptionError) throw error;
    const { code } = error as { code?: string };
    const why = code === "ENOENT" ? "does not exist" : `cannot be read (${code ?? "unknown reason"})`;
    throw new OptionError(`--key-file '${path}' ${why}: give a file with lines of 'identity secret'`);
  }
}

/** A secret of other octets than were written would fit no other implementation, and not say so. */
function textOf(octets: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(octets);
  } catch {
    throw new OptionError(`--key-file '${path}' is not UTF-8 text: save it as UTF-8, or write secrets as 'hex:…'`);
  }
}

function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** The secret to use: of `id`, or the only one there is. */
export function chooseSecret(
  secrets: Secrets,
  id: string | undefined,
  path: string,
): { id: string; secret: Uint8Array } {
  if (id === undefined) {
    if (secrets.size > 1) {
      throw new OptionError(`--key-file '${path}' has ${secrets.size} identities: say which one with --key-id`);
    }
    const [only] = secrets;
    return { id: only[0], secret: only[1] };
  }
  const secret = secrets.get(id);
  if (secret === undefined) {
    throw new OptionError(`--key-id '${id}' is not in '${path}': add it there, or give another`);
  }
  return { id, secret };
}
