/**
 * Files of users, rules and bans that the API changes: written whole, one
 * change after the other, and taken over at once.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Core } from "../broker/core.ts";
import { CredentialFileError } from "../credentials/file_error.ts";
import {
  isPasswordUserName,
  parsePasswordFile,
  type PasswordFile,
  withoutUser,
  withUser,
} from "../credentials/password_file.ts";
import { hashPassword } from "../credentials/password_hash.ts";
import { parseAclFile } from "../credentials/acl_file.ts";
import { readSecretFile, writeSecretFile } from "../credentials/secret_disk.ts";
import type {
  AclDisk,
  AclText,
  FileFault,
  UserFacts,
  UserFile,
} from "../http/api_host.ts";
import { bansJson } from "../http/bans_json.ts";

/** Reads all files again; returns what is wrong with one, if anything is. */
export type TakeOver = () => Promise<string | undefined>;

/** The users of a password file. */
export function userFileAt(path: string, takeOver: TakeOver): UserFile {
  const inTurn = turns();
  const change = (
    userName: string,
    edit: (file: PasswordFile, has: boolean) => Promise<string | FileFault>,
  ) =>
    inTurn(async (): Promise<UserFacts | FileFault> => {
      const file = { text: await readSecretFile(path), path };
      const has = parsePasswordFile(file).has(userName);
      const text = await edit(file, has);
      if (typeof text !== "string") return text;
      await writeSecretFile(path, text);
      const fault = await takeOver();
      if (fault !== undefined) return notTaken(fault);
      const user = parsePasswordFile({ text, path }).get(userName);
      return { userName, method: user?.method.name ?? "" };
    });
  const setting = (userName: string, password: string) =>
  async (
    file: PasswordFile,
  ) => {
    const bytes = new TextEncoder().encode(password);
    return withUser(file, userName, await hashPassword(bytes));
  };
  return {
    all: () =>
      inTurn(async () => {
        const users = parsePasswordFile({
          text: await readSecretFile(path),
          path,
        });
        return [...users].map(([userName, { method }]) => ({
          userName,
          method: method.name,
        }));
      }),
    add: (userName, password) =>
      change(userName, async (file, has) => {
        if (!isPasswordUserName(userName)) return BAD_NAME;
        if (!isPassword(password)) return BAD_PASSWORD;
        if (has) return { fault: "exists", message: "there is such a user" };
        return await setting(userName, password)(file);
      }),
    change: (userName, password) =>
      change(userName, async (file, has) => {
        if (!isPassword(password)) return BAD_PASSWORD;
        return has ? await setting(userName, password)(file) : NO_USER;
      }),
    remove: (userName) =>
      change(
        userName,
        (file) => Promise.resolve(withoutUser(file, userName) ?? NO_USER),
      ),
  };
}

const NO_USER: FileFault = {
  fault: "not_found",
  message: "there is no such user",
};

const BAD_NAME: FileFault = {
  fault: "invalid",
  message: "a name must not begin with #, have blanks around it, or have a " +
    "colon or a control character",
};

const BAD_PASSWORD: FileFault = {
  fault: "invalid",
  message: "a password must have no control characters",
};

/** What people can type, and files and clients can hold. */
function isPassword(password: string): boolean {
  return !/[\p{Cc}\p{Cs}]/u.test(password);
}

/** The file of access rules. */
export function aclDiskAt(path: string, takeOver: TakeOver): AclDisk {
  const inTurn = turns();
  const read = async (): Promise<AclText> => {
    const text = await readSecretFile(path);
    const isJson = path.endsWith(".json") || /^\s*\{/.test(text);
    const form = isJson ? "json" : "mosquitto";
    return { path, form, version: versionOf(text), text };
  };
  return {
    read: () => inTurn(read),
    readSound: () =>
      inTurn(async () => {
        const found = await read();
        parseAclFile(found);
        return found;
      }),
    write: (text, version) =>
      inTurn(async (): Promise<AclText | FileFault> => {
        const before = await read();
        if (version !== undefined && version !== before.version) {
          const message = "the file has changed meanwhile; read it again";
          return { fault: "stale", message };
        }
        parseAclFile({ text, path });
        await writeSecretFile(path, text);
        const fault = await takeOver();
        return fault === undefined ? await read() : notTaken(fault);
      }),
  };
}

/** The file of bans: what it returns writes down who is kept out now. */
export function bansFileAt(
  path: string,
  core: Core,
): () => Promise<FileFault | undefined> {
  const inTurn = turns();
  return async () => {
    const result = await inTurn(async () => {
      const text = JSON.stringify(bansJson(core), null, 2);
      await writeSecretFile(path, `${text}\n`);
    });
    if (result === undefined) return undefined;
    const message = `it counts until the broker stops: ${result.message}`;
    return { fault: "failed", message };
  };
}

function versionOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function notTaken(fault: string): FileFault {
  return {
    fault: "failed",
    message: `it is written, and counts once this is put right: ${fault}`,
  };
}

/** One after the other: each finds what the one before has written. */
function turns() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(run: () => Promise<T>): Promise<T | FileFault> => {
    const turn = last.then(async () => {
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof CredentialFileError)) throw error;
        return { fault: "invalid", message: error.message } as FileFault;
      }
    });
    last = turn.catch(() => {});
    return turn;
  };
}
