/**
 * CPU time and memory of a process and its children, read from /proc.
 * Linux only: elsewhere, and for processes that are gone or unknown, all is 0.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { cpuUsage } from "node:process";

// The kernel's USER_HZ: 100 on every architecture Linux has today.
const TICKS_PER_SECOND = 100;

/** What a process has used until now. */
export interface ProcessStats {
  /** CPU time. */
  readonly cpuSeconds: number;
  /** The most that it has had in memory. */
  readonly peakBytes: number;
  /** What it has in memory now. */
  readonly residentBytes: number;
}

/** What that one has used. */
export function processStats(pid: number | undefined): ProcessStats {
  if (pid === undefined) {
    return { cpuSeconds: 0, peakBytes: 0, residentBytes: 0 };
  }
  const stat = read(`/proc/${pid}/stat`);
  // The command's name may hold spaces; what follows it does not.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const userTicks = Number(fields[11] ?? 0);
  const systemTicks = Number(fields[12] ?? 0);
  const status = read(`/proc/${pid}/status`);
  const peak = /VmHWM:\s+(\d+)/.exec(status);
  const resident = /VmRSS:\s+(\d+)/.exec(status);
  let cpuSeconds = (userTicks + systemTicks) / TICKS_PER_SECOND;
  let peakBytes = Number(peak?.[1] ?? 0) * 1024;
  let residentBytes = Number(resident?.[1] ?? 0) * 1024;
  const children = read(`/proc/${pid}/task/${pid}/children`);
  for (const child of children.split(" ").filter(Boolean)) {
    const stats = processStats(Number(child));
    cpuSeconds += stats.cpuSeconds;
    peakBytes += stats.peakBytes;
    residentBytes += stats.residentBytes;
  }
  return { cpuSeconds, peakBytes, residentBytes };
}

/** This process' own, without children, which brokers under test may be. */
export function ownCpuSeconds(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
}

/** How many files and sockets this process has open. */
export function openFiles(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
