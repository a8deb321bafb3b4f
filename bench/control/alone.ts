/**
 * Both machines of TWAMP-Control in one thread: how long a conversation takes, and how much of it crypto.
 *
 * @module
 */
import { pbkdf2Sync } from "node:crypto";
import process from "node:process";
import { makeToken, openToken } from "../../core/control/keys.ts";
import { SealedReader, SealedWriter } from "../../core/control/sealed_stream.ts";
import { Mode } from "../../core/wire/control.ts";
import { Pair } from "../../tests/core/control/pair.ts";

/** Nanoseconds a conversation. */
export interface Alone {
  readonly total: number;
  /** Of it, both keys from the passphrase. */
  readonly derive: number;
  /** Of it, the token and both streams. */
  readonly seal: number;
}

const WARM_NS = 0.3e9;
const RUN_NS = 1e9;
/** Octets of the sealed messages of a conversation: client to server, and back. */
const TO_SERVER = [112, 32, 32];
const TO_CLIENT = [48, 32];

/** Mean time of `work` over a second, once it is warm. */
function time(work: () => void): number {
  const until = (ns: number) => {
    const from = performance.now();
    let rounds = 0;
    let took = 0;
    while (took < ns) {
      work();
      rounds++;
      took = (performance.now() - from) * 1e6;
    }
    return took / rounds;
  };
  until(WARM_NS);
  return until(RUN_NS);
}

const [mode, iterations] = process.argv.slice(2);
const count = Number(iterations);
const isOpen = mode === "open";
const client = { modes: [isOpen ? Mode.OPEN : Mode.ENCRYPTED] };
const salt = new Uint8Array(16);
const keys = { aes: new Uint8Array(16), hmac: new Uint8Array(32) };

function seal(): void {
  const token = makeToken(salt, salt, keys);
  openToken(salt, token, salt);
  for (const sizes of [TO_SERVER, TO_CLIENT]) {
    const writer = new SealedWriter(keys, salt);
    const reader = new SealedReader(keys, salt);
    for (const size of sizes) {
      const message = new Uint8Array(size);
      writer.seal(message);
      reader.decrypt(new DataView(message.buffer), 0, size / 16);
      reader.isGenuine(message, 0, size);
    }
  }
}

const result: Alone = {
  total: time(() => void new Pair(client, { count }).settle().request().start().stop()),
  derive: isOpen ? 0 : 2 * time(() => void pbkdf2Sync("foobar", salt, count, 16, "sha1")),
  seal: isOpen ? 0 : time(seal),
};
console.log(JSON.stringify(result));
