/**
 * Files of users, rules and keys, in a folder of their own.
 */

import { hashPassword } from "../../src/credentials/password_hash.ts";
import { writeScramFile } from "../../src/credentials/scram_disk.ts";
import { deriveScramUser } from "../../src/credentials/scram_user.ts";

/** A folder of files for settings, which goes with it. */
export class LoginFolder implements AsyncDisposable {
  readonly #path: string;
  #hash: string | undefined;

  private constructor(path: string) {
    this.#path = path;
  }

  static async make(): Promise<LoginFolder> {
    return new LoginFolder(
      await Deno.makeTempDir({ prefix: "broker-logins-" }),
    );
  }

  path(name: string): string {
    return `${this.#path}/${name}`;
  }

  /** Writes a file for its owner only. */
  async write(name: string, text: string, mode = 0o600): Promise<string> {
    const path = this.path(name);
    await Deno.writeTextFile(path, text);
    await Deno.chmod(path, mode);
    return path;
  }

  /** A password file of users whose password is "pencil", hashed once. */
  async users(names: string[]): Promise<string> {
    const bytes = new TextEncoder().encode("pencil");
    this.#hash ??= (await hashPassword(bytes, 1000)).text;
    const lines = names.map((name) => `${name}:${this.#hash}\n`);
    return await this.write("users", lines.join(""));
  }

  async scramUsers(name: string, password: string): Promise<string> {
    const path = this.path("users.json");
    const user = await deriveScramUser(password, { iterations: 5000 });
    await writeScramFile(path, new Map([[name, user]]));
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#path, { recursive: true });
  }
}
