/**
 * The bounds of Count, apart from the machines: the command line is checked against them at every start.
 *
 * @module
 */

/** What RFC 4656 section 3.1 asks at least. */
export const LEAST_COUNT = 1024;
/** What RFC 5357 section 6 allows by default. */
export const MOST_COUNT = 32_768;
