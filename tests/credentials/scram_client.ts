/**
 * The client's side of SCRAM-SHA-256, written from RFC 5802 with node:crypto
 * and nothing of `src/`, so that the two can't be wrong in the same way.
 */

import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { Buffer } from "node:buffer";

/** A client that wants in. */
export class ScramClient {
  /** What the server has to answer in the end; known after `final`. */
  expectedServerFinal = "";
  readonly #password: string;
  readonly #header: string;
  readonly #extensions: string;
  readonly #bare: string;

  constructor(
    name: string,
    password: string,
    header = "n,,",
    extensions = "",
  ) {
    this.#password = password.replaceAll("\u00ad", "").normalize("NFKC");
    this.#header = header;
    this.#extensions = extensions;
    const escaped = name.replaceAll("=", "=3D").replaceAll(",", "=2C");
    this.#bare = `n=${escaped},r=fyko+d2lbbFgONRv9qkxdawL${extensions}`;
  }

  /** The client-first-message. */
  first(): string {
    return this.#header + this.#bare;
  }

  /**
   * The client-final-message, in answer to the server-first-message.
   *
   * @param change What it says instead, rightly signed.
   */
  final(
    challenge: string,
    change: (withoutProof: string) => string = (text) => text,
  ): string {
    const form = /^r=([^,]+),s=([^,]+),i=(\d+)$/;
    const [, nonce, salt, iterations] = form.exec(challenge)!;
    const salted = pbkdf2Sync(
      this.#password,
      Buffer.from(salt!, "base64"),
      Number(iterations),
      32,
      "sha256",
    );
    const header = Buffer.from(this.#header).toString("base64");
    const withoutProof = change(`c=${header},r=${nonce}${this.#extensions}`);
    const all = `${this.#bare},${challenge},${withoutProof}`;
    const clientKey = hmac(salted, "Client Key");
    const storedKey = createHash("sha256").update(clientKey).digest();
    const signature = hmac(storedKey, all);
    const proof = clientKey.map((byte, at) => byte ^ signature[at]!);
    const server = hmac(hmac(salted, "Server Key"), all).toString("base64");
    this.expectedServerFinal = `v=${server}`;
    return `${withoutProof},p=${Buffer.from(proof).toString("base64")}`;
  }
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
