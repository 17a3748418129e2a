/**
 * An access rule as the API has it, whatever the form of its file is.
 *
 * @module
 */

/** A rule, or a role in its place. */
export interface Rule {
  /** For whom it is. */
  readonly kind:
    | "user"
    | "pattern"
    | "everyone"
    | "anonymous"
    | "role";
  /** The user, where it is for one. */
  readonly userName: string | null;
  /** The role whose rule it is; else one that is given, in JSON only. */
  readonly role: string | null;
  /** What it allows, or that it forbids; null where a role is given. */
  readonly access: string | null;
  /** The topic filter; null where a role is given. */
  readonly topic: string | null;
}

/** A rule, and where in its file it stands: a line or a place, from 1. */
export interface RuleAt extends Rule {
  readonly at: number;
}
