/**
 * Where the repository is and what is in it, for tests and scripts that start
 * processes or read files. Not for anything under `src/`.
 */

import { fileURLToPath } from "node:url";

/** The repository's root, with a slash at its end. */
export const REPO: URL = new URL("../../", import.meta.url);

/** The same as a path of this system. */
export function pathOf(url: URL): string {
  return fileURLToPath(url);
}

export async function exists(path: string | URL): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** All `.ts` files below a folder, as paths from the root, sorted. */
export async function typeScriptFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(new URL(`${folder}/`, REPO))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...await typeScriptFiles(path));
    else if (entry.name.endsWith(".ts")) found.push(path);
  }
  return found.sort();
}
