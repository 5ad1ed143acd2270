/** Every suite there is, in the order in which they run. */
import { apiSuite } from './api/api-suite.ts';
import { UsageError } from './usage-error.ts';
import { idleSuite } from './cluster/idle-suite.ts';
import { decodeSuite } from './decode/decode-suite.ts';
import { podSuite } from './cluster/pod-suite.ts';
import { scaleSuite } from './scale/scale-suite.ts';
import { simulationSuite } from './scale/simulation-suite.ts';
import { schedulingSuite } from './scheduling/scheduling-suite.ts';
import { startSuite } from './cluster/start-suite.ts';
import { readsSuite } from './reads/reads-suite.ts';
import { storeSuite } from './store/store-suite.ts';
import type { Suite } from './suite.ts';
import { writesSuite } from './writes/writes-suite.ts';

export const SUITES: readonly Suite[] = [
  storeSuite,
  decodeSuite,
  apiSuite,
  readsSuite,
  writesSuite,
  schedulingSuite,
  scaleSuite,
  simulationSuite,
  startSuite,
  podSuite,
  idleSuite,
];

export function chooseSuites(names: readonly string[]): readonly Suite[] {
  if (names.length === 0) return SUITES;
  return names.map((name) => {
    const found = SUITES.find((suite) => suite.name === name);
    if (found !== undefined) return found;
    const known = SUITES.map((suite) => suite.name).join(', ');
    throw new UsageError(`Cannot run suite ${JSON.stringify(name)}: expected one of ${known}`);
  });
}
