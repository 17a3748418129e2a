/**
 * The packages that our codec and router are measured beside, and as much of
 * their types as the benches use. Their versions stand in `deno.json`; Bun
 * does not read its imports, and gets the version with the name.
 *
 * A package that can't be had is left out of the tables: a bench without it
 * still shows our own figures.
 */

import config from "../../deno.json" with { type: "json" };

/** `npm:mqtt-packet`. */
export interface MqttPacket {
  generate(packet: object, options: MqttPacketOptions): Uint8Array;
  parser(options: MqttPacketOptions): PacketParser;
}

interface MqttPacketOptions {
  readonly protocolVersion: number;
}

export interface PacketParser {
  on(event: "packet" | "error", listener: (value: unknown) => void): void;
  parse(chunk: Uint8Array): number;
}

/** A trie of `npm:qlobber`. */
export interface Qlobber<V> {
  add(filter: string, value: V): void;
  remove(filter: string, value: V): void;
  match(topic: string): V[];
}

interface QlobberModule {
  Qlobber: new <V>(options: Readonly<Record<string, unknown>>) => Qlobber<V>;
}

/** As `mqemitter`, and so aedes, makes its trie. */
const AEDES_OPTIONS = {
  match_empty_levels: true,
  separator: "/",
  wildcard_one: "+",
  wildcard_some: "#",
};

export async function loadMqttPacket(): Promise<MqttPacket | undefined> {
  return await load("mqtt-packet") as MqttPacket | undefined;
}

/** Makes a trie as aedes would. */
export type NewQlobber = <V>() => Qlobber<V>;

export async function loadQlobber(): Promise<NewQlobber | undefined> {
  const module = await load("qlobber") as QlobberModule | undefined;
  if (module === undefined) return undefined;
  return <V>() => new module.Qlobber<V>(AEDES_OPTIONS);
}

const PINS = config.scopes["./"];

async function load(name: keyof typeof PINS): Promise<unknown> {
  const pinned = PINS[name].replace("npm:", "");
  const specifier: string = "Deno" in globalThis ? name : pinned;
  try {
    const module = await import(specifier);
    return module.default ?? module;
  } catch {
    console.error(`${pinned} can't be loaded here, so its column is left out.`);
    return undefined;
  }
}
