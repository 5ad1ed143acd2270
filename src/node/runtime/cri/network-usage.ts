/** Reads the traffic of a network namespace from `/proc/<pid>/net/dev`. */
import { readFileSync } from 'node:fs';
import type { SandboxStats } from '../runtime.ts';

export type NetworkUsage = NonNullable<SandboxStats['network']>;

// Columns after the interface's name: the first half is about receiving, the second about sending.
const RECEIVED = 0;
const SENT = 8;

/** Undefined when the process is gone. */
export function readNetworkUsage(pid: number): NetworkUsage | undefined {
  try {
    return decodeNetworkUsage(readFileSync(`/proc/${pid}/net/dev`, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EINVAL'))
      return undefined;
    throw error;
  }
}

/** The sum over all interfaces but the loopback, which carries nothing in or out. */
export function decodeNetworkUsage(text: string): NetworkUsage {
  const rows = text
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([name, columns]) => columns !== undefined && name?.trim() !== 'lo')
    .map(([, columns]) => (columns ?? '').trim().split(/\s+/).map(Number));
  const sum = (column: number): number => rows.reduce((total, row) => total + (row[column] ?? 0), 0);
  return { receivedBytes: sum(RECEIVED), sentBytes: sum(SENT) };
}
