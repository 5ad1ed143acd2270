/** Builds the pods of a job; those of an indexed one know which index they work on. */
import { Job } from '#api/batch/job';
import { controllerReferences } from '#api/meta/owner-reference';
import type { Unsaved } from '#api/object';
import type { Container, Pod, PodSpec } from '#api/types/core-v1';
import { judgeFailure } from './failure-policy.ts';
import type { NewPod } from './plan-work.ts';
import {
  COMPLETION_INDEX,
  failuresOfIndex,
  INDEX_FAILURES,
  INDEX_IGNORED_FAILURES,
  TRACKING_FINALIZER,
} from './pod-facts.ts';

// What the server leaves of a name before it appends five characters.
const PREFIX_MAX = 58;
const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';

export function buildPod(job: Job, { index, after }: NewPod): Unsaved<Pod> {
  const { metadata: { labels, annotations, finalizers = [] } = {}, spec } = job.spec.template;
  const known = index === undefined ? {} : { [COMPLETION_INDEX]: String(index) };
  const failures = job.spec.backoffLimitPerIndex === undefined ? {} : inheritedFailures(job, after);
  return {
    metadata: {
      generateName: prefixOf(job.metadata.name, index),
      namespace: job.metadata.namespace ?? '',
      labels: { ...labels, ...known },
      annotations: { ...annotations, ...known, ...failures },
      finalizers: [...finalizers.filter((name) => name !== TRACKING_FINALIZER), TRACKING_FINALIZER],
      ownerReferences: controllerReferences(job, Job),
    },
    spec: index === undefined ? spec : { ...withVariable(spec), hostname: `${job.metadata.name}-${index}` },
  };
}

function prefixOf(name: string, index: number | undefined): string {
  if (index === undefined) return `${name}-`;
  const suffix = `-${index}-`;
  return `${name.slice(0, PREFIX_MAX - suffix.length)}${suffix}`;
}

/** How often the index has failed so far, in the terms of its last pod. */
function inheritedFailures({ spec }: Job, after: Pod | undefined): Readonly<Record<string, string>> {
  if (after === undefined) return { [INDEX_FAILURES]: '0' };
  const { counted, ignored } = failuresOfIndex(after);
  const isIgnored = judgeFailure(spec.podFailurePolicy, after).action === 'Ignore';
  const ignoredNow = ignored + (isIgnored ? 1 : 0);
  return {
    [INDEX_FAILURES]: String(counted + (isIgnored ? 0 : 1)),
    ...(ignoredNow === 0 ? {} : { [INDEX_IGNORED_FAILURES]: String(ignoredNow) }),
  };
}

function withVariable(spec: PodSpec): PodSpec {
  const { containers, initContainers } = spec;
  return {
    ...spec,
    containers: containers.map(tellIndex),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(tellIndex) }),
  };
}

function tellIndex(container: Container): Container {
  const { env = [] } = container;
  if (env.some(({ name }) => name === INDEX_VARIABLE)) return container;
  const valueFrom = { fieldRef: { fieldPath: `metadata.labels['${COMPLETION_INDEX}']` } };
  return { ...container, env: [...env, { name: INDEX_VARIABLE, valueFrom }] };
}
