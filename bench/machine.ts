/** What the figures were measured on. */
import { cpus, loadavg, release, totalmem } from 'node:os';

export type MachineFacts = {
  readonly node: string;
  readonly kernel: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  /** Of the minute before: other work makes every figure worse. */
  readonly load: number;
};

export function machineFacts(): MachineFacts {
  const cores = cpus();
  return {
    node: process.version,
    kernel: release(),
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}
