/**
 * How many connections and sessions there can be with the files that this program may have open: each takes one.
 *
 * @module
 */

/** What a server wants, or gets. */
export interface Budget {
  readonly connections: number;
  /** Connections that are not set up, at once. */
  readonly silent: number;
  readonly sessions: number;
}

/**
 * What of `wanted` can be had with `files`: half for connections and half for sessions, and what one does not need for the
 * other. Undefined where not even one of each can be.
 */
export function withinFiles(wanted: Budget, files: number): Budget | undefined {
  const streams = wanted.connections + 2 * wanted.silent;
  if (streams + wanted.sessions <= files) return wanted;
  const half = Math.floor(files / 2);
  const sessions = Math.min(wanted.sessions, Math.max(half, files - streams));
  const left = Math.min(streams, files - sessions);
  const silent = Math.min(wanted.silent, Math.floor(left / 4));
  const connections = left - 2 * silent;
  return sessions < 1 || silent < 1 || connections < 1 ? undefined : { connections, silent, sessions };
}
