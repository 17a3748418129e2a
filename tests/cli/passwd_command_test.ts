/**
 * `broker passwd`, in the process: what it does to the file, and the sentence
 * about each mistake. And with Debian's Mosquitto: its broker takes our file,
 * and we take the one of its tool.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { passwdCommand } from "../../src/cli/passwd_command.ts";
import { readPasswordFile } from "../../src/credentials/password_disk.ts";
import {
  isPassword,
  type PasswordHash,
} from "../../src/credentials/password_hash.ts";
import { within } from "../support/deadline.ts";
import { freePort } from "../support/free_port.ts";
import { isAbsent } from "../support/tools.ts";
import { mistake, TestHost } from "./test_host.ts";

const LATER = "a broker that uses it reads it again in seconds\n";

async function inFolder(run: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "broker-passwd-" });
  try {
    await run(`${folder}/users`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs the command, and gives what it prints. */
async function passwd(args: string[], password?: string): Promise<string> {
  const host = new TestHost(password === undefined ? [] : [`${password}\n`]);
  await passwdCommand(host, args);
  return host.printed;
}

async function fits(
  user: PasswordHash | undefined,
  password: string,
): Promise<boolean> {
  return await isPassword(new TextEncoder().encode(password), user!);
}

/** Enough, where the cost is not what is tested. */
const CHEAP = ["--iterations", "1000"];

Deno.test("it makes a file, adds, changes and takes away", async () => {
  await inFolder(async (path) => {
    assertEquals(
      await passwd([path, "ada"], "pencil"),
      `user "ada" is set in ${path}; ${LATER}`,
    );
    await passwd([path, "bo b", ...CHEAP], "pencil");
    const users = await readPasswordFile(path);
    assertEquals([...users.keys()], ["ada", "bo b"]);
    const iterations = [...users.values()].map(({ text }) =>
      text.split("$")[2]
    );
    assertEquals(iterations, ["210000", "1000"]);
    assert(await fits(users.get("ada"), "pencil"));
    await passwd(["--", path, "ada"], "other");
    const changed = await readPasswordFile(path);
    assertEquals(changed.get("bo b"), users.get("bo b"));
    assert(await fits(changed.get("ada"), "other"));
    for (const [flag, name] of [["-D", "ada"], ["--delete", "bo b"]] as const) {
      assertEquals(
        await passwd([flag, path, name]),
        `user "${name}" is deleted from ${path}; ${LATER}`,
      );
    }
    assertEquals((await readPasswordFile(path)).size, 0);
  });
});

Deno.test("neither the file nor what is printed has the password", async () => {
  await inFolder(async (path) => {
    const printed = await passwd([path, "ada", ...CHEAP], "pencil");
    const text = await Deno.readTextFile(path) + printed;
    assert(!text.includes("pencil"));
    assert(!text.includes(btoa("pencil")));
  });
});

Deno.test("--create makes a file and overwrites none", async () => {
  await inFolder(async (path) => {
    await passwd(["-c", path, "ada", ...CHEAP], "pencil");
    const host = new TestHost([], ["pencil", "pencil"]);
    assertEquals(
      await mistake(passwdCommand(host, ["--create", path, "bob"])),
      `${path} is there already; without --create it is changed`,
    );
    assertEquals(host.messages, []);
    assertEquals([...(await readPasswordFile(path)).keys()], ["ada"]);
  });
});

Deno.test("a file that is bad is left alone, before a password", async () => {
  await inFolder(async (path) => {
    await Deno.writeTextFile(path, "# staff\nada:s3cret\n");
    const host = new TestHost([], ["pencil", "pencil"]);
    assertEquals(
      await mistake(passwdCommand(host, [path, "bob"])),
      `${path}: line 2: user "ada" has no hash; if it is the password ` +
        "itself, broker passwd FILE --hash hashes it",
    );
    assertEquals(host.messages, []);
    assertEquals(await Deno.readTextFile(path), "# staff\nada:s3cret\n");
  });
});

Deno.test("--hash hashes what is not hashed yet, once", async () => {
  await inFolder(async (path) => {
    await Deno.writeTextFile(path, "# staff\nada:pen cil\nbob:rubber\n");
    await Deno.chmod(path, 0o644);
    assertEquals(
      await passwd([path, "--hash", ...CHEAP]),
      `2 passwords are hashed in ${path}; all users of the machine could ` +
        `read it; ${LATER}`,
    );
    const text = await Deno.readTextFile(path);
    assert(text.startsWith("# staff\nada:$7$1000$"), text);
    const users = await readPasswordFile(path);
    assert(await fits(users.get("ada"), "pen cil"));
    assert(await fits(users.get("bob"), "rubber"));
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
    assertEquals(
      await passwd(["-U", path]),
      `0 passwords are hashed in ${path}\n`,
    );
    await Deno.writeTextFile(path, `${text}eve:x\n`);
    assertEquals(
      await passwd(["-U", path, ...CHEAP]),
      `1 password is hashed in ${path}; ${LATER}`,
    );
  });
});

Deno.test("who is not there can't be deleted", async () => {
  await inFolder(async (path) => {
    const order = [path, "eve", "--delete"];
    const why = "can't be read: there is no such file or folder";
    assertEquals(await mistake(passwd(order)), `${path} ${why}`);
    assertEquals(await mistake(passwd([path, "-U"])), `${path} ${why}`);
    await passwd([path, "ada", ...CHEAP], "pencil");
    assertEquals(await mistake(passwd(order)), `${path} has no user "eve"`);
    await assertRejects(() => Deno.stat(`${path}/x`));
  });
});

Deno.test("its help is a screen with all flags", async () => {
  for (const args of [["--help"], ["-h"], ["x", "y", "z", "--help"]]) {
    const printed = await passwd(args);
    const flags = [
      "-D, --delete",
      "-c, --create",
      "-U, --hash",
      "    --iterations N",
      "-h, --help",
    ];
    for (const flag of flags) assert(printed.includes(`\n  ${flag} `), flag);
    const lines = printed.split("\n");
    assert(lines.length <= 24, `${lines.length} lines`);
    assertEquals(lines.filter((line) => line.length > 80), []);
  }
});

const NEEDED = "a file and a user are needed, and nothing else: broker " +
  "passwd FILE USER";
const NO_USER = "can't be a user: a name must not be empty, begin with #, " +
  "have blanks around it, or have a colon or a control or invisible character";
const SEEN = "a password among the arguments can be seen by all users of the " +
  "machine; pipe it: broker passwd FILE USER < password.txt";

const MISTAKES: readonly (readonly [string[], string])[] = [
  [[], NEEDED],
  [["f"], NEEDED],
  [["", "ada"], NEEDED],
  [["f", "ada", "pencil"], NEEDED],
  [["-b", "f", "ada", "pencil"], SEEN],
  [["-c", "-b", "f", "ada", "pencil"], SEEN],
  [
    ["f", "ada", "-U"],
    "a file is needed, and nothing else: broker passwd " +
    "FILE --hash",
  ],
  [["f", ""], `"" ${NO_USER}`],
  [["f", "a:b"], `"a:b" ${NO_USER}`],
  [["f", "#a"], `"#a" ${NO_USER}`],
  [["f", " a"], `" a" ${NO_USER}`],
  [["f", "a\u00ad\u200b"], `"a\u00ad\\u200b" ${NO_USER}`],
  [["f", "a\nb"], `"a\\u000ab" ${NO_USER}`],
  [["f", "ada", "--delet"], 'unknown flag "--delet"; did you mean --delete?'],
  [
    ["f", "ada", "-H", "sha512"],
    'unknown flag "-H"; broker passwd --help shows the flags',
  ],
  [["f", "ada", "--delete=yes"], "--delete takes no value"],
  [["f", "--", "-a", "-b"], NEEDED],
  [["f", "--", "#-a"], `"#-a" ${NO_USER}`],
  [["f", "ada", "-D", "-c"], "--create has no use beside --delete"],
  [["f", "ada", "-c", "-U"], "--hash has no use beside --create"],
  [
    ["f", "ada", "--delete", "--iterations", "5000"],
    "--iterations has no use beside --delete",
  ],
  [
    ["f", "ada", "--iterations"],
    "--iterations needs a value: --iterations N",
  ],
  [
    ["f", "ada", "--iterations=999"],
    '--iterations must be 1000 to 10000000, not "999"',
  ],
];

for (const [args, sentence] of MISTAKES) {
  Deno.test(`refused: broker passwd ${args.join(" ")}`, async () => {
    assertEquals(await mistake(passwd(args, "pencil")), sentence);
  });
}

Deno.test("a password that can't be typed unseen is to be piped", async () => {
  await inFolder(async (path) => {
    const sentence = await mistake(passwd([path, "ada"]));
    const end = "pipe it: broker passwd FILE USER < password.txt";
    assert(sentence.endsWith(end), sentence);
    await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
  });
});

Deno.test({
  name: "we take the file of Mosquitto's tool, and it takes ours",
  ignore: isAbsent("mosquitto_passwd"),
  fn: () =>
    inFolder(async (path) => {
      await tool(["-b", "-c", path, "ada", "pencil"]);
      await tool(["-H", "sha512", "-b", path, "bob", "rub ber"]);
      await passwd([path, "eve", ...CHEAP], "ink");
      const users = await readPasswordFile(path);
      assertEquals([...users.keys()], ["ada", "bob", "eve"]);
      assert(await fits(users.get("ada"), "pencil"));
      assert(await fits(users.get("bob"), "rub ber"));
      await tool(["-D", path, "ada"]);
      await tool(["-b", path, "eve", "paper"]);
      const changed = await readPasswordFile(path);
      assertEquals([...changed.keys()], ["bob", "eve"]);
      assert(await fits(changed.get("eve"), "paper"));
    }),
});

Deno.test({
  name: "Mosquitto's broker lets our users in, and nobody else",
  ignore: isAbsent("mosquitto") || isAbsent("mosquitto_pub"),
  fn: () =>
    inFolder(async (path) => {
      await Deno.writeTextFile(path, "# staff\r\n\r\nzoë:pä ss\r\n");
      await passwd([path, "--hash"]);
      await passwd([path, "ada"], "pencil");
      await passwd([path, "eve", ...CHEAP], "x".repeat(200));
      await withMosquitto(path, async (port) => {
        assert(await isLetIn(port, "ada", "pencil"));
        assert(await isLetIn(port, "eve", "x".repeat(200)));
        assert(await isLetIn(port, "zoë", "pä ss"));
        assert(!await isLetIn(port, "ada", "rubber"));
      });
    }),
});

async function tool(args: string[]): Promise<void> {
  const { code } = await new Deno.Command("mosquitto_passwd", {
    args,
    stdout: "null",
    stderr: "null",
  }).output();
  assertEquals(code, 0, args.join(" "));
}

async function isLetIn(
  port: number,
  userName: string,
  password: string,
): Promise<boolean> {
  const login = ["-u", userName, "-P", password];
  const { code } = await new Deno.Command("mosquitto_pub", {
    args: ["-h", "127.0.0.1", "-p", `${port}`, ...login, "-t", "a", "-n"],
    stdout: "null",
    stderr: "null",
  }).output();
  return code === 0;
}

/** Runs Debian's broker with a password file, until `run` is done. */
async function withMosquitto(
  path: string,
  run: (port: number) => Promise<void>,
): Promise<void> {
  const port = freePort();
  const settings = [
    `listener ${port} 127.0.0.1`,
    "allow_anonymous false",
    `password_file ${path}`,
    "user root", // the file is for its owner's eyes
    "log_dest stderr",
  ];
  await Deno.writeTextFile(`${path}.conf`, settings.join("\n"));
  const child = new Deno.Command("mosquitto", {
    args: ["-c", `${path}.conf`],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  try {
    const end = () => child.kill("SIGKILL");
    await within(hasStarted(child.stderr), "mosquitto to start", end);
    await run(port);
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
}

async function hasStarted(stderr: ReadableStream<Uint8Array>): Promise<void> {
  let log = "";
  for await (const text of stderr.pipeThrough(new TextDecoderStream())) {
    log += text;
    if (log.includes(" running\n")) return;
  }
  throw new Error(log);
}
