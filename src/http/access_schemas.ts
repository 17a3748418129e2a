/**
 * The schemas of the API that are about who may do what: logins to the API,
 * bans, users, access rules, and the settings.
 *
 * @module
 */

import { BAN_SECONDS_MAX } from "../broker/bans.ts";
import {
  integer,
  object,
  objectWith,
  ref,
  type Schema,
  text,
  textOrNull,
  time,
  whole,
  word,
  yes,
} from "./json_schema.ts";

const NAME: Schema = { type: "string", minLength: 1, maxLength: 256 };
const PASSWORD: Schema = {
  type: "string",
  minLength: 1,
  maxLength: 1024,
  format: "password",
};

/** The last two are words of JSON only. */
const ACCESSES = [
  "read",
  "write",
  "readwrite",
  "deny",
  "deny-read",
  "deny-write",
];

const RULE = {
  kind: word(
    ["user", "pattern", "anonymous", "everyone", "role"],
    "For whom it is. Everyone is `pattern` in Mosquitto's form and " +
      "`everyone` in JSON, which has `role`, too.",
  ),
  userName: textOrNull("The user, where it is for one."),
  role: textOrNull(
    "The role whose rule it is; in JSON also one that is given, in place of " +
      "`access` and `topic`.",
  ),
  access: {
    type: ["string", "null"],
    enum: [...ACCESSES, null],
    description: "What it allows or forbids; `deny-` is for JSON.",
  },
  topic: textOrNull(
    "The topic filter; in a pattern, and in JSON, with %u and %c.",
  ),
} satisfies Record<string, Schema>;

/** By name. */
export const ACCESS_SCHEMAS = {
  Login: object({ secret: { type: "string", maxLength: 1024 } }),
  Token: object({
    token: text("Shown as `Authorization: Bearer TOKEN`."),
    expiresAt: time("When it is of no use any more."),
  }),
  Ban: object({
    clientId: text("Who can't connect."),
    until: time("Until when."),
  }),
  Bans: whole(ref("Ban")),
  BanOrder: objectWith({
    seconds: {
      type: "integer",
      minimum: 1,
      maximum: BAN_SECONDS_MAX,
      default: 3600,
    },
  }, []),
  User: object({
    userName: text("The name."),
    method: text("How its password is kept."),
  }),
  Users: whole(ref("User")),
  NewUser: object({ userName: NAME, password: PASSWORD }),
  NewPassword: object({ password: PASSWORD }),
  Acl: object({
    path: text("The file."),
    form: word(["mosquitto", "json"], "How it is written."),
    version: text("Changes whenever the text does."),
    text: text("The text of the file."),
  }),
  AclChange: objectWith(
    {
      text: { type: "string" },
      version: text("Of the text that is replaced: a stale one is refused."),
    },
    ["text"],
  ),
  AclRule: object({
    id: text("Its line, or place; changes with those before."),
    ...RULE,
  }),
  AclRules: object({
    version: text("Changes whenever the file does."),
    items: { type: "array", items: ref("AclRule") },
  }),
  NewAclRule: objectWith(
    {
      ...RULE,
      userName: { ...NAME, type: ["string", "null"] },
      role: { ...NAME, ...RULE.role },
    },
    ["kind"],
  ),
  Config: object({
    items: {
      type: "array",
      items: object({
        name: text("The setting: a flag without its dashes."),
        value: { description: "What is set; null where nothing is." },
        initial: text("The default, in words."),
        origin: text("Where it comes from: `default`, a flag, a file's line."),
        isDefault: yes("Whether nobody has set it."),
      }),
    },
  }),
  Reload: object({
    isReloaded: yes("Whether files were read again, and count."),
    message: text("A sentence."),
    files: integer("How many files there are to read."),
  }),
} satisfies Record<string, Schema>;
