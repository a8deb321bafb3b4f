/**
 * Outcome of a check or decode; 0 is success, so `if (status)` means failure.
 *
 * @module
 */
export const WireStatus = { OK: 0, TOO_SHORT: 1 } as const;
export type WireStatus = (typeof WireStatus)[keyof typeof WireStatus];
