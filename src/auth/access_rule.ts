/**
 * One access rule: what it says, and whom `%c` and `%u` in its filter mean.
 *
 * @module
 */

import type { Identity } from "./authorizer.ts";

/** Allows something, or denies it. */
export interface AccessRule {
  /** Whether it allows; else it denies, and a denial counts first. */
  readonly allow: boolean;
  /** What it is about. */
  readonly actions: "read" | "write" | "readwrite";
  /**
   * The topics it is about. `%c` stands for the client identifier and `%u`
   * for the user name; a rule with `%u` says nothing about those without.
   */
  readonly filter: string;
  /** Whether %c and %u stand for themselves instead. */
  readonly verbatim?: boolean;
}

/** What rules say of a topic: any of these bits. */
export const ALLOWS_READ = 1;
/** See {@linkcode ALLOWS_READ}. */
export const ALLOWS_WRITE = 2;
/** See {@linkcode ALLOWS_READ}. */
export const DENIES_READ = 4;
/** See {@linkcode ALLOWS_READ}. */
export const DENIES_WRITE = 8;

const NAMES = /%[cu]/g;

/** What a rule says of the topics that it is about. */
export function bitsOf({ allow, actions }: AccessRule): number {
  const reads = allow ? ALLOWS_READ : DENIES_READ;
  const writes = allow ? ALLOWS_WRITE : DENIES_WRITE;
  if (actions === "readwrite") return reads | writes;
  return actions === "read" ? reads : writes;
}

/** Whether a rule speaks of the client by a name of its own. */
export function isNamed({ filter, verbatim }: AccessRule): boolean {
  return verbatim !== true && holdsName(filter);
}

/** Whether a name is to be put into `text`. */
export function holdsName(text: string): boolean {
  return text.includes("%c") || text.includes("%u");
}

/**
 * `text` with the names of `identity`; `undefined` where a user name is
 * needed and there is none.
 */
export function withNames(
  text: string,
  identity: Identity,
): string | undefined {
  const { clientId, userName } = identity;
  if (text === "%c") return clientId;
  if (text === "%u") return userName;
  if (userName === undefined && text.includes("%u")) return undefined;
  return text.replace(NAMES, (name) => name === "%c" ? clientId : userName!);
}

/**
 * Whether a level that names a client may allow it something. A name of
 * several levels would reach what belongs to others, and one that begins
 * with $ what no wildcard does; to deny by it is safe all the same.
 */
export function isTameAt(from: number, level: string, text: string): boolean {
  if (text.includes("/")) return false;
  return from > 0 || !text.startsWith("$") || level.startsWith("$");
}

/**
 * The filter of a rule, with the names of `identity`; `undefined` where the
 * rule says nothing about it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { filterFor } from "./access_rule.ts";
 *
 * const rule = { allow: true, actions: "read", filter: "a/%u/#" } as const;
 * const ada = { clientId: "phone", userName: "ada" };
 * assertEquals(filterFor(rule, ada), "a/ada/#");
 * assertEquals(filterFor(rule, { ...ada, userName: undefined }), undefined);
 * ```
 */
export function filterFor(
  rule: AccessRule,
  identity: Identity,
): string | undefined {
  const { filter } = rule;
  if (!isNamed(rule)) return filter;
  const text = withNames(filter, identity);
  if (text === undefined || !rule.allow) return text;
  const isTame = filter.split("/").every((level, at) =>
    !holdsName(level) || isTameAt(at, level, withNames(level, identity)!)
  );
  return isTame ? text : undefined;
}
