/**
 * Completion of plugins as people name them: `json`, `json:file=out.json`, `table:detail=full,…`.
 *
 * @module
 */
import { DSCP_NAMES } from "../../core/dscp.ts";
import type { OptionSpec, PluginInfo } from "../../core/plugin.ts";
import { type Candidate, filesBehind, matching, plain, type Suggestion } from "./suggestion.ts";

/** A key that all plugins of a kind take, and the caller handles. */
export const FILE_KEY: OptionSpec = { name: "file", type: "string", summary: "the file to write to" };

/** Completes `current` of which `prefix` is not of the plugin: `--output=`. */
export function completeSpec(
  prefix: string,
  current: string,
  plugins: readonly PluginInfo[],
  extra: readonly OptionSpec[] = [],
): Suggestion {
  const text = current.slice(prefix.length);
  const colon = text.indexOf(":");
  if (colon < 0) return names(prefix, current, plugins, extra);
  const plugin = plugins.find(({ name }) => name === text.slice(0, colon));
  if (plugin === undefined) return { candidates: [] };
  const keys = [...plugin.options, ...extra];
  const comma = text.lastIndexOf(",");
  const at = comma < 0 ? colon + 1 : comma + 1;
  const given = text.slice(colon + 1, at).split(",").map((part) => part.split("=")[0]);
  const left = keys.filter(({ name }) => !given.includes(name));
  const equals = text.indexOf("=", at);
  const before = prefix + text.slice(0, equals < 0 ? at : equals + 1);
  if (equals < 0) {
    return matching(before, current, left.map(({ name, summary }) => ({ value: `${name}=`, summary })));
  }
  const key = left.find(({ name }) => name === text.slice(at, equals));
  return key === undefined ? { candidates: [] } : values(before, current, key, left.length > 1);
}

function takesOptions(plugin: PluginInfo, extra: readonly OptionSpec[]): boolean {
  return plugin.options.length + extra.length > 0;
}

/** Once only one is left, it is offered with a colon too: the way on to its options. */
function names(
  prefix: string,
  current: string,
  plugins: readonly PluginInfo[],
  extra: readonly OptionSpec[],
): Suggestion {
  const found = matching(prefix, current, plugins.map(({ name, summary }) => ({ value: name, summary })));
  const only = plugins.filter(({ name }) => (prefix + name).startsWith(current));
  if (only.length !== 1 || current === prefix || !takesOptions(only[0], extra)) return found;
  const summary = [...only[0].options, ...extra].map(({ name }) => name).join(", ");
  return { candidates: [...found.candidates, { value: `${prefix}${only[0].name}:`, summary }] };
}

function values(before: string, current: string, key: OptionSpec, more: boolean): Suggestion {
  if (key.name === FILE_KEY.name) return filesBehind(before);
  const words = key.choices ?? (key.type === "boolean" ? ["yes", "no"] : key.name === "dscp" ? DSCP_NAMES : []);
  const found = matching(before, current, plain(words));
  const whole = words.some((word) => before + word === current);
  const on: Candidate[] = whole && more ? [{ value: `${current},`, summary: "and another option" }] : [];
  return { candidates: [...found.candidates, ...on] };
}
