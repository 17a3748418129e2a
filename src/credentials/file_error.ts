/**
 * What is wrong with a file of credentials. Reading and writing such files is
 * in `credentials/secret_disk.ts`.
 *
 * @module
 */

/** The operator's mistake: its message is a clause, and has no secret. */
export class CredentialFileError extends Error {
  /** The class's name, as it stands in a log. */
  override readonly name = "CredentialFileError";
}
