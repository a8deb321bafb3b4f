/** Many sessions on one connection: what each step costs, counted and not timed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerSessions } from "../../../core/control/server_sessions.ts";
import { sidText } from "../../../core/control/session_id.ts";
import { Command, Mode, writeSessionList, writeStop } from "../../../core/wire/control.ts";
import { Pair } from "./pair.ts";

const sidOf = (n: number, kind = 1) => Uint8Array.of(n >> 8, n, kind, ...new Uint8Array(13));

/** What is looked at of lists, sets and maps while `work` is done. */
function looksDuring(work: () => void): number {
  let looks = 0;
  const restore: (() => void)[] = [];
  for (const  of of[Set.prototype, Map.prototype]) {
    const iterate = of[Symbol.iterator] as (this: unknown) => Iterator<unknown>;
    const put = (value: unknown) => Object.defineProperty(of, Symbol.iterator, { value, configurable: true });
    put(function* (this: Iterable<unknown>) {
      const from = iterate.call(this);
      for (let step = from.next(); !step.done; step = from.next(), looks++) yield step.value;
    });
    restore.push(() => put(iterate));
  }
  for (const name of ["includes", "indexOf", "filter", "some"] as const) {
    const whole = Array.prototype[name] as (...args: unknown[]) => unknown;
    const put = (value: unknown) => Object.defineProperty(Array.prototype, name, { value, configurable: true });
    put(function (this: unknown[], ...args: unknown[]) {
      looks += this.length;
      return whole.apply(this, args);
    });
    restore.push(() => put(whole));
  }
  try {
    work();
  } finally {
    for (const undo of restore) undo();
  }
  return looks;
}

/** The looks of each step with `n` sessions. */
function steps(n: number, extensions: number): Record<string, number> {
  const pair = new Pair({ extensions }, { sessions: n }).settle();
  pair.answer = (nth) => ({ sid: sidOf(nth) });
  const strangers = writeSessionList(Command.STOP_N, {
    accept: 0,
    sids: Array.from({ length: n }, (_, i) => sidOf(i, 2)),
  });
  const looks = {
    first: looksDuring(() => Array.from({ length: n / 2 }, () => pair.request())),
    start: looksDuring(() => pair.start()),
    others: looksDuring(() => Array.from({ length: n / 2 }, () => pair.request())),
    again: extensions === 0 ? 0 : looksDuring(() => pair.start()),
    strangers: extensions === 0 ? 0 : looksDuring(() => pair.server.handleBytes(0, strangers)),
    stop: looksDuring(() => {
      while (pair.server.pollTransmit());
      pair.stop();
    }),
  };
  assert.equal(pair.server.state, "ready");
  return looks;
}

test("twice as many sessions take twice as many steps, not four times", () => {
  for (const extensions of [0, Mode.INDIVIDUAL]) {
    const [once, twice] = [steps(200, extensions), steps(400, extensions)];
    for (const [step, looks] of Object.entries(twice)) {
      assert.ok(looks <= 2.2 * once[step] + 20, `${step}: ${once[step]}, then ${looks}`);
    }
  }
});

test("SIDs of sessions that ended by themselves and are never stopped are kept up to the limit, and all are counted", () => {
  const sessions = new ServerSessions(3);
  for (let n = 0; n < 1000; n++) {
    sessions.accept(`${n}`);
    sessions.mark([`${n}`], "started");
    sessions.mark([`${n}`], "over");
  }
  assert.deepEqual([sessions.all, sessions.started], [["997", "998", "999"], 1000]);
  assert.deepEqual([sessions.stopAll().length, sessions.started], [3, 0]);

  const pair = new Pair({}, { sessions: 2 }).settle();
  pair.answer = (nth) => ({ sid: sidOf(nth) });
  for (let n = 0; n < 10; n++) {
    pair.request().start();
    pair.server.handleSessionsOver(0, [sidText(sidOf(n))]);
    assert.equal(pair.server.state, "ready", "SERVWAIT resumes");
  }
  pair.server.handleBytes(0, writeStop({ accept: 0, sessions: 10 }));
  assert.equal(pair.server.state, "ready", "as the client counts");
});
