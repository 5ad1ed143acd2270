/** A way to run pods that some nodes offer: its handler there, what it costs, and where it is. */
import { validateOverhead } from '../core/pod/resources.ts';
import { validateTolerations } from '../core/pod/taints.ts';
import { AGE_COLUMN, column, NAME_COLUMN } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { duplicate, invalid } from '../meta/field-error.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../meta/names.ts';
import { validateLabels, validateName } from '../meta/validate-labels.ts';
import { defineResource } from '../resource.ts';
import type { Toleration } from '../types/core-v1.ts';
import type * as node from '../types/node-v1.ts';

export type RuntimeClass = node.RuntimeClass;

export const RuntimeClass = defineResource<RuntimeClass>(
  { group: 'node.k8s.io', version: 'v1', kind: 'RuntimeClass', plural: 'runtimeclasses', namespaced: false },
  {
    updates: 'conditional',
    createdByUpdates: true,
    validateName: checkDnsSubdomain,
    validate: (runtime) => [...validate(runtime)],
    validateUpdate: (next, stored) =>
      next.handler === stored.handler ? [] : [invalid('handler', next.handler, 'field is immutable')],
    columns: [
      NAME_COLUMN,
      column('Handler', 'What runs the pods on their node.', ({ handler }) => handler),
      AGE_COLUMN,
    ],
  },
);

function* validate({ handler, overhead, scheduling }: RuntimeClass): Generator<FieldError> {
  yield* validateName(handler, checkDnsLabel, 'handler');
  yield* validateOverhead(overhead?.podFixed, 'overhead');
  if (scheduling === undefined) return;
  const { nodeSelector, tolerations = [] } = scheduling;
  yield* validateLabels(nodeSelector, 'scheduling.nodeSelector');
  yield* validateTolerations(tolerations, 'scheduling.tolerations');
  yield* validateDistinct(tolerations, 'scheduling.tolerations');
}

function* validateDistinct(tolerations: readonly Toleration[], field: string): Generator<FieldError> {
  const seen = new Set<string>();
  for (const [index, toleration] of tolerations.entries()) {
    const { key = '', operator = '', value = '', effect = '', tolerationSeconds = null } = toleration;
    const text = JSON.stringify([key, operator, value, effect, tolerationSeconds]);
    if (seen.has(text)) yield duplicate(`${field}[${index}]`, toleration);
    seen.add(text);
  }
}
