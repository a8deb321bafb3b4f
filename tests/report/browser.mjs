// Opens pages in Chromium as people would: node browser.mjs '{"chromium": …, "pages": [{"name", "path", "brief"}], "shots": …}'.
// Wide and narrow, light and dark; where it is brief two of the four.
// One line of JSON a view on standard output. A process of its own, on Node: what drives a browser needs nothing of the
// runtimes that the program runs on.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const { chromium: executablePath, pages, shots, whole = false } = JSON.parse(process.argv[2]);
const profile = mkdtempSync(join(tmpdir(), "twampede-chromium-"));
const quiet = [
  "no-first-run",
  "disable-background-networking",
  "disable-component-update",
  "disable-sync",
  "disable-quic",
];
const args = ["no-sandbox", "disable-gpu", ...quiet].map((flag) => `--${flag}`);

/** Run in the page: what is cut off, or stands outside of it. */
function faults() {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) found.push(`the page is ${root.scrollWidth} wide in a window of ${innerWidth}`);
  for (const element of document.body.querySelectorAll("*")) {
    if (element.closest(".hidden, script, .uplot")) continue;
    const { left, right, width } = element.getBoundingClientRect();
    if (width === 0) continue;
    const what = `${element.tagName.toLowerCase()}.${element.className} '${(element.textContent ?? "").slice(0, 30)}'`;
    if (left < -0.5 || right > innerWidth + 0.5) found.push(`${what} reaches from ${left} to ${right}`);
    if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline") {
      found.push(`${what} needs ${element.scrollWidth} of ${element.clientWidth}`);
    }
  }
  for (const canvas of document.querySelectorAll("canvas")) {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    if (!data.some((value) => value !== 0)) found.push("a chart is empty");
  }
  return found;
}

const browser = await chromium.launchPersistentContext(profile, { executablePath, args, headless: true });
try {
  for (const { name, path, brief } of pages) {
    for (const width of [1280, 390]) {
      for (const colorScheme of ["light", "dark"]) {
        if (brief && (width === 390) !== (colorScheme === "dark")) continue;
        const page = await browser.newPage();
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        const said = [];
        page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
        page.on("pageerror", (error) => said.push(`error: ${error.message}`));
        const asked = [];
        page.on("request", (request) => asked.push(request.url()));
        await page.goto(pathToFileURL(path).href);
        await page.waitForSelector("html[data-drawn]", { state: "attached", timeout: 30_000 });
        const drawn = Number(await page.getAttribute("html", "data-drawn"));
        const charts = await page.locator("canvas").count();
        if (shots) await page.screenshot({ path: join(shots, `${name}-${width}-${colorScheme}.png`), fullPage: whole });
        // The cursor of a chart by keys: what is under it is said.
        const keys = charts > 0 ? await readout(page) : "";
        const zooms = charts > 2 && await zoomed(page);
        const view = { name, width, colorScheme, drawn, charts, keys, zooms, said, asked: asked.slice(1) };
        console.log(JSON.stringify({ ...view, faults: await page.evaluate(faults) }));
        await page.close();
      }
    }
  }
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}

async function readout(page) {
  await page.locator(".plot").first().focus();
  await page.keyboard.press("ArrowRight");
  return await page.locator(".readout").first().textContent();
}

/** By keys, and by dragging: whether the other charts over time follow, and come back. */
async function zoomed(page) {
  const last = page.locator(".plot.offset canvas").first();
  const drawn = () => last.evaluate((canvas) => canvas.toDataURL());
  const all = await drawn();
  await page.keyboard.press("+");
  const keys = await drawn() !== all;
  await page.keyboard.press("Escape");
  const back = await drawn() === all;
  const { x, y, width, height } = await page.locator(".plot.rtt .u-over").first().boundingBox();
  await page.mouse.move(x + width * 0.3, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.6, y + height / 2);
  await page.mouse.up();
  return keys && back && await drawn() !== all;
}
