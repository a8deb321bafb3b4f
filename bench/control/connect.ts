/**
 * Clients that connect to a server, set a session up, stop it and go: how many a second.
 *
 * @module
 */
import process from "node:process";
import { connect } from "../../cli/control/connect.ts";
import { credentials } from "../../cli/control/connect.ts";
import { parseSecurity } from "../../cli/control/modes.ts";
import { openLog } from "../../cli/log.ts";
import { parseAddress } from "../../core/address.ts";
import { hostClock } from "../../plugins/transport/host_clock.ts";

/** What came of it. */
export interface Connected {
  readonly perSecond: number;
  /** Nanoseconds. */
  readonly p50: number;
}

const RUN_MS = 2000;
const [port, mode, keyFile, clients] = process.argv.slice(2);
const names = parseSecurity("mode")(mode);
const flags = {
  controlPort: Number(port),
  mode: names,
  keyId: undefined,
  keyFile: mode === "open" ? undefined : keyFile,
  extensions: undefined,
  controlTimeout: 10e9,
  maxIterations: 32_768,
};
const host = "127.0.0.1";
const target = (at: string) => ({ address: parseAddress(at)!, host: at, port: 0 });
const log = openLog("quiet", undefined);
const keys = credentials(flags);
const stop = new AbortController();
const took: number[] = [];
const from = performance.now();

async function client(): Promise<void> {
  while (performance.now() - from < RUN_MS) {
    const began = performance.now();
    const needs = { required: 0, several: false };
    const { link } = await connect(flags, keys, target(host), target("0.0.0.0"), hostClock(), needs, stop.signal, log);
    const answer = await link.request({
      ipVersion: 4,
      confSender: 0,
      confReceiver: 0,
      slots: 0,
      packets: 0,
      senderPort: 20_000,
      receiverPort: 0,
      senderAddress: new Uint8Array(16),
      receiverAddress: new Uint8Array(16),
      sid: new Uint8Array(16),
      padding: 27,
      startTime: new Uint32Array(2),
      timeoutNs: 0,
      typeP: 0,
      octetsToReflect: 0,
      paddingToReflect: 0,
    });
    if (typeof answer === "number") throw new Error(`refused with Accept ${answer}`);
    await link.start();
    await link.stop();
    took.push((performance.now() - began) * 1e6);
  }
}

await Promise.all(Array.from({ length: Number(clients) }, client));
took.sort((a, b) => a - b);
const result: Connected = {
  perSecond: took.length / ((performance.now() - from) / 1000),
  p50: took[took.length >> 1],
};
console.log(JSON.stringify(result));
process.exit(0);
