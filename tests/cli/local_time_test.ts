import { test } from "node:test";
import assert from "node:assert/strict";
import { localDateTime } from "../../cli/local_time.ts";

test("local time is the time that Date says it is here", () => {
  for (const seconds of [1_795_183_811.5, 1_782_000_000, 951_782_400]) {
    const date = new Date(seconds * 1000);
    const parts = [date.getFullYear() % 100, date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes()];
    const [year, month, day, hour, minute] = parts.map((part) => String(part).padStart(2, "0"));
    assert.equal(localDateTime(seconds).slice(0, 14), `${year}/${month}/${day} ${hour}:${minute}`);
  }
});
