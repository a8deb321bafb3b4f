/**
 * Outputs: what a result looks like. Where it goes is the sink's business.
 *
 * @module
 */
import type { OutputPlugin } from "../core/plugin.ts";
import { csv } from "./csv.ts";
import { github } from "./github.ts";
import { influx } from "./influx.ts";
import { json } from "./json.ts";
import { junit } from "./junit.ts";
import { ndjson } from "./ndjson.ts";
import { nagios } from "./nagios.ts";
import { plot } from "./plot.ts";
import { prometheus } from "./prometheus.ts";
import { table } from "./table.ts";
import { twping } from "./twping.ts";

/** Every output that is built in, in the order that help lists them. An explicit list: importing has no side effects. */
export const OUTPUTS: readonly OutputPlugin[] = [
  table,
  json,
  ndjson,
  csv,
  influx,
  prometheus,
  nagios,
  junit,
  github,
  twping,
  plot,
];

export { groupOf } from "./group.ts";
export { nagiosNoResult } from "./nagios.ts";
export { createResponses, type ResponseOptions } from "./responses.ts";
export { dateTime } from "./units.ts";
