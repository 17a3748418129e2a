/**
 * Debian's `promtool`, which belongs to Prometheus: what it thinks of
 * metrics.
 */

/** What is wrong with metrics in the text format; empty when nothing is. */
export async function promtool(text: string): Promise<string> {
  const child = new Deno.Command("promtool", {
    args: ["check", "metrics"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode(text));
  await input.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  const said = decoder.decode(stdout) + decoder.decode(stderr);
  return code === 0 || said !== "" ? said : `exit code ${code}`;
}
