/**
 * A server that is asked who may connect, by the settings.
 *
 * @module
 */

import { compileRules } from "../auth/access_rules.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import type { Logger } from "../base/logger.ts";
import { HttpAuthenticator } from "../credentials/http_authenticator.ts";
import { readHttpHeaders } from "../credentials/http_disk.ts";
import { httpWarnings, readHttpUrl } from "../credentials/http_settings.ts";
import {
  HTTP_TEMPLATE_DEFAULT,
  readHttpTemplate,
} from "../credentials/http_template.ts";
import { readHttpAuthority } from "../credentials/https_send.ts";
import { readSecretFile } from "../credentials/secret_disk.ts";
import type { LoginSettings } from "./settings.ts";
import { told } from "./told.ts";
import { UsageError } from "./usage_error.ts";

/** Who asks, and what an operator should know of it. */
export interface HttpLogin {
  /** Who asks. */
  readonly authenticator: Authenticator;
  /** What an operator should know. */
  readonly warnings: readonly string[];
}

/**
 * Who asks the server at `url`.
 *
 * @param logger Who is told when the server gives no answer.
 * @throws {UsageError} When the address, or a file, is not as it should be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SILENT } from "../base/logger.ts";
 * import { httpLogin } from "./http_login.ts";
 * import { defaultSettings } from "./settings.ts";
 *
 * const { logins } = defaultSettings();
 * const asked = await httpLogin(logins, "http://127.0.0.1:1/login", SILENT);
 * assertEquals(asked.warnings, []);
 * ```
 */
export async function httpLogin(
  asked: Omit<LoginSettings, "certUser">,
  url: string,
  logger: Logger,
): Promise<HttpLogin> {
  const { httpBodyFile, httpCaFile, httpHeadersFile, httpMethod } = asked;
  const template = httpBodyFile === undefined
    ? HTTP_TEMPLATE_DEFAULT
    : await told("--http-login-body ", readSecretFile(httpBodyFile));
  const headers = httpHeadersFile === undefined
    ? {}
    : await told("--http-login-headers ", readHttpHeaders(httpHeadersFile));
  const send = httpCaFile === undefined
    ? undefined
    : await told("--http-login-ca ", readHttpAuthority(httpCaFile));
  try {
    const form = httpMethod === "GET" ? "query" : "json";
    const parsed = readHttpTemplate(template, form);
    const warnings = httpWarnings(readHttpUrl(url), httpMethod, parsed);
    const authenticator = new HttpAuthenticator({
      url,
      compileRules,
      method: httpMethod,
      template,
      headers,
      timeoutMs: asked.httpTimeoutMs,
      cacheMs: asked.httpCacheMs,
      logger,
      ...(send === undefined ? {} : { send }),
    });
    return { authenticator, warnings };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UsageError(`--http-login: ${cause.message}`, { cause });
  }
}
