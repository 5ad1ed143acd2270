/** What comes of looking for a node for a pod. */
import type { PodClaims } from './claims.ts';
import type { Refused } from './framework/placement.ts';
import type { Preemption } from './preemption/preemption-planner.ts';

export type Decision =
  | { readonly kind: 'place'; readonly node: string; readonly claims: PodClaims }
  | {
      readonly kind: 'refuse';
      readonly refused: Refused;
      readonly claims: PodClaims;
      readonly preemption: Preemption | undefined;
    };

export type Refusing = Extract<Decision, { readonly kind: 'refuse' }>;
