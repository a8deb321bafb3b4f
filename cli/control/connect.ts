/**
 * From options to a control connection that is set up.
 *
 * @module
 */
import { formatEndpoint } from "../../core/address.ts";
import { OptionError } from "../../core/errors.ts";
import type { Clock, Nanos } from "../../core/time/clock.ts";
import { Mode } from "../../core/wire/control.ts";
import { connectStream } from "../../plugins/transport/stream.ts";
import { chooseSecret, readKeyFile } from "../key_file.ts";
import type { Log } from "../log.ts";
import { isWildcard, type Target } from "../resolve.ts";
import { ClientLink, describeModes } from "./client_link.ts";
import { randomOctets } from "./derive.ts";
import { ALL_EXTENSIONS, parseExtensions, SECURITY, type SecurityName } from "./modes.ts";

/** What the options say of a control connection. */
export interface ControlFlags {
  /** TCP. */
  readonly controlPort: number;
  /** Modes that will do, as given; undefined leaves it to whether there is a key. */
  readonly mode: readonly SecurityName[] | undefined;
  readonly keyId: string | undefined;
  readonly keyFile: string | undefined;
  /** Extensions to use where the server has them, as given. */
  readonly extensions: string | undefined;
  readonly controlTimeout: Nanos;
  /** The most iterations of the key derivation that are done for a server. */
  readonly maxIterations: number;
}

/** Modes, best first: what is sealed at both ends before what is not. */
const STRENGTH: readonly SecurityName[] = ["encrypted", "authenticated", "mixed", "open"];

/** Those whose test packets are sealed too. */
const SEALED: readonly SecurityName[] = ["encrypted", "authenticated"];

/** A connection that is set up. */
export interface Connected {
  readonly link: ClientLink;
  /** This host's address on it. */
  readonly near: string;
  /** `address:port` of the server. */
  readonly server: string;
  /** From now on an interrupt ends the connection no longer: there is something to be stopped. */
  keep(): void;
}

/** What of {@linkcode ControlFlags} can be said before connecting. */
export interface Credentials {
  readonly modes: readonly number[];
  readonly key: { readonly id: string; readonly secret: Uint8Array } | undefined;
}

/**
 * The modes that will do and the key for them. With a key, modes whose test packets are open are taken only where they
 * are asked for by name: nothing protects the greeting, so that anybody on the way can offer less than the server does.
 */
export function credentials({ mode, keyId, keyFile }: ControlFlags): Credentials {
  const names = mode ?? (keyFile === undefined ? ["open"] : SEALED);
  const modes = STRENGTH.filter((name) => names.includes(name)).map((name) => SECURITY[name]);
  const isKeyed = modes.some((bit) => bit !== Mode.OPEN);
  if (!isKeyed) {
    if (keyId !== undefined || keyFile !== undefined) {
      throw new OptionError(
        `${
          keyFile === undefined ? "--key-id" : "--key-file"
        } does nothing in open mode: leave it out, or ask for another --mode`,
      );
    }
    return { modes, key: undefined };
  }
  if (keyFile === undefined) {
    throw new OptionError(
      `--mode '${names.join(",")}' needs a secret: add --key-file FILE with lines of 'identity secret'`,
    );
  }
  return { modes, key: chooseSecret(readKeyFile(keyFile), keyId, keyFile) };
}

/**
 * Connects and sets up; rejects with one line. Until `keep` an interrupt ends the connection. `several`: sessions are
 * controlled one by one where that can be.
 */
export async function connect(
  flags: ControlFlags,
  { modes, key }: Credentials,
  remote: Target,
  local: Target,
  clock: Clock,
  needs: { readonly required: number; readonly several: boolean },
  signal: AbortSignal,
  log: Log,
): Promise<Connected> {
  const server = formatEndpoint(remote.host, flags.controlPort);
  log.info(`connecting to ${server}`);
  const stream = await connectStream({
    host: remote.host,
    port: flags.controlPort,
    localHost: isWildcard(local.host) ? undefined : local.host,
    timeoutMs: flags.controlTimeout / 1e6,
    signal,
  });
  const link = new ClientLink(stream, {
    modes,
    extensions: chosenExtensions(flags, needs),
    required: needs.required,
    random: randomOctets,
    timeout: flags.controlTimeout,
    mostCount: flags.maxIterations,
    clock,
    key,
    log: (line) => log.info(line),
  });
  const leave = () => link.close();
  signal.addEventListener("abort", leave);
  const keep = () => signal.removeEventListener("abort", leave);
  try {
    await link.setUp();
  } catch (error) {
    keep();
    throw error;
  }
  log.info(`set up with ${describeModes(link.mode)}`);
  return { link, near: stream.local.hostname, server, keep };
}

/**
 * What is used where the server has it. Packets change their form with symmetrical size and reflected octets, so those
 * are used where they are asked for; and one session needs no individual control, which not every server does well.
 */
function chosenExtensions(
  { extensions: text }: ControlFlags,
  { required, several }: { readonly required: number; readonly several: boolean },
): number {
  const wanted = text === undefined
    ? ALL_EXTENSIONS & ~(several ? 0 : Mode.INDIVIDUAL)
    : parseExtensions("--extensions", text);
  return (wanted & ~(Mode.SYMMETRICAL | Mode.REFLECT)) | required;
}
