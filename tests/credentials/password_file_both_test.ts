/**
 * The password file: lines are read as Mosquitto reads them, each mistake is
 * told with file, line and reason and without a secret, an edit leaves other
 * lines alone, and a file on the disk keeps its owner, its group and links.
 */

import {
  chmod,
  chown,
  lstat,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import process from "node:process";
import { CredentialFileError } from "../../src/credentials/file_error.ts";
import { readPasswordFile } from "../../src/credentials/password_disk.ts";
import {
  isPasswordUserName,
  parsePasswordFile,
  withHashes,
  withoutUser,
  withUser,
} from "../../src/credentials/password_file.ts";
import {
  canCompute,
  hashPassword,
  isPassword,
  parsePasswordHash,
} from "../../src/credentials/password_hash.ts";
import {
  isOpenToOthers,
  readSecretFile,
  writeSecretFile,
} from "../../src/credentials/secret_disk.ts";
import { test } from "../support/both.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertThrows,
} from "../support/std_assert.ts";

const PENCIL = new TextEncoder().encode("pencil");
const ADA = await hashPassword(PENCIL, 1000);
const BOB = await hashPassword(PENCIL, 1000);
const ARGON2ID = parsePasswordHash(
  "$argon2id$v=19$m=64,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
);

const path = "users";
const parse = (text: string) => parsePasswordFile({ text, path });

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(`${tmpdir()}/broker-passwd-`);
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("users, comments and blank lines, whatever ends a line", () => {
  const lines = ["# staff", "", `ada:${ADA.text}`, "  ", ` b b : ${BOB.text} `];
  for (const end of ["\n", "\r\n"]) {
    for (const last of ["", end]) {
      const users = parse(lines.join(end) + last);
      assertEquals([...users], [["ada", ADA], ["b b", BOB]]);
    }
  }
  assertEquals(parse("").size, 0);
});

test("a user may have the name of anything in the language", () => {
  const names = ["__proto__", "constructor", "zoë", "a#b", 'a "b"'];
  const text = names.map((name) => `${name}:${ADA.text}`).join("\n");
  assertEquals([...parse(text).keys()], names);
});

const NO_HASH = "no hash; if it is the password itself, broker passwd FILE " +
  "--hash hashes it";
const NO_FORMAT = "a hash that is not $7$, $6$ or $argon2id$ as it is to be";
const BAD: readonly (readonly [string, string])[] = [
  ["ada", "users: line 1: NAME:HASH must stand there"],
  [`\n\n${ADA.text}`, "users: line 3: NAME:HASH must stand there"],
  [`:${ADA.text}`, "users: line 1: no name"],
  [`# a\r\n : x`, "users: line 2: no name"],
  ["ada:", 'users: line 1: user "ada" has no hash'],
  ["ada:  \r", 'users: line 1: user "ada" has no hash'],
  ["ada:s3cret", `users: line 1: user "ada" has ${NO_HASH}`],
  ["ada:$s3cret", `users: line 1: user "ada" has ${NO_FORMAT}`],
  [
    `ada:${ADA.text}\nbob:${ADA.text}\nada:${BOB.text}`,
    'users: line 3: user "ada" stands in line 1 too',
  ],
  [
    `ada:${ADA.text}\n\u001b:$7$101$s3cret$s3cret`,
    'users: line 2: user "\\u001b" has a salt that is not 8 to 64 bytes in ' +
    "base64",
  ],
];

for (const [text, sentence] of BAD) {
  test(`refused: ${sentence}`, async () => {
    const { message } = assertThrows(() => parse(text), CredentialFileError);
    assertEquals(message, sentence);
    assertFalse(message.includes("s3cret"));
    if (sentence.includes(NO_HASH)) return;
    const hash = () => Promise.resolve(ADA);
    await assertRejects(
      () => withHashes({ text, path }, hash),
      CredentialFileError,
    );
  });
}

test("an edit leaves other lines as they are", () => {
  const text = `# staff\r\n\r\nada: ${ADA.text}\r\nbob:${BOB.text}`;
  const file = { text, path };
  assertEquals(
    withUser(file, "ada", BOB),
    `# staff\r\n\r\nada:${BOB.text}\r\nbob:${BOB.text}`,
  );
  assertEquals(
    withUser(file, "bob", ADA),
    `# staff\r\n\r\nada: ${ADA.text}\r\nbob:${ADA.text}`,
  );
  assertEquals(withoutUser(file, "ada"), `# staff\r\n\r\nbob:${BOB.text}`);
  assertEquals(withoutUser(file, "eve"), undefined);
});

test("a new user comes at the end", () => {
  const line = `eve:${BOB.text}`;
  const ada = `ada:${ADA.text}`;
  const texts = [
    ["", `${line}\n`],
    [`${ada}\n`, `${ada}\n${line}\n`],
    [ada, `${ada}\n${line}\n`],
    [`${ada}\r\n`, `${ada}\r\n${line}\r\n`],
  ] as const;
  for (const [text, edited] of texts) {
    assertEquals(withUser({ text, path }, "eve", BOB), edited);
    assertEquals(parse(edited).get("eve"), BOB);
  }
});

test("passwords in plain text are hashed, and hashes are left", async () => {
  const text = `#x\r\njoe: pen:cil \r\nada:${ADA.text}\r\nann:$pencil`;
  const hash = (password: Uint8Array) => hashPassword(password, 1000);
  await assertRejects(() => withHashes({ text, path }, hash));
  const good = text.replace("$pencil", "pencil");
  const once = await withHashes({ text: good, path }, hash);
  assertEquals(once.count, 2);
  assert(once.text.startsWith("#x\r\njoe:$7$1000$"), once.text);
  const users = parse(once.text);
  assertEquals(users.get("ada"), ADA);
  assert(
    await isPassword(
      new TextEncoder().encode("pen:cil"),
      users.get("joe")!,
    ),
  );
  assert(await isPassword(PENCIL, users.get("ann")!));
  const twice = await withHashes({ text: once.text, path }, hash);
  assertEquals(twice, { text: once.text, count: 0 });
});

test("a name that a line can't hold is none", () => {
  for (const name of ["ada", "a b", "zoë", "a#", "\u{1f511}"]) {
    assert(isPasswordUserName(name), name);
    assertEquals([...parse(withUser({ text: "", path }, name, ADA)).keys()], [
      name,
    ]);
  }
  for (
    const name of ["", " ", " a", "a ", "#a", "a:b", "a\nb", "\0", "\ud800"]
  ) {
    assertFalse(isPasswordUserName(name), JSON.stringify(name));
  }
});

test("a hash that can't be checked here is told to the broker", async () => {
  await inFolder(async (folder) => {
    const file = `${folder}/users`;
    await writeFile(file, `ada:${ADA.text}\nbob:${ARGON2ID.text}\n`);
    if (canCompute(ARGON2ID.method)) {
      assertEquals((await readPasswordFile(file)).size, 2);
      return;
    }
    const { message } = await assertRejects(
      () => readPasswordFile(file),
      CredentialFileError,
    );
    assertEquals(
      message,
      `${file}: the password of "bob" is hashed by argon2id, which this ` +
        "runtime does not have; set it anew with broker passwd, or run the " +
        "broker on Bun",
    );
  });
});

test("no UTF-8 is refused, a byte order mark is not", async () => {
  await inFolder(async (folder) => {
    const file = `${folder}/users`;
    await writeFile(file, `\ufeffada:${ADA.text}\n`);
    assertEquals([...(await readPasswordFile(file)).keys()], ["ada"]);
    await writeFile(file, Uint8Array.of(0x61, 0xff));
    const { message } = await assertRejects(
      () => readSecretFile(file),
      CredentialFileError,
    );
    assertEquals(message, `${file} can't be read: this is not UTF-8`);
  });
});

test("the group may read on if it was meant to, and others never", async () => {
  await inFolder(async (folder) => {
    const file = `${folder}/users`;
    const modes = [
      [0o640, false, 0o640],
      [0o660, false, 0o640],
      [0o600, false, 0o600],
      [0o400, false, 0o600],
      [0o644, true, 0o600],
      [0o602, true, 0o600],
    ] as const;
    await writeSecretFile(file, "");
    assertEquals((await stat(file)).mode & 0o777, 0o600);
    for (const [before, isOpen, after] of modes) {
      await chmod(file, before);
      assertEquals(await isOpenToOthers(file), isOpen, before.toString(8));
      await writeSecretFile(file, "new");
      const { mode } = await stat(file);
      assertEquals(mode & 0o777, after, before.toString(8));
    }
  });
});

test("a file keeps its owner, and a link is followed", async () => {
  await inFolder(async (folder) => {
    const file = `${folder}/users`;
    await writeFile(file, "old", { mode: 0o640 });
    // Only root can give files away.
    const isRoot = process.getuid?.() === 0;
    if (isRoot) await chown(file, 12_345, 54_321);
    const { uid, gid } = await stat(file);
    await symlink("users", `${folder}/link`);
    await writeSecretFile(`${folder}/link`, "new");
    assertEquals(await readFile(file, "utf8"), "new");
    assert((await lstat(`${folder}/link`)).isSymbolicLink());
    const after = await stat(file);
    assertEquals([after.uid, after.gid], [uid, gid]);
    assertEquals(after.mode & 0o777, 0o640);
    assertEquals((await readdir(folder)).sort(), ["link", "users"]);
  });
});
