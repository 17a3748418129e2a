/**
 * Reads a configuration file of either kind: `broker.jsonc`, or a
 * `mosquitto.conf`, by its name's end or else by how it begins.
 *
 * @module
 */

import { readdir } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { CredentialFileError } from "../credentials/file_error.ts";
import { readSmallFile } from "../credentials/small_file.ts";
import { readJsoncConfig } from "./jsonc_config.ts";
import { mosquittoSettings } from "./mosquitto_config.ts";
import { type MosquittoDisk, readMosquittoLines } from "./mosquitto_lines.ts";
import type { FileSettings } from "./read_settings.ts";
import { told } from "./told.ts";

/** What a file says, and which files were read for it. */
export interface ConfigFile extends FileSettings {
  /** The files, to be watched. */
  readonly files: readonly string[];
}

const MOSQUITTO_NAME = /\.conf$/i;
const JSON_NAME = /\.jsonc?$/i;
/** A comment, or an object. */
const JSON_BEGIN = /^\s*(?:\{|\/\/|\/\*)/;

/**
 * Reads a configuration file.
 *
 * @param lenient Whether what a `mosquitto.conf` has, and we have not, is
 * left out.
 * @throws {UsageError} When it can't be read; what is wrong in it is told in
 * what is returned.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { readConfigFile } from "./config_file.ts";
 *
 * await assertRejects(() => readConfigFile("no/such.jsonc", false));
 * ```
 */
export async function readConfigFile(
  path: string,
  lenient: boolean,
): Promise<ConfigFile> {
  const text = await told("--config: ", textOf(path));
  if (!isMosquitto(path, text)) {
    return { ...readJsoncConfig(text, path), files: [path] };
  }
  const disk: MosquittoDisk = { read: textOf, list: namesIn };
  const reading = readMosquittoLines(path, disk);
  const { files, lines } = await told("--config: ", reading);
  return {
    ...mosquittoSettings(lines, { lenient, hasIpv6: hasIpv6() }),
    files,
  };
}

function isMosquitto(path: string, text: string): boolean {
  if (MOSQUITTO_NAME.test(path)) return true;
  return !JSON_NAME.test(path) && !JSON_BEGIN.test(text);
}

async function textOf(path: string): Promise<string> {
  const file = await readSmallFile(path);
  if (file.fault !== undefined) throw new CredentialFileError(file.fault);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(file.bytes);
  } catch (cause) {
    const message = `${path} can't be read: this is not UTF-8`;
    throw new CredentialFileError(message, { cause });
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (cause) {
    const message = `the folder ${path} can't be read`;
    throw new CredentialFileError(message, { cause });
  }
}

/** Without the right to ask it has none: IPv4 is what all have. */
function hasIpv6(): boolean {
  try {
    return Object.values(networkInterfaces()).flat().some((one) =>
      one?.family === "IPv6"
    );
  } catch {
    return false;
  }
}
