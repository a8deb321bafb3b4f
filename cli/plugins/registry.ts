/**
 * The plugins that there are: what is built in, and what `--plugin` has added. Who wants a plugin by its name, or all
 * names, asks here.
 *
 * @module
 */
import type {
  OutputPlugin,
  Plugin,
  SchedulePlugin,
  TlvPlugin,
  TrafficPlugin,
  TransportPlugin,
} from "../../core/plugin.ts";
import type { TlvAnswer } from "../../core/tlv.ts";
import { TLV_HMAC } from "../../core/wire/tlv.ts";
import { ALL_OUTPUTS } from "../output_list.ts";
import { SCHEDULES } from "../../plugins/schedule/mod.ts";
import { TLVS } from "../../plugins/tlv/mod.ts";
import { TRAFFIC } from "../../plugins/traffic/mod.ts";
import { TRANSPORTS } from "../../plugins/transport/mod.ts";

/** What is built in comes first, in its own order; then what was added, in the order in which it was. */
class PluginRegistry {
  readonly outputs: OutputPlugin[] = [...ALL_OUTPUTS];
  readonly traffic: TrafficPlugin[] = [...TRAFFIC];
  readonly schedules: SchedulePlugin[] = [...SCHEDULES];
  readonly transports: TransportPlugin[] = [...TRANSPORTS];
  readonly tlvs: TlvPlugin[] = [...TLVS];
  readonly #files = new Map<Plugin, string>();

  /** What a reflector understands. */
  get tlvAnswers(): TlvAnswer[] {
    return this.tlvs.flatMap(({ answer }) => answer === undefined ? [] : [answer]);
  }

  /** All of one kind. */
  of(kind: Plugin["kind"]): readonly Plugin[] {
    switch (kind) {
      case "output":
        return this.outputs;
      case "traffic":
        return this.traffic;
      case "schedule":
        return this.schedules;
      case "transport":
        return this.transports;
      case "tlv":
        return this.tlvs;
    }
  }

  /** The file that a plugin is from, as people call it; undefined for what is built in. */
  fileOf(plugin: Plugin): string | undefined {
    return this.#files.get(plugin);
  }

  /** Why `plugin` cannot be added; undefined if it can. */
  clash(plugin: Plugin): string | undefined {
    const same = this.of(plugin.kind).find(({ name }) => name === plugin.name);
    if (same !== undefined) return `${plugin.kind} '${plugin.name}' is ${this.#whose(same)}: give it another name`;
    if (plugin.kind !== "tlv") return undefined;
    const taken = this.tlvs.find(({ type }) => type === plugin.type);
    if (taken !== undefined) {
      return `TLV type ${plugin.type} is that of '${taken.name}', ${this.#whose(taken)}: give it another number`;
    }
    return plugin.type === TLV_HMAC
      ? `TLV type ${TLV_HMAC} is that of 'hmac', built in: give it another number`
      : undefined;
  }

  #whose(plugin: Plugin): string {
    const file = this.#files.get(plugin);
    return file === undefined ? "built in" : `from ${file}`;
  }

  /** Adds one that does not clash. */
  add(plugin: Plugin, file: string): void {
    (this.of(plugin.kind) as Plugin[]).push(plugin);
    this.#files.set(plugin, file);
  }
}

/** Of this thread. */
export const registry: PluginRegistry = new PluginRegistry();
