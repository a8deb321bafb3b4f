/**
 * Where the options come from that an error names.
 *
 * @module
 */
import type { Applied } from "./apply.ts";
import type { Choice } from "./layers.ts";

/** The error's line, led by the place of the first option that it names, and followed by those of the others. */
export function tellOrigins({ choices }: Applied, line: string): string {
  const named = [...line.matchAll(/--([a-z][a-z0-9-]*)/g)].map(([, key]) => key);
  const argument = /^([a-z]+) (?:zone )?'/.exec(line)?.[1];
  const keys = [...new Set(argument === undefined ? named : [argument, ...named])];
  const from = (key: string) => {
    const choice = choices.find(({ setting }) => setting.key === key);
    return choice === undefined ? undefined : placeIn(choice, line);
  };
  const lead = keys.length > 0 ? from(keys[0]) : undefined;
  const others = keys.slice(1).flatMap((key) => {
    const place = from(key);
    return place === undefined ? [] : [`--${key} is from ${place}`];
  });
  return `${lead === undefined ? "" : `${lead}: `}${line}${others.length === 0 ? "" : ` (${others.join(", ")})`}`;
}

/** Of a list the item that the line speaks of: in quotes, or by the name it begins with. */
function placeIn({ given, from, itemFrom }: Choice, line: string): string {
  if (typeof given === "boolean" || typeof given === "string") return from;
  const speaksOf = (item: string) =>
    line.includes(`'${item}'`) || new RegExp(`(--[\\w-]+ |')${nameOf(item)}\\b`).test(line);
  const index = given.findIndex(speaksOf);
  return index < 0 ? from : itemFrom(index);
}

function nameOf(item: string): string {
  return item.split(":")[0].replace(/[^\w-]/g, "\\$&");
}
