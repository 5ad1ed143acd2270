/** Memory and processor time of a process and its children, read from /proc. */
import { readdirSync, readFileSync } from 'node:fs';

export type ProcessUse = { readonly rssBytes: number; readonly cpuMs: number };

/** Of Linux on every processor that Node runs on. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

type ProcessStat = { readonly pid: number; readonly parent: number; readonly name: string } & ProcessUse;

/** The process and its descendants, without those whose name starts with `except` and what they started. */
export function useOfTree(root: number, except: string): ProcessUse {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(statOf);
  const counted = all.filter(({ pid }) => pid === root);
  for (const found of counted) {
    counted.push(...all.filter(({ parent, name }) => parent === found.pid && !name.startsWith(except)));
  }
  return {
    rssBytes: counted.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
    cpuMs: counted.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  };
}

function statOf(pid: string): readonly ProcessStat[] {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return []; // it ended while we looked
  }
  // The name may hold blanks and brackets; the fields after it are numbered from the third.
  const nameEnd = stat.lastIndexOf(')');
  const fields = stat.slice(nameEnd + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return [
    {
      pid: Number(pid),
      parent: field(4),
      name: stat.slice(stat.indexOf('(') + 1, nameEnd),
      rssBytes: field(24) * PAGE_BYTES,
      cpuMs: ((field(14) + field(15)) / TICKS_PER_SECOND) * 1000,
    },
  ];
}
