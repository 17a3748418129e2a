/**
 * Settings with where each comes from, for the API: what `broker config`
 * prints as text.
 *
 * @module
 */

import type { SettingFacts } from "../http/api_host.ts";
import { shownValue } from "./config_text.ts";
import { FILE_FLAGS } from "./flags.ts";
import type { AllGiven } from "./read_settings.ts";

/** All settings, in the order of the help; what is secret is hidden. */
export function settingsJson(given: AllGiven): SettingFacts[] {
  return FILE_FLAGS.map((flag) => {
    const { initial, name, repeats } = flag;
    const all = given.get(name) ?? [];
    const last = all.at(-1);
    if (last === undefined) {
      const origin = "default";
      return { name, value: null, initial, origin, isDefault: true };
    }
    const { label, where } = last;
    return {
      name,
      value: repeats
        ? all.map(({ text }) => shownValue(flag, text))
        : shownValue(flag, last.text),
      initial,
      origin: where === "" ? label : where,
      isDefault: false,
    };
  });
}
