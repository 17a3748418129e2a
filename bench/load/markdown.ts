/** Tables of Markdown. */

/** As `deno fmt` would have it. */
export function markdown(
  lines: readonly (readonly string[])[],
): string[] {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(3, ...lines.map((line) => line[column]?.length ?? 0))
  );
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((it, i) => it.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = lines;
  const rule = widths.map((width) => "-".repeat(width));
  return [row(head), row(rule), ...body.map(row)];
}
