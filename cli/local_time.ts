/**
 * Moments in the time zone of this host.
 *
 * @module
 */
import { dateTime } from "../outputs/mod.ts";

/** `26/11/20 14:10:11`, local time, which is what the twampy forks print. */
export function localDateTime(unixSeconds: number): string {
  return dateTime(unixSeconds - new Date(unixSeconds * 1000).getTimezoneOffset() * 60);
}
