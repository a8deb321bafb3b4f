// deno-lint-ignore-file
// Checked together with core and outputs: each line must be refused there. Should the settings ever let one of these
// through, TypeScript reports its "expect-error" as unused, and the check fails.

// @ts-expect-error: runtime
export const deno: unknown = Deno;
// @ts-expect-error: runtime
export const bun: unknown = Bun;
// @ts-expect-error: runtime
export const proc: unknown = process;
// @ts-expect-error: runtime
export const octets: unknown = Buffer;
// @ts-expect-error: clock
export const clock: unknown = performance;
// @ts-expect-error: timer
export const timer: unknown = setTimeout;
// @ts-expect-error: timer
export const ticker: unknown = setInterval;
// @ts-expect-error: output
export const out: unknown = console;
// @ts-expect-error: randomness
export const random: unknown = crypto;
// @ts-expect-error: network
export const net: unknown = fetch;
// @ts-expect-error: thread
export const thread: unknown = Worker;
