/**
 * Names of Differentiated Services code points (RFC 2474, 2597, 3246, 5865, 8622).
 *
 * @module
 */

const NAMED: Readonly<Record<string, number>> = {
  be: 0,
  le: 1,
  cs1: 8,
  af11: 10,
  af12: 12,
  af13: 14,
  cs2: 16,
  af21: 18,
  af22: 20,
  af23: 22,
  cs3: 24,
  af31: 26,
  af32: 28,
  af33: 30,
  cs4: 32,
  af41: 34,
  af42: 36,
  af43: 38,
  cs5: 40,
  va: 44,
  ef: 46,
  cs6: 48,
  cs7: 56,
};
/** Other names of the same code points, as routers and twampy have them. */
const ALIASES: Readonly<Record<string, number>> = { cs0: 0, df: 0, default: 0, nc1: 48, nc2: 56 };

const NAME_OF: readonly string[] = Array.from(
  { length: 64 },
  (_, dscp) => Object.keys(NAMED).find((name) => NAMED[name] === dscp) ?? `cp${dscp}`,
);

/** The common names, by number. */
export const DSCP_NAMES: readonly string[] = Object.keys(NAMED);

/** All 64 with the name of each; those without a common one are called `cp3`. */
export function dscpTable(): { dscp: number; name: string; aliases: string[] }[] {
  return Array.from({ length: 64 }, (_, dscp) => {
    const aliases = Object.keys(ALIASES).filter((name) => ALIASES[name] === dscp);
    return { dscp, name: NAME_OF[dscp], aliases };
  });
}

/** The name of a code point as the table has it: `ef`, `cp3`. */
export function dscpName(dscp: number): string {
  return NAME_OF[dscp];
}

/** The code point that `text` names, in any case, or as a number from 0 to 63; undefined if it is none. */
export function parseDscp(text: string): number | undefined {
  const name = text.toLowerCase();
  for (const names of [NAMED, ALIASES]) if (Object.hasOwn(names, name)) return names[name];
  const number = /^(?:cp)?(0x[0-9a-f]+|\d+)$/.exec(name)?.[1];
  return number !== undefined && Number(number) < 64 ? Number(number) : undefined;
}
