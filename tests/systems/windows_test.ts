/** The executable for Windows on x64, under wine. */
import { after, before } from "node:test";
import { build, smoke } from "./smoke.ts";
import { endWine, makeWine, whyNoWine, type Wine } from "./wine.ts";

const reason = whyNoWine();
let exe = "";
let wine: Wine | undefined;

before(() => {
  if (reason !== undefined) return;
  exe = build("windows-x64");
  wine = makeWine();
});

after(() => {
  if (wine !== undefined) endWine(wine);
});

smoke("windows-x64 under wine", reason ?? false, () => ({ exe, through: wine!.through, env: wine!.env }));
