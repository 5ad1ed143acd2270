/** Workloads as they were written before `apps/v1`: the selector followed from the template, and updates went another way. */
import { ROLLBACK_TO } from '../apps/rollback-to.ts';
import type * as former from '../types/extensions-v1beta1.ts';
import type * as apps from '../types/apps-v1.ts';
import type { PodTemplateSpec } from '../types/core-v1.ts';
import type { LabelSelector, ObjectMeta } from '../types/meta-v1.ts';
import { translation } from './former-version.ts';

// No limit, as those versions wrote it.
const NO_LIMIT = 2_147_483_647;
const FEW_REVISIONS = 2;

type Selecting = { readonly selector?: LabelSelector; readonly template?: PodTemplateSpec };

/** Without a selector, the labels of the template are it. */
function selectorOf({ selector, template }: Selecting): { readonly selector?: LabelSelector } {
  const labels = template?.metadata?.labels;
  if (selector !== undefined && Object.keys(selector).length > 0) return { selector };
  return labels === undefined ? {} : { selector: { matchLabels: labels } };
}

type DeploymentDefaults = Pick<apps.DeploymentSpec, 'revisionHistoryLimit' | 'progressDeadlineSeconds'> & {
  readonly share: number | string;
};

const deployments = ({ share, ...defaults }: DeploymentDefaults) =>
  translation<former.Deployment, apps.Deployment>({
    toStored: ({ spec: { rollbackTo, strategy, ...spec }, ...deployment }) => ({
      ...deployment,
      metadata: asking(deployment.metadata, rollbackTo),
      spec: { ...defaults, ...spec, ...selectorOf(spec), strategy: withShares(strategy, share) } as apps.DeploymentSpec,
    }),
    fromStored: ({ metadata, spec, ...deployment }) => {
      const { [ROLLBACK_TO]: asked, ...annotations } = metadata.annotations ?? {};
      if (!asked) return { ...deployment, metadata, spec };
      return {
        ...deployment,
        metadata: { ...metadata, annotations },
        spec: { ...spec, rollbackTo: { revision: Number(asked) } },
      };
    },
  });

function asking(metadata: ObjectMeta, rollbackTo: former.RollbackConfig | undefined): ObjectMeta {
  if (rollbackTo === undefined) return metadata;
  return { ...metadata, annotations: { ...metadata.annotations, [ROLLBACK_TO]: String(rollbackTo.revision ?? 0) } };
}

function withShares(strategy: former.DeploymentStrategy = {}, share: number | string): apps.DeploymentStrategy {
  if ((strategy.type || 'RollingUpdate') !== 'RollingUpdate') return strategy;
  const rollingUpdate = { maxSurge: share, maxUnavailable: share, ...strategy.rollingUpdate };
  return { ...strategy, type: 'RollingUpdate', rollingUpdate };
}

export const EXTENSIONS_DEPLOYMENT = deployments({
  share: 1,
  revisionHistoryLimit: NO_LIMIT,
  progressDeadlineSeconds: NO_LIMIT,
});
export const FIRST_DEPLOYMENT = deployments({ share: '25%', revisionHistoryLimit: FEW_REVISIONS });

export const EXTENSIONS_REPLICA_SET = translation<former.ReplicaSet, apps.ReplicaSet>({
  toStored: ({ spec, ...set }) => ({ ...set, spec: { ...spec, ...selectorOf(spec) } as apps.ReplicaSetSpec }),
  fromStored: (set) => set as former.ReplicaSet,
});

/** Pods were replaced when somebody deleted them, and not before. */
const ON_DELETE = { type: 'OnDelete' };

export const EXTENSIONS_DAEMON_SET = translation<former.DaemonSet, apps.DaemonSet>({
  toStored: ({ spec: { templateGeneration: _generation, updateStrategy, ...spec }, ...set }) => ({
    ...set,
    spec: { ...spec, ...selectorOf(spec), updateStrategy: withType(updateStrategy) } as apps.DaemonSetSpec,
  }),
  fromStored: (set) => set,
});

export const FIRST_STATEFUL_SET = translation<apps.StatefulSet, apps.StatefulSet>({
  toStored: ({ spec, ...set }) => ({
    ...set,
    spec: { ...spec, ...selectorOf(spec), updateStrategy: withType(spec.updateStrategy) } as apps.StatefulSetSpec,
  }),
  fromStored: (set) => set,
});

function withType<S extends { readonly type?: string }>(strategy: S | undefined): S | typeof ON_DELETE {
  return strategy?.type ? strategy : { ...strategy, ...ON_DELETE };
}
