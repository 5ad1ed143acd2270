/** What the whole machine uses, from the kernel's own counts. */
import { readFileSync } from 'node:fs';
import type { Reading } from './usage.ts';

// The kernel counts processor time in hundredths of a second, whatever its own clock.
const MICROS_IN_TICK = 10_000;
const KIBI = 1024;

export function readNodeUsage(atMs: number): Reading {
  const meminfo = readFileSync('/proc/meminfo', 'utf8');
  return {
    atMs,
    cpuMicros: busyTicks(readFileSync('/proc/stat', 'utf8')) * MICROS_IN_TICK,
    memoryWorkingSetBytes: kibiOf(meminfo, 'MemTotal') - kibiOf(meminfo, 'MemAvailable'),
  };
}

/** All time of all processors but what they idled or waited for disks; time of guests is in the user's already. */
export function busyTicks(stat: string): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (stat.split('\n')[0] ?? '')
    .split(/\s+/)
    .map(Number);
  return user + nice + system + irq + softirq + steal;
}

function kibiOf(meminfo: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? 0) * KIBI;
}
