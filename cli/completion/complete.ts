/**
 * What can stand at the cursor, from the same declarations that options are checked by. What lists plugins is loaded only
 * where one is wanted: nobody waits for the TAB key.
 *
 * @module
 */
import type { Argument, Command, Option } from "commander";
import { choicesOf } from "../shapes.ts";
import { knownHosts, ownAddresses, ownInterfaces } from "./hosts.ts";
import { commandsOf, optionsOf, placeOf } from "./line.ts";
import { completeSpec, FILE_KEY } from "./spec.ts";
import { type Candidate, filesBehind, matching, NOTHING, plain, type Suggestion } from "./suggestion.ts";

/** Completes `current` behind `words`. */
export async function complete(program: Command, words: readonly string[], current: string): Promise<Suggestion> {
  const place = placeOf(program, words, current);
  switch (place.kind) {
    case "command":
      return matching("", current, commandsOf(place.of).map((command) => named(command, current)));
    case "option":
      return matching("", current, optionsOf(place.of).flatMap((option) => flags(option, current)));
    case "value":
      return await valueOf(place.option, place.prefix, current);
    case "argument":
      return argumentOf(place.argument, current);
    case "nothing":
      return NOTHING;
  }
}

/** Another name only where the first one is not meant: beside it, it would be a choice between the same. */
function named(command: Command, current: string): Candidate {
  const names = [command.name(), ...command.aliases()];
  return { value: names.find((name) => name.startsWith(current)) ?? names[0], summary: command.description() };
}

/** Short ones only where nothing but the dash is there yet: behind one a value may be glued on. */
function flags({ short, long, description }: Option, current: string): Candidate[] {
  return [long, current.length > 1 && current !== short ? undefined : short].flatMap((value) =>
    value === undefined ? [] : [{ value, summary: description }]
  );
}

const registry = async () => (await import("../plugins/registry.ts")).registry;

type Complete = (prefix: string, current: string) => Suggestion | Promise<Suggestion>;

/** Values that no parser has a list of, by the option's name. */
const VALUES: Readonly<Record<string, Complete>> = {
  output: async (prefix, current) => completeSpec(prefix, current, (await registry()).outputs, [FILE_KEY]),
  profile: async (prefix, current) => completeSpec(prefix, current, (await registry()).traffic),
  schedule: async (prefix, current) => completeSpec(prefix, current, (await registry()).schedules),
  tlv: async (prefix, current) =>
    completeSpec(prefix, current, [
      ...(await registry()).tlvs,
      { api: 1, name: "hmac", summary: "HMAC over the others; needs --key-file", options: [] },
    ]),
  transport: async (prefix, current) =>
    matching(prefix, current, [
      { value: "auto", summary: "the best that can do what is asked" },
      ...(await registry()).transports.map(described),
    ]),
  interface: (prefix, current) => matching(prefix, current, ownInterfaces()),
};

function described({ name, summary }: { readonly name: string; readonly summary: string }): Candidate {
  return { value: name, summary };
}

async function valueOf(option: Option, prefix: string, current: string): Promise<Suggestion> {
  const choices = choicesOf(option.parseArg);
  if (choices !== undefined) {
    // Of a list only the last part is still open, and no word is taken twice.
    const comma = choices.list ? current.lastIndexOf(",") + 1 : 0;
    const before = comma > 0 ? current.slice(0, comma) : prefix;
    const given = before.slice(prefix.length).split(",");
    return matching(before, current, plain(choices.words().filter((word) => !given.includes(word))));
  }
  if (option.argChoices !== undefined) return matching(prefix, current, plain(option.argChoices));
  const special = Object.hasOwn(VALUES, option.attributeName()) ? VALUES[option.attributeName()] : undefined;
  if (special !== undefined) return await special(prefix, current);
  return byWord(/<(.+)>|$/.exec(option.flags)?.[1] ?? "", prefix);
}

/** What a placeholder says: `<FILE>`, `[input...]`. */
function byWord(word: string, prefix: string): Suggestion {
  if (/\b(?:file|path|input)s?\b/i.test(word)) return filesBehind(prefix);
  return /\b(?:dir|directory|folder)\b/i.test(word) ? filesBehind(prefix, true) : NOTHING;
}

function argumentOf(argument: Argument, current: string): Suggestion {
  if (argument.argChoices !== undefined) return matching("", current, plain(argument.argChoices));
  const name = argument.name();
  if (/^(?:remote|server|sender)$/.test(name)) return matching("", current, knownHosts());
  if (name === "local") return matching("", current, ownAddresses());
  return byWord(name, "");
}
