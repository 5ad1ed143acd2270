/** Gives every pod five minutes on a node that is not ready or out of reach, unless it says otherwise. */
import type * as core from '#api/types/core-v1';
import { deepFreeze } from '#base/deep-freeze';
import type { AdmissionPlugin } from './admission.ts';
import { changeSpec } from './change-spec.ts';

const TOLERATED = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
const TOLERATION_SECONDS = 300;

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  complete: true,
  of: ['/pods'],
  handles: ({ operation }) => operation === 'create',
  mutate: changeSpec((spec) => {
    const given = spec.tolerations ?? [];
    if (given.length === 0) return { ...spec, tolerations: ALL_ADDED };
    const added = TOLERATED.filter((key) => !given.some((toleration) => covers(toleration, key)));
    return added.length === 0 ? spec : { ...spec, tolerations: [...given, ...added.map(briefly)] };
  }),
};

function covers({ key = '', effect = '' }: core.Toleration, taint: string): boolean {
  return (key === taint || key === '') && (effect === 'NoExecute' || effect === '');
}

function briefly(key: string): core.Toleration {
  return { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: TOLERATION_SECONDS };
}

/** Most pods say nothing, and share this. */
const ALL_ADDED = deepFreeze(TOLERATED.map(briefly));
