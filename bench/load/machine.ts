/** What a bench was run on. */

/** In words: so many cores of which processor. */
export async function machineText(cores: number): Promise<string> {
  const text = await Deno.readTextFile("/proc/cpuinfo");
  const name = /model name\s*: (.*)/.exec(text)?.[1] ?? Deno.build.arch;
  return `${cores} cores of an ${name}, Linux`;
}
