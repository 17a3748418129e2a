/**
 * The file of users: what is written is read again, each mistake is told
 * with file and key and without a secret, and a file is replaced as a whole.
 */

import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { CredentialFileError } from "../../src/credentials/file_error.ts";
import {
  readScramFile,
  readScramFileIfAny,
  writeScramFile,
} from "../../src/credentials/scram_disk.ts";
import {
  formatScramFile,
  parseScramFile,
} from "../../src/credentials/scram_file.ts";
import {
  deriveScramUser,
  type ScramUser,
} from "../../src/credentials/scram_user.ts";
import { test } from "../support/both.ts";
import {
  assert,
  assertEquals,
  assertRejects,
  assertThrows,
} from "../support/std_assert.ts";

const ADA = await deriveScramUser("pencil", { iterations: 4096 });
const NAMES = ["zoë", "ada", "__proto__", 'a "b"', "constructor"];
const USERS: ReadonlyMap<string, ScramUser> = new Map(
  NAMES.map((name) => [name, ADA]),
);

/** 32 bytes that must not be told. */
const KEY = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0ISE=";
const GOOD = {
  salt: "c2FsdHNhbHQ=",
  iterations: 4096,
  storedKey: KEY,
  serverKey: KEY,
};

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(`${tmpdir()}/broker-scram-`);
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("what is written is read again", () => {
  const text = formatScramFile(USERS);
  assertEquals(parseScramFile(text, "f"), new Map(USERS));
  assert(text.endsWith("}\n"));
  const names = [...parseScramFile(text, "f").keys()];
  assertEquals(names, [...NAMES].sort());
});

test("no password is in it", () => {
  assert(!formatScramFile(USERS).includes("pencil"));
});

function oneUser(changed: Record<string, unknown>): string {
  return JSON.stringify({ users: { ada: { ...GOOD, ...changed } } });
}

const LENGTHS = 'f: users["ada"].storedKey must be 32 bytes in base64';
const SALT = 'f: users["ada"].salt must be 8 to 64 bytes in base64';
const ITERATIONS = 'f: users["ada"].iterations must be 4096 to 10000000';
const NO_NAME = "is no name in the form in which names are compared";

const MISTAKES: readonly (readonly [string, string])[] = [
  ["[]", "f must be an object"],
  ["null", "f must be an object"],
  ["{}", "f: users is missing"],
  ['{"users":[]}', "f: users must be an object"],
  ['{"users":{},"user":{}}', 'f: unknown key "user"'],
  ['{"users":{"ada":1}}', 'f: users["ada"] must be an object'],
  ['{"users":{"ada":{}}}', 'f: users["ada"].salt is missing'],
  ['{"users":{"__proto__":{}}}', 'f: users["__proto__"].salt is missing'],
  [oneUser({ password: "x" }), 'f: users["ada"]: unknown key "password"'],
  [oneUser({ storedKey: undefined }), 'f: users["ada"].storedKey is missing'],
  [oneUser({ storedKey: 1 }), LENGTHS],
  [oneUser({ storedKey: KEY + "AAAA" }), LENGTHS],
  [oneUser({ storedKey: KEY.slice(0, -1) }), LENGTHS],
  [oneUser({ storedKey: ` ${KEY}` }), LENGTHS],
  [oneUser({ storedKey: "%" }), LENGTHS],
  [oneUser({ serverKey: "" }), LENGTHS.replace("stored", "server")],
  [oneUser({ salt: "" }), SALT],
  [oneUser({ salt: "A".repeat(88) }), SALT],
  [oneUser({ iterations: "4096" }), ITERATIONS],
  [oneUser({ iterations: 4095 }), ITERATIONS],
  [oneUser({ iterations: 1e9 }), ITERATIONS],
  [oneUser({ iterations: 4096.5 }), ITERATIONS],
  [oneUser({}).replace("ada", ""), `f: users[""] ${NO_NAME}`],
  [oneUser({}).replace("ada", "a\u00a0b"), `f: users["a\u00a0b"] ${NO_NAME}`],
];

for (const [at, [text, sentence]] of MISTAKES.entries()) {
  test(`mistake ${at + 1} is told: ${sentence}`, () => {
    const error = assertThrows(
      () => parseScramFile(text, "f"),
      CredentialFileError,
    );
    assertEquals(error.message, sentence);
  });
}

test("bad JSON is told without a word of it", () => {
  const good = formatScramFile(USERS);
  for (const text of ["", "{", good.replaceAll('="', '=" x'), good + "}"]) {
    const error = assertThrows(
      () => parseScramFile(text, "f"),
      CredentialFileError,
    );
    assert(/^f: this is not JSON( \(line \d+\))?$/.test(error.message));
    assertEquals(error.cause, undefined, "it quotes the text");
  }
});

test("a file is written for its owner only, and replaced", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/users.json`;
    await writeFile(path, "old", { mode: 0o644 });
    await writeScramFile(path, USERS);
    assertEquals(await readScramFile(path), new Map(USERS));
    assertEquals((await stat(path)).mode & 0o777, 0o600);
    await writeScramFile(path, new Map());
    assertEquals(await readFile(path, "utf8"), '{\n  "users": {}\n}\n');
    assertEquals(await readdir(folder), ["users.json"]);
  });
});

test("a file that can't be replaced stays, and nothing else does", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/users.json`;
    await mkdir(`${path}/inside`, { recursive: true });
    const error = await assertRejects(
      () => writeScramFile(path, USERS),
      CredentialFileError,
    );
    assert(error.message.startsWith(`${path} can't be written: `));
    assertEquals(await readdir(folder), ["users.json"]);
  });
});

test("a file that can't be read is told in words", async () => {
  await inFolder(async (folder) => {
    const missing = `${folder}/no.json`;
    const words = "can't be read: there is no such file or folder";
    const error = await assertRejects(() => readScramFile(missing));
    assertEquals((error as Error).message, `${missing} ${words}`);
    const other = await assertRejects(() => readScramFile(folder));
    assertEquals(
      (other as Error).message,
      `${folder} can't be read: this is a folder`,
    );
    assertEquals(await readScramFileIfAny(missing), new Map());
    await assertRejects(() => readScramFileIfAny(folder), CredentialFileError);
    const bad = `${folder}/bad.json`;
    await writeFile(bad, "{}");
    await assertRejects(() => readScramFileIfAny(bad), CredentialFileError);
  });
});

test("a file that can't be written is told in words", async () => {
  await inFolder(async (folder) => {
    await writeFile(`${folder}/file`, "");
    const parts = [
      ["file", "a part of the path is not a folder"],
      ["none", "there is no such file or folder"],
    ] as const;
    for (const [name, words] of parts) {
      const path = `${folder}/${name}/users.json`;
      const error = await assertRejects(() => writeScramFile(path, USERS));
      assertEquals(
        (error as Error).message,
        `${path} can't be written: ${words}`,
      );
    }
  });
});
