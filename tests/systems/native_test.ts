/** The executable for the machine that the tests run on, by the name it is published under. */
import { before } from "node:test";
import { hostTarget } from "../../scripts/targets.mjs";
import { build, smoke } from "./smoke.ts";

const target = hostTarget()?.id;
let exe = "";

before(() => {
  if (target !== undefined) exe = build(target);
});

smoke(target ?? "native", target === undefined && "no executable is made for this system", () => ({ exe }));
