/**
 * `broker scram`, in the process: what it does to the file, where the
 * password comes from, and the sentence about each mistake.
 */

import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { readPassword } from "../../src/cli/read_password.ts";
import { scramCommand, type ScramHost } from "../../src/cli/scram_command.ts";
import { readScramFile } from "../../src/credentials/scram_disk.ts";
import {
  deriveScramUser,
  type ScramUser,
} from "../../src/credentials/scram_user.ts";
import { mistake, TestHost } from "./test_host.ts";

async function inFolder(run: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "broker-scram-" });
  try {
    await run(`${folder}/users.json`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Whether it is the password of the user. */
async function fits(user: ScramUser, password: string): Promise<boolean> {
  const { storedKey } = await deriveScramUser(password, user);
  return `${storedKey}` === `${user.storedKey}`;
}

const PIPED = () => new TestHost(["pencil\n"]);

Deno.test("it makes a file, adds, changes and takes away", async () => {
  await inFolder(async (path) => {
    const host = PIPED();
    await scramCommand(host, [path, "ada"]);
    assert(host.printed.startsWith('user "ada" is set in '), host.printed);
    await scramCommand(PIPED(), [path, "b\u00adob", "--iterations", "5000"]);
    const users = await readScramFile(path);
    assertEquals([...users.keys()], ["ada", "bob"]);
    assertEquals(users.get("ada")!.iterations, 16_384);
    assertEquals(users.get("bob")!.iterations, 5000);
    assert(await fits(users.get("ada")!, "pencil"));
    await scramCommand(new TestHost(["other"]), ["--", path, "ada"]);
    const changed = await readScramFile(path);
    assertEquals(changed.get("bob"), users.get("bob"));
    assert(await fits(changed.get("ada")!, "other"));
    assertNotEquals(changed.get("ada")!.salt, users.get("ada")!.salt);
    const deleting = new TestHost([]);
    await scramCommand(deleting, ["--delete", path, "ada"]);
    assert(deleting.printed.startsWith('user "ada" is deleted from '));
    assertEquals([...(await readScramFile(path)).keys()], ["bob"]);
  });
});

Deno.test("neither the file nor what is printed has the password", async () => {
  await inFolder(async (path) => {
    const host = PIPED();
    await scramCommand(host, [path, "ada"]);
    const text = await Deno.readTextFile(path) + host.printed;
    assert(!text.includes("pencil"));
    assert(!text.includes(btoa("pencil")));
  });
});

Deno.test("a file that is bad is left alone, before a password", async () => {
  await inFolder(async (path) => {
    await Deno.writeTextFile(path, "{}");
    const host = new TestHost([], ["pencil", "pencil"]);
    const sentence = await mistake(scramCommand(host, [path, "ada"]));
    assertEquals(sentence, `${path}: users is missing`);
    assertEquals(host.messages, []);
    assertEquals(await Deno.readTextFile(path), "{}");
  });
});

Deno.test("who is not there can't be deleted", async () => {
  await inFolder(async (path) => {
    const order = [path, "eve", "--delete"];
    const missing = await mistake(scramCommand(PIPED(), order));
    assert(missing.endsWith("there is no such file or folder"), missing);
    await scramCommand(PIPED(), [path, "ada"]);
    const sentence = await mistake(scramCommand(PIPED(), order));
    assert(sentence.endsWith('has no user "eve"'), sentence);
  });
});

Deno.test("its help is a page with all flags", async () => {
  for (const args of [["--help"], ["-h"], ["x", "y", "z", "--help"]]) {
    const host = PIPED();
    await scramCommand(host, args);
    const flags = ["    --delete", "    --iterations N", "-h, --help"];
    for (const flag of flags) {
      assert(host.printed.includes(`\n  ${flag} `), flag);
    }
    const wide = host.printed.split("\n").filter((line) => line.length > 80);
    assertEquals(wide, []);
  }
});

const NEEDED = "a file and a user are needed, and nothing else: broker scram " +
  "FILE USER";
const NO_USER = "can't be a user: a name must not be empty or have control " +
  "or invisible characters";

const MISTAKES: readonly (readonly [string[], string])[] = [
  [[], NEEDED],
  [["f"], NEEDED],
  [["", "ada"], NEEDED],
  [["f", "ada", "pencil"], NEEDED],
  [["f", ""], `"" ${NO_USER}`],
  [["f", "\u00ad"], `"\u00ad" ${NO_USER}`],
  [["f", "a\u0007"], `"a\\u0007" ${NO_USER}`],
  [["f", "ada", "--delet"], 'unknown flag "--delet"; did you mean --delete?'],
  [
    ["f", "ada", "--password=x"],
    'unknown flag "--password"; broker scram --help shows the flags',
  ],
  [["f", "ada", "--delete=yes"], "--delete takes no value"],
  [
    ["f", "ada", "--delete", "--iterations", "5000"],
    "--iterations has no use beside --delete",
  ],
  [
    ["f", "ada", "--iterations"],
    "--iterations needs a value: --iterations N",
  ],
  [
    ["f", "ada", "--iterations", "--delete"],
    '--iterations must be 4096 to 10000000, not "--delete"',
  ],
  [
    ["f", "ada", "--iterations=4095"],
    '--iterations must be 4096 to 10000000, not "4095"',
  ],
];

for (const [args, sentence] of MISTAKES) {
  Deno.test(`refused: broker scram ${args.join(" ")}`, async () => {
    assertEquals(await mistake(scramCommand(PIPED(), args)), sentence);
  });
}

const LONGEST = "x".repeat(1024);

Deno.test("the first line of stdin is the password", async () => {
  const lines: readonly (readonly [(string | number[])[], string])[] = [
    [["pencil"], "pencil"],
    [["pencil\n"], "pencil"],
    [["pencil\r\nmore"], "pencil"],
    [["pen", "cil", "\n", "more"], "pencil"],
    [[" a b \n"], " a b "],
    [["zoë\n"], "zoë"],
    [[`${LONGEST}\r\nmore`], LONGEST],
    [[LONGEST], LONGEST],
  ];
  for (const [pieces, password] of lines) {
    assertEquals(await readPassword(new TestHost(pieces), "scram"), password);
  }
});

const NOTHING = "stdin has no password in its first line";
const TOO_LONG = "a password must have at most 1024 bytes";

Deno.test("a first line that is no password is refused", async () => {
  const lines: readonly (readonly [(string | number[])[], string])[] = [
    [[""], NOTHING],
    [["\npencil"], NOTHING],
    [["\r\n"], NOTHING],
    [[LONGEST + "x\n"], TOO_LONG],
    [[LONGEST, "xxx", "x\n"], TOO_LONG],
    [[[0x70, 0xff, 0x0a]], "the password must be UTF-8"],
  ];
  for (const [pieces, sentence] of lines) {
    assertEquals(
      await mistake(readPassword(new TestHost(pieces), "scram")),
      sentence,
    );
  }
  const closed: ScramHost = PIPED();
  closed.readStdin = () => Promise.reject(new Error("EBADF"));
  assertEquals(
    await mistake(readPassword(closed, "scram")),
    "stdin can't be read",
  );
});

Deno.test("a password is typed twice", async () => {
  const host = new TestHost([], ["pencil", "pencil"]);
  assertEquals(await readPassword(host, "scram"), "pencil");
  assertEquals(host.messages, ["Password:", "The same again:"]);
});

Deno.test("what is typed and no password is refused", async () => {
  const typed: readonly (readonly [(string | null)[], string])[] = [
    [[null], "no password was typed"],
    [[""], "no password was typed"],
    [["pencil", "pencli"], "what was typed is not twice the same"],
    [["pencil", null], "what was typed is not twice the same"],
    [[LONGEST + "x", LONGEST + "x"], TOO_LONG],
    [
      [],
      "a password can't be typed unseen here, which takes Deno and " +
      "@std/cli; pipe it: broker scram FILE USER < password.txt",
    ],
  ];
  for (const [words, sentence] of typed) {
    const host = new TestHost([], [...words]);
    assertEquals(await mistake(readPassword(host, "scram")), sentence);
  }
});

Deno.test("a password of a prohibited character is refused", async () => {
  await inFolder(async (path) => {
    const host = new TestHost(["pen\tcil\n"]);
    const sentence = await mistake(scramCommand(host, [path, "ada"]));
    assert(sentence.startsWith("a password must not be empty or have control"));
    await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
  });
});
