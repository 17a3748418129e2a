/**
 * A throw-away certificate authority, made by the `openssl` command in a
 * folder of its own: keys and certificates for tests of TLS, none of which
 * is worth anything elsewhere. Runs under Deno and under Bun.
 *
 * ```ts ignore
 * using authority = new Authority();
 * const { certFile, keyFile } = authority.issue("server", "/CN=localhost");
 * ```
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate with its key, both in PEM. */
export interface Issued {
  certFile: string;
  keyFile: string;
}

export interface IssueOptions {
  /** From now on; negative for one that has expired. 30. */
  days?: number;
  /** What it is good for. localhost and 127.0.0.1. */
  names?: string;
}

const CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
const LOCAL = "DNS:localhost,IP:127.0.0.1";

/** An authority; its folder goes with it. */
export class Authority implements Disposable {
  /** Where all its files are. */
  readonly folder: string;
  /** Its own certificate. */
  readonly caFile: string;
  readonly #caKey: string;

  constructor(name = "Test CA") {
    this.folder = mkdtempSync(join(tmpdir(), "broker-tls-"));
    this.caFile = this.path("ca.pem");
    this.#caKey = this.path("ca.key");
    const own = ["-keyout", this.#caKey, "-out", this.caFile, "-days", "30"];
    this.openssl("req", "-x509", ...CURVE, "-nodes", ...own, ...subject(name));
  }

  /** The path of a file of this folder. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** Runs `openssl` and gives what it prints. */
  openssl(...args: string[]): string {
    const options = { encoding: "utf8", stdio: "pipe" } as const;
    return execFileSync("openssl", args, options);
  }

  /** A certificate for `name`, which has the form `/O=Example/CN=ada`. */
  issue(
    file: string,
    name: string,
    { days = 30, names = LOCAL }: IssueOptions = {},
  ): Issued {
    const [certFile, keyFile] = [`${file}.pem`, `${file}.key`].map((one) =>
      this.path(one)
    ) as [string, string];
    const request = this.path(`${file}.csr`);
    const extensions = this.path(`${file}.ext`);
    writeFileSync(extensions, `subjectAltName=${names}\n`);
    const made = ["-keyout", keyFile, "-out", request];
    this.openssl("req", ...CURVE, "-nodes", ...made, ...subject(name));
    this.openssl(
      ...["x509", "-req", "-in", request, "-out", certFile],
      ...["-CA", this.caFile, "-CAkey", this.#caKey, "-CAcreateserial"],
      ...["-days", `${days}`, "-extfile", extensions],
    );
    return { certFile, keyFile };
  }

  /**
   * The same certificate with another end: `openssl` before 3.4 can name a
   * time in seconds only where it keeps an index of what it has issued.
   */
  issueUntil(file: string, name: string, end: Date): Issued {
    const issued = this.issue(file, name);
    const index = this.write(`${file}.index`, "");
    const config = this.write(
      `${file}.conf`,
      `[ca]\ndefault_ca=own\n[own]\ndatabase=${index}\npolicy=any\n` +
        `rand_serial=yes\ndefault_md=sha256\nnew_certs_dir=${this.folder}\n` +
        "[any]\ncommonName=supplied\n",
    );
    const digits = end.toISOString().replace(/\.[0-9]+|[^0-9]/g, "");
    const from = "20200101000000Z";
    this.openssl(
      ...["ca", "-batch", "-notext", "-config", config],
      ...["-cert", this.caFile, "-keyfile", this.#caKey],
      ...["-startdate", from, "-enddate", `${digits}Z`],
      ...["-in", this.path(`${file}.csr`), "-out", issued.certFile],
      ...["-extfile", this.path(`${file}.ext`)],
    );
    return issued;
  }

  /** The text of a file. */
  read(path: string): string {
    return readFileSync(path, "utf8");
  }

  /** Writes a file into the folder and gives its path. */
  write(name: string, text: string): string {
    const path = this.path(name);
    writeFileSync(path, text);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

function subject(name: string): string[] {
  const text = name.startsWith("/") ? name : `/CN=${name}`;
  return ["-utf8", "-subj", text];
}
