/**
 * CPU time and peak memory of a process and its children, read from /proc.
 * Linux only: elsewhere, and for processes that are gone or unknown, all is 0.
 */

// The kernel's USER_HZ: 100 on every architecture Linux has today.
const TICKS_PER_SECOND = 100;

export interface ProcessStats {
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

export function processStats(pid: number | undefined): ProcessStats {
  if (pid === undefined) return { cpuSeconds: 0, peakBytes: 0 };
  const stat = read(`/proc/${pid}/stat`);
  // The command's name may hold spaces; what follows it does not.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const userTicks = Number(fields[11] ?? 0);
  const systemTicks = Number(fields[12] ?? 0);
  const peak = /VmHWM:\s+(\d+)/.exec(read(`/proc/${pid}/status`));
  let cpuSeconds = (userTicks + systemTicks) / TICKS_PER_SECOND;
  let peakBytes = Number(peak?.[1] ?? 0) * 1024;
  const children = read(`/proc/${pid}/task/${pid}/children`);
  for (const child of children.split(" ").filter(Boolean)) {
    const stats = processStats(Number(child));
    cpuSeconds += stats.cpuSeconds;
    peakBytes += stats.peakBytes;
  }
  return { cpuSeconds, peakBytes };
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
