/**
 * The hidden prompt of `@std/cli`. It is loaded by its address, so that no
 * module names it: Deno looks up what modules name before it starts, late
 * imports too, and a broker must start where there is no network.
 *
 * @module
 */

/** Asks a person and shows nothing of what is typed; null at the end. */
export async function hiddenPrompt(message: string): Promise<string | null> {
  const { promptSecret } = await import("@std/cli/prompt-secret");
  return promptSecret(message, { mask: "" });
}
