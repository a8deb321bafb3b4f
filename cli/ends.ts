/**
 * The two ends of a measurement, as they were typed.
 *
 * @module
 */
import { OptionError } from "../core/errors.ts";
import { isWildcard, resolveEndpoint, type Target, wildcard } from "./resolve.ts";

/** Ports where the user names none, as twampy has them. */
export const PORTS = { remote: 20_001, local: 20_000 } as const;

/** Looks both up; the local one is of the family of the remote one. */
export async function resolveEnds(
  remoteText: string,
  localText: string,
  family: 4 | 6 | undefined,
): Promise<{ remote: Target; local: Target }> {
  const loopback = family === 6 ? "::1" : "127.0.0.1";
  const remote = await resolveEndpoint("remote", remoteText, { host: loopback, port: PORTS.remote }, family);
  if (isWildcard(remote.host)) throw new OptionError(`remote '${remoteText}' means any address: give the responder's`);
  if (remote.port === 0) throw new OptionError(`remote '${remoteText}' has port 0: give the responder's port`);
  const anywhere = wildcard(remote.address.family);
  const local = await resolveEndpoint("local", localText, { host: anywhere, port: PORTS.local }, undefined);
  if (local.address.family !== remote.address.family) {
    throw new OptionError(
      `local '${localText}' is IPv${local.address.family}, remote '${remoteText}' is IPv${remote.address.family}: ` +
        `give both of one kind`,
    );
  }
  return { remote, local };
}
