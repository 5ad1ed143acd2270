/** Which runtimes a cluster can be started with here. */
import { isInside } from '../namespace.ts';
import type { BenchContext } from '../suite.ts';
import type { BenchRuntime } from './bench-cluster.ts';

export function startable({ progress }: Pick<BenchContext, 'progress'>): readonly BenchRuntime[] {
  if (isInside()) return ['hollow', 'cri'];
  progress('left out: containers need root, and are started in a network namespace only');
  return ['hollow'];
}
