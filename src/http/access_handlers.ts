/**
 * Who may do what: logins to the API, users, and access rules.
 *
 * @module
 */

import type { Asked, Handlers } from "./api.ts";
import { ApiFault } from "./api_fault.ts";
import type { AclDisk, ApiHost, UserFile } from "./api_host.ts";
import { done } from "./file_faults.ts";
import { ruleHandlers } from "./rule_handlers.ts";
import { openApi } from "./openapi.ts";

type Name =
  | "login"
  | "getDescription"
  | "listUsers"
  | "addUser"
  | "changeUser"
  | "deleteUser"
  | "getAcl"
  | "setAcl"
  | "listAclRules"
  | "addAclRule"
  | "changeAclRule"
  | "deleteAclRule";

/** Their handlers. */
export function accessHandlers(host: ApiHost): Handlers<Name> {
  return {
    login: (asked) => login(host, asked),
    getDescription: () => openApi(),
    ...userHandlers(host),
    getAcl: async () => done(await aclOf(host).read()),
    setAcl: async ({ body }) => {
      const { text, version } = body as { text: string; version?: string };
      return done(await aclOf(host).write(text, version));
    },
    ...ruleHandlers(() => aclOf(host)),
  };
}

function login({ access }: ApiHost, { address, body }: Asked) {
  const nowMs = Date.now();
  const waitMs = access.patienceFor(address, nowMs);
  if (waitMs > 0) throw tooManyLogins(waitMs);
  const issued = access.login((body as { secret: string }).secret, nowMs);
  if (issued === undefined) {
    access.failed(address, nowMs);
    throw new ApiFault(403, "wrong_secret", "this is not the secret");
  }
  const { token, untilMs } = issued;
  return { token, expiresAt: new Date(untilMs).toISOString() };
}

function tooManyLogins(waitMs: number): ApiFault {
  const seconds = Math.ceil(waitMs / 1000);
  const message = `too many wrong secrets; come again in ${seconds} s`;
  return new ApiFault(429, "too_many_requests", message, {
    "retry-after": `${seconds}`,
  });
}

function userHandlers(host: ApiHost) {
  return {
    listUsers: async () => ({ items: done(await usersOf(host).all()) }),
    addUser: async ({ body }: Asked) => {
      const { password, userName } = body as Record<string, string>;
      return done(await usersOf(host).add(userName!, password!));
    },
    changeUser: async ({ body, names }: Asked) => {
      const { password } = body as { password: string };
      return done(await usersOf(host).change(names["userName"]!, password));
    },
    deleteUser: async ({ names }: Asked) =>
      void done(await usersOf(host).remove(names["userName"]!)),
  };
}

function usersOf({ users }: ApiHost): UserFile {
  if (users !== undefined) return users;
  const message = "there is no password file: --password-file FILE";
  throw new ApiFault(409, "no_file", message);
}

function aclOf({ acl }: ApiHost): AclDisk {
  if (acl !== undefined) return acl;
  const message = "there is no file of access rules: --acl-file FILE";
  throw new ApiFault(409, "no_file", message);
}
