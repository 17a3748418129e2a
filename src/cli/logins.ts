/**
 * Who may connect and who may do what, by the settings: files are read, those
 * who decide are made of them, and all of that again when a file changes.
 *
 * @module
 */

import { AccessRules, compileRules } from "../auth/access_rules.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import { AuthenticatorChain } from "../auth/authenticator_chain.ts";
import type { Authorizer, Identity } from "../auth/authorizer.ts";
import { CertificateAuthenticator } from "../auth/certificate_authenticator.ts";
import type { Logger } from "../base/logger.ts";
import { ALL_RIGHTS, type Rights } from "../topic/rights.ts";
import { EnhancedSlot, LoginSlot, whileOpen } from "./login_slot.ts";
import { hasLogins, type LoginSettings, type Settings } from "./settings.ts";
import { told } from "./told.ts";
import { quoted } from "./usage_error.ts";

/** The files behind one who decides. */
interface Part {
  /** Those of them that are watched. */
  readonly files: readonly string[];
  /** Reads the files; what is returned makes use of them, and can't fail. */
  read(): Promise<() => void>;
}

/** The places of those who decide, in the order in which they are asked. */
type Place = "certificate" | "token" | "password" | "server";

/** Those who decide, as a broker takes them. */
export class Logins {
  /** What an operator should know. */
  readonly warnings: string[] = [];
  /** Logins of several steps. */
  readonly enhanced: EnhancedSlot[] = [];
  /** What clients may do, when there are rules. */
  rules: { current: AccessRules } | undefined;
  readonly #slots: Readonly<Record<Place, LoginSlot>> = {
    certificate: new LoginSlot(),
    token: new LoginSlot(),
    password: new LoginSlot(),
    server: new LoginSlot(),
  };
  #settings: LoginsSettings;
  readonly #canChange: boolean;
  #parts: Part[] = [];

  /** Made by {@linkcode loginsOf}. */
  constructor(settings: LoginsSettings, { canChange }: LoginsOptions) {
    this.#settings = settings;
    this.#canChange = canChange;
  }

  /** The files to be watched. */
  get files(): string[] {
    return this.#parts.flatMap(({ files }) => files);
  }

  /** What clients may do; `undefined` for everything, for good. */
  get authorizer(): Authorizer | undefined {
    if (this.rules === undefined && !this.#canChange) return undefined;
    return {
      rightsOf: (identity: Identity): Rights =>
        this.rules?.current.rightsOf(identity) ?? ALL_RIGHTS,
    };
  }

  /**
   * Who may connect by a listener; `undefined` for everyone, for good.
   *
   * @param anonymous Whether everyone may; `undefined` for as elsewhere.
   */
  authenticator(anonymous: boolean | undefined): Authenticator | undefined {
    const current = () => this.#settings;
    const openness = {
      get isOpen(): boolean {
        return !hasLogins(current().logins) && anonymous !== false;
      },
      get anonymous(): boolean {
        return anonymous ?? current().allowAnonymous;
      },
    };
    const chain = new AuthenticatorChain(Object.values(this.#slots), openness);
    if (this.#canChange) return whileOpen(openness, chain);
    return openness.isOpen ? undefined : chain;
  }

  /** One more who is asked. */
  ask(place: Place, authenticator: Authenticator): void {
    this.#slots[place].holds = authenticator;
  }

  /** One more with files. */
  add(part: Part): void {
    this.#parts.push(part);
  }

  /**
   * Reads all files again; they count when what is returned is called.
   *
   * @throws {UsageError} When one is not as it should be.
   */
  async read(): Promise<() => void> {
    const uses: (() => void)[] = [];
    for (const part of this.#parts) uses.push(await part.read());
    return () => uses.forEach((use) => use());
  }

  /**
   * From here on those decide who are in `other`; clients who are connected
   * are judged by them. Whether there are logins of several steps stays.
   */
  become(other: Logins): void {
    this.#settings = other.#settings;
    this.#parts = other.#parts;
    this.rules = other.rules;
    for (const place of Object.keys(this.#slots) as Place[]) {
      this.#slots[place].holds = other.#slots[place].holds;
    }
    for (const [index, slot] of this.enhanced.entries()) {
      slot.holds = other.enhanced[index]?.holds ?? slot.holds;
    }
  }
}

/** How {@linkcode Logins} are made. */
export interface LoginsOptions {
  /** Whether they may {@linkcode Logins.become} others. */
  readonly canChange: boolean;
}

const FOR_GOOD: LoginsOptions = { canChange: false };

/** The settings that decide on it. */
export type LoginsSettings = Pick<Settings, "allowAnonymous" | "logins">;

/**
 * Those who decide. What few need is loaded when it is asked for.
 *
 * @param logger Who is told when a login server gives no answer.
 * @throws {UsageError} When a file is not as it should be.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { SILENT } from "../base/logger.ts";
 * import { defaultSettings } from "./settings.ts";
 * import { loginsOf } from "./logins.ts";
 *
 * const settings = defaultSettings();
 * settings.logins.passwordFile = "no/such/file";
 * await assertRejects(() => loginsOf(settings, SILENT));
 * ```
 */
export async function loginsOf(
  settings: LoginsSettings,
  logger: Logger,
  options: LoginsOptions = FOR_GOOD,
): Promise<Logins> {
  const logins = new Logins(settings, options);
  const { certUser, ...asked } = settings.logins;
  if (certUser !== undefined) {
    logins.ask("certificate", new CertificateAuthenticator(certUser));
  }
  if (asked.jwtKey !== undefined) await addTokens(logins, asked, asked.jwtKey);
  if (asked.passwordFile !== undefined) {
    await addPasswords(logins, asked, asked.passwordFile);
  }
  if (asked.httpUrl !== undefined) {
    await addServer(logins, asked, asked.httpUrl, logger);
  }
  if (asked.scramFile !== undefined) await addScram(logins, asked.scramFile);
  if (asked.aclFile !== undefined) {
    await addRules(logins, asked.aclFile);
    if (!hasLogins(settings.logins)) logins.warnings.push(NAMES_UNCHECKED);
  }
  return logins;
}

const NAMES_UNCHECKED = "user names are not checked: by --acl-file clients " +
  "may do what the name that they give may do; --help-login shows how to " +
  "check it";

type Asked = Omit<LoginSettings, "certUser">;

async function addPasswords(
  logins: Logins,
  { httpUrl }: Asked,
  path: string,
): Promise<void> {
  const { readPasswordFile } = await import("../credentials/password_disk.ts");
  const { PasswordAuthenticator } = await import(
    "../credentials/password_authenticator.ts"
  );
  const read = () => told("--password-file ", readPasswordFile(path));
  const passwords = new PasswordAuthenticator(await read(), {
    passesStrangers: httpUrl !== undefined,
  });
  logins.ask("password", passwords);
  await warnIfOpen(logins, "--password-file", path);
  logins.add({
    files: [path],
    async read() {
      const users = await read();
      return () => passwords.replace(users);
    },
  });
}

async function addScram(logins: Logins, path: string): Promise<void> {
  const { readScramFile } = await import("../credentials/scram_disk.ts");
  const { ScramSha256 } = await import("../credentials/scram_sha_256.ts");
  const read = () => told("--scram-file ", readScramFile(path));
  const users = await read();
  const scram = new ScramSha256({ lookup: () => undefined });
  scram.replace(users);
  logins.enhanced.push(new EnhancedSlot(scram));
  await warnIfOpen(logins, "--scram-file", path);
  logins.add({
    files: [path],
    async read() {
      const users = await read();
      return () => scram.replace(users);
    },
  });
}

async function addTokens(
  logins: Logins,
  asked: Asked,
  path: string,
): Promise<void> {
  const { readJwtKeys } = await import("../credentials/jwt_disk.ts");
  const { JwtAuthenticator } = await import(
    "../credentials/jwt_authenticator.ts"
  );
  const read = () => told("--jwt-key ", readJwtKeys(path));
  const { jwtRightsClaim } = asked;
  const keys = await read();
  const tokens = new JwtAuthenticator({
    keys,
    from: asked.jwtFrom,
    issuers: asked.jwtIssuers,
    audiences: asked.jwtAudiences,
    requiresExpiry: !asked.jwtWithoutExpiry,
    userNameClaim: asked.jwtUserClaim,
    clientIdClaim: asked.jwtClientIdClaim,
    rights: jwtRightsClaim === undefined
      ? undefined
      : { claim: jwtRightsClaim, compile: compileRules },
  });
  logins.ask("token", tokens);
  // Others may well read a public key, but by a secret they can sign.
  if (keys.some(({ algorithm }) => algorithm === "HS256")) {
    await warnIfOpen(logins, "--jwt-key", path);
  }
  logins.add({
    files: [path],
    async read() {
      const keys = await read();
      return () => tokens.replaceKeys(keys);
    },
  });
}

async function addServer(
  logins: Logins,
  asked: Asked,
  url: string,
  logger: Logger,
): Promise<void> {
  const { httpLogin } = await import("./http_login.ts");
  const read = () => httpLogin(asked, url, logger);
  let server = await read();
  logins.ask("server", {
    authenticate: (request, answer) =>
      server.authenticator.authenticate(request, answer),
  });
  logins.warnings.push(...server.warnings);
  const { httpBodyFile, httpCaFile, httpHeadersFile } = asked;
  if (httpHeadersFile !== undefined) {
    await warnIfOpen(logins, "--http-login-headers", httpHeadersFile);
  }
  logins.add({
    files: [httpBodyFile, httpCaFile, httpHeadersFile]
      .filter((one) => one !== undefined),
    async read() {
      const fresh = await read();
      return () => void (server = fresh);
    },
  });
}

async function addRules(logins: Logins, path: string): Promise<void> {
  const { readAclFile } = await import("../credentials/acl_disk.ts");
  const read = async () =>
    new AccessRules(await told("--acl-file ", readAclFile(path)));
  const rules = logins.rules = { current: await read() };
  logins.add({
    files: [path],
    async read() {
      const fresh = await read();
      return () => void (rules.current = fresh);
    },
  });
}

/** Who has a secret is in; with a hash one can try others at leisure. */
async function warnIfOpen(
  logins: Logins,
  flag: string,
  path: string,
): Promise<void> {
  const { isOpenToOthers } = await import("../credentials/secret_disk.ts");
  if (!await told(`${flag} `, isOpenToOthers(path))) return;
  logins.warnings.push(
    `all users of this machine can read ${flag} ${quoted(path)}: ` +
      "chmod o-rwx keeps them out",
  );
}
