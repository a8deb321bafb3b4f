/** Keys of authenticated STAMP. */
import { StampKeys, StampSeal } from "../../core/session/stamp_seal.ts";

/** The key of the vectors. */
export const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
/** Of another session. */
export const OTHER_KEY = Uint8Array.from({ length: 20 }, (_, i) => 200 - i);

export const seal = () => new StampSeal(KEY);
export const otherSeal = () => new StampSeal(OTHER_KEY);

/** One key for all. */
export const oneKey = () => new StampKeys(new Map(), KEY);
