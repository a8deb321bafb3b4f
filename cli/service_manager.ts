/**
 * Readiness and ending, told to a service manager that asked to be told (sd_notify(3)); nothing without one.
 *
 * @module
 */
import process from "node:process";
import { notifyUnixSocket } from "../plugins/transport/ffi/linux/notify.ts";

/** Tells `state`, as `READY=1`. What fails is left: the service runs without it. */
export function tellServiceManager(state: string): void {
  const path = process.env.NOTIFY_SOCKET;
  if (process.platform === "linux" && path !== undefined && /^[@/]/.test(path)) notifyUnixSocket(path, `${state}\n`);
}
