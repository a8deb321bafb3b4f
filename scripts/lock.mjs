// One installation at a time in a checkout, however many programs start at once. A lock is a directory, because making
// one is atomic everywhere; its holder touches it every second, so that a crashed holder is told from a slow one even
// where process ids mean nothing (containers that share a checkout).
import * as fs from "node:fs";

const TOUCH_MS = 1_000;
const STALE_MS = 10_000;
const WAIT_MS = 600_000;

/** Runs `work` while holding the lock directory `path`; `what` says in messages what is going on. */
export async function withLock(path, what, work) {
  await take(path, what);
  const touch = setInterval(() => refresh(path), TOUCH_MS);
  try {
    return await work();
  } finally {
    clearInterval(touch);
    fs.rmSync(path, { recursive: true, force: true });
  }
}

async function take(path, what) {
  const end = Date.now() + WAIT_MS;
  let told = false;
  while (!made(path) && !inherited(path)) {
    if (!told) console.error(`twampede: another start is ${what}, waiting for it`);
    told = true;
    if (Date.now() > end) {
      throw new Error(`waited ${WAIT_MS / 1000} s for another start that is ${what}: if there is none, remove ${path}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function made(path) {
  try {
    fs.mkdirSync(path);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw new Error(`cannot make ${path} (${error.code}): the checkout must be writable for the first start`);
  }
}

/** Takes over from a dead holder. Of several heirs one succeeds: the directory each wants to make has the same name. */
function inherited(path) {
  const before = stat(path);
  if (!before || Date.now() - before.mtimeMs < STALE_MS) return false;
  try {
    fs.mkdirSync(`${path}/heir-${Math.trunc(before.mtimeMs)}`);
  } catch {
    return false;
  }
  // Released and taken anew by somebody in between: theirs, not ours.
  if (stat(path)?.ino !== before.ino) return false;
  refresh(path);
  return true;
}

function refresh(path) {
  const now = new Date();
  try {
    fs.utimesSync(path, now, now);
  } catch {
    // Gone: somebody removed it by hand; the work goes on.
  }
}

const stat = (path) => fs.statSync(path, { throwIfNoEntry: false });
