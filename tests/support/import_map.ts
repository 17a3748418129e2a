/**
 * How the packages that tests name are found. `deno.json` is the one place
 * that lists them with their versions. Where JSR can't be reached, an import
 * map is made from that list in which a `jsr:` package is replaced by the
 * stand-in `tests/support/std_*.ts`; npm packages stay as they are pinned.
 * Not for `src/`: it imports no package.
 */

import { exists, REPO } from "./paths.ts";

/** The arguments that make `deno` find every package. */
export interface Resolution {
  /** For `deno test`, `deno check` and the like. Empty where JSR answers. */
  args: string[];
  /** For `deno test --doc`, see `docConfig`. */
  docArgs: string[];
  /** One line for a person, where JSR does not answer. */
  note?: string;
}

interface DenoJson {
  name: string;
  exports: Record<string, string>;
  imports: Record<string, string>;
  scopes: Record<string, Record<string, string>>;
  compilerOptions: Record<string, unknown>;
}

/** A network that swallows packets must not hold a test run for minutes. */
const PROBE_MS_MAX = 10_000;

/** Looks whether JSR answers, and writes what is needed to `folder`. */
export async function resolveImports(folder: string): Promise<Resolution> {
  const written = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", REPO)),
  ) as DenoJson;
  // The npm packages lie in a scope, not among the imports: `deno task`
  // fetches the imports, and `deno task start` has to do without a network.
  const npm = Object.assign({}, ...Object.values(written.scopes));
  const deno = { ...written, imports: { ...written.imports, ...npm } };
  const specifier = deno.imports["@std/assert"];
  if (specifier === undefined) throw new Error("deno.json has no @std/assert");
  const isOnline = await answers(specifier);
  const imports = isOnline ? deno.imports : await standIns(deno.imports);
  const map = await write(folder, "import_map.json", { imports });
  const docMap = await write(folder, "doc_import_map.json", {
    imports: { ...imports, ...selfImports(deno) },
  });
  const config = await write(folder, "deno.json", docConfig(deno));
  return {
    args: isOnline ? [] : ["--import-map", map],
    docArgs: ["--config", config, "--import-map", docMap],
    ...(isOnline ? {} : {
      note: "JSR does not answer: tests run with the stand-in for " +
        "@std/assert in tests/support/std_assert.ts.",
    }),
  };
}

async function answers(specifier: string): Promise<boolean> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PROBE_MS_MAX);
  try {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["cache", "--quiet", specifier],
      cwd: REPO,
      stdout: "null",
      stderr: "null",
      signal: patience.signal,
    }).output();
    return success;
  } finally {
    clearTimeout(timer);
  }
}

/** `@std/assert` becomes `tests/support/std_assert.ts`, where that exists. */
async function standIns(
  imports: Record<string, string>,
): Promise<Record<string, string>> {
  const mapped: Record<string, string> = {};
  for (const [name, target] of Object.entries(imports)) {
    const file = name.replace("@", "").replace(/[/-]/g, "_") + ".ts";
    const url = new URL(`tests/support/${file}`, REPO);
    const isReplaced = target.startsWith("jsr:") && await exists(url);
    mapped[name] = isReplaced ? url.href : target;
  }
  return mapped;
}

/**
 * An example imports all exports of its file, used or not, so the two options
 * that forbid unused names would refuse every example; the rest stays.
 * Without a name, because the import map says what the name stands for.
 */
function docConfig(deno: DenoJson): unknown {
  const { noUnusedLocals: _1, noUnusedParameters: _2, ...compilerOptions } =
    deno.compilerOptions;
  return { compilerOptions, lock: false, nodeModulesDir: "none" };
}

/** The examples import the package by its own name. */
function selfImports(deno: DenoJson): Record<string, string> {
  return Object.fromEntries(
    Object.entries(deno.exports).map((
      [path, file],
    ) => [deno.name + path.slice(1), new URL(file, REPO).href]),
  );
}

async function write(
  folder: string,
  name: string,
  content: unknown,
): Promise<string> {
  const path = `${folder}/${name}`;
  await Deno.writeTextFile(path, JSON.stringify(content, null, 2));
  return path;
}
