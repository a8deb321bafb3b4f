import assert from "node:assert/strict";
import { test } from "node:test";
import { CLIENT, rowFor, SERVER, type Table } from "../../../core/control/table.ts";
import { Accept, Mode } from "../../../core/wire/control.ts";
import { Pair } from "./pair.ts";

type AnyTable = Table<string, string, string>;

for (const table of [SERVER, CLIENT] as unknown as AnyTable[]) {
  test(`${table.role}: every state is reached, has a way out, and every input and action is used`, () => {
    const reached = new Set([table.initial]);
    for (const state of reached) for (const row of Object.values(table.rows[state])) reached.add(row![1]);
    assert.deepEqual([...reached].sort(), Object.keys(table.rows).sort());
    const used = { inputs: new Set<string>(), actions: new Set<string>() };
    for (const [state, rows] of Object.entries(table.rows)) {
      if (state === "closed") continue;
      assert.ok("end" in rows, `${state}: the peer may close at any time`);
      for (const [input, row] of Object.entries(rows)) {
        used.inputs.add(input);
        used.actions.add(row![0]);
      }
    }
    assert.deepEqual([...used.inputs].sort(), Object.keys(table.inputs).sort());
    assert.deepEqual([...used.actions].sort(), Object.keys(table.actions).sort());
    assert.throws(() => rowFor(table, "closed", "end"));
  });
}

/** A command of the length that its first block says, with one SID where it lists some. */
function command(octet: number): Uint8Array {
  const size: Record<number, number> = { 1: 128, 2: 32, 3: 32, 4: 48, 5: 112, 7: 48, 8: 48, 9: 48, 10: 48, 11: 112 };
  const message = new Uint8Array(size[octet] ?? 32);
  message[0] = octet;
  if (octet >= 7 && octet <= 10) {
    message[15] = 1;
    message.fill(1, 16, 32);
  }
  return message;
}

/** A server in each state that reads commands or will. */
const STATES = {
  greeted: (extensions: number) => new Pair({ modes: [Mode.OPEN], extensions }),
  ready: (extensions: number) => new Pair({ modes: [Mode.OPEN], extensions }).settle(),
  accepted: (extensions: number) => new Pair({ modes: [Mode.OPEN], extensions }).settle().request(),
  testing: (extensions: number) => new Pair({ modes: [Mode.OPEN], extensions }).settle().request().start(),
};

test("every command in every state has an answer: an acknowledgement, a refusal, or the end", () => {
  const seen = new Set<string>();
  for (const extensions of [0, Mode.INDIVIDUAL]) {
    for (const [name, make] of Object.entries(STATES)) {
      for (let octet = 0; octet < 256; octet++) {
        const { server } = make(extensions);
        if (name === "greeted") server.pollTransmit();
        server.handleBytes(1, command(octet));
        const events = [];
        for (let event; (event = server.pollEvent()) !== undefined; events.push(event.type)) {
          if (event.type === "requested") {
            server.answer(1, { accept: Accept.OK, port: 1, sid: new Uint8Array(16).fill(7), serverOctets: 0 });
          }
        }
        const reply = server.pollTransmit();
        const what = `${name} ${extensions ? "n" : "all"} ${octet}: ${events} ${reply?.length} ${
          reply?.[0]
        } ${server.state}`;
        if (name === "greeted") assert.equal(server.state, "greeted", "not whole: a Set-Up-Response has 164 octets");
        // Stop-Sessions has no answer (RFC 5357 section 3.8): right or wrong, it is told by what follows.
        else if (octet === 3 && extensions === 0) assert.equal(reply, undefined, what);
        else assert.ok(reply !== undefined, what);
        if (octet > 11 || octet === 0 || octet === 6) assert.match(what, /refused.* 48 3 closed|greeted/);
        seen.add(what.replace(/ \d+:/, ""));
      }
    }
  }
  assert.ok(seen.size > 12);
});
