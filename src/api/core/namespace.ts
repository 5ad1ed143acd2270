/** A namespace: a scope for names, which is gone only when everything in it is gone. */
import { AGE_COLUMN, NAME_COLUMN, column } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { invalid } from '../meta/field-error.ts';
import { checkDnsLabel } from '../meta/names.ts';
import { validateFinalizerName } from '../meta/validate-object-meta.ts';
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';

export type Namespace = core.Namespace;

/** Holds a namespace until its content is gone. */
const NAMESPACE_FINALIZER = 'kubernetes';

/** Carries the namespace's name, so that selectors of namespaces can name one. */
const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

export const Namespace = defineResource<Namespace>(
  {
    group: '',
    version: 'v1',
    kind: 'Namespace',
    plural: 'namespaces',
    namespaced: false,
  },
  {
    shortNames: ['ns'],
    // As upstream has it: nobody empties a cluster with one request.
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    hasStatus: true,
    applyDefaults,
    prepareForCreate,
    prepareForUpdate: (next, stored) => ({ ...next, spec: { ...next.spec, ...finalizersOf(stored) } }),
    validateName: checkDnsLabel,
    validate: (namespace) => [...validate(namespace)],
    validateStatusUpdate: (next) => [...validateStatusUpdate(next)],
    columns: [
      NAME_COLUMN,
      column('Status', 'Whether the namespace can be used or is being emptied.', ({ status }) => status?.phase ?? ''),
      AGE_COLUMN,
    ],
    selectableFields: {
      'status.phase': ({ status }) => status?.phase ?? '',
    },
  },
);

function applyDefaults(namespace: Namespace): Namespace {
  const { metadata, status } = namespace;
  const labels = metadata.name === '' ? metadata.labels : { ...metadata.labels, [NAMESPACE_NAME_LABEL]: metadata.name };
  return {
    ...namespace,
    metadata: { ...metadata, ...(labels === undefined ? {} : { labels }) },
    status: { ...status, phase: status?.phase || 'Active' },
  };
}

/** Every namespace is emptied before it goes. */
function prepareForCreate(namespace: Namespace): Namespace {
  const finalizers = namespace.spec.finalizers ?? [];
  return {
    ...namespace,
    spec: {
      ...namespace.spec,
      finalizers: finalizers.includes(NAMESPACE_FINALIZER) ? finalizers : [...finalizers, NAMESPACE_FINALIZER],
    },
    status: { phase: 'Active' },
  };
}

/** Only `/finalize` changes them. */
const finalizersOf = ({ spec: { finalizers } }: Namespace): core.NamespaceSpec =>
  finalizers === undefined ? {} : { finalizers };

function* validate({ spec: { finalizers = [] } }: Namespace): Generator<FieldError> {
  for (const name of finalizers) yield* validateFinalizerName(name, 'spec.finalizers');
}

function* validateStatusUpdate({ metadata, status }: Namespace): Generator<FieldError> {
  const isDying = metadata.deletionTimestamp !== undefined;
  const phase = status?.phase ?? '';
  if (!isDying && phase !== 'Active')
    yield invalid('status.Phase', phase, "may only be 'Active' if `deletionTimestamp` is empty");
  if (isDying && phase !== 'Terminating')
    yield invalid('status.Phase', phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
}
