/** A driver that brings volumes into the cluster, and what it needs of the cluster to do so. */
import { AGE_COLUMN, booleanColumn, column, NAME_COLUMN, NONE } from '../meta/columns.ts';
import { UNSET } from '../core/volume/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { duplicate, invalid, notSupported } from '../meta/field-error.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { defineResource } from '../resource.ts';
import type * as storage from '../types/storage-v1.ts';

export type CSIDriver = storage.CSIDriver;

export const CSIDriver = defineResource<CSIDriver>(
  {
    group: 'storage.k8s.io',
    version: 'v1',
    kind: 'CSIDriver',
    plural: 'csidrivers',
    namespaced: false,
  },
  {
    applyDefaults: (driver) => ({ ...driver, spec: defaultSpec(driver.spec) }),
    validateName: checkDnsSubdomain,
    validate: ({ spec }) => [...validate(spec)],
    validateUpdate: (next, stored) => [...validateUpdate(next.spec, stored.spec)],
    columns: [
      NAME_COLUMN,
      booleanColumn(
        'AttachRequired',
        'Whether volumes are attached to a node before they are mounted.',
        ({ spec }) => spec.attachRequired ?? true,
      ),
      booleanColumn(
        'PodInfoOnMount',
        'Whether it is told which pod it mounts for.',
        ({ spec }) => spec.podInfoOnMount ?? false,
      ),
      booleanColumn(
        'StorageCapacity',
        'Whether it says how much it can provide.',
        ({ spec }) => spec.storageCapacity ?? false,
      ),
      column('TokenRequests', 'For whom it is given tokens of the pod.', tokenRequestsText),
      booleanColumn(
        'RequiresRepublish',
        'Whether it is called again while volumes are mounted.',
        ({ spec }) => spec.requiresRepublish ?? false,
      ),
      column(
        'Modes',
        'Which lives its volumes have.',
        ({ spec }) => (spec.volumeLifecycleModes ?? []).join(',') || NONE,
      ),
      AGE_COLUMN,
    ],
  },
);

function tokenRequestsText({ spec: { tokenRequests } }: CSIDriver): string {
  return tokenRequests === undefined ? UNSET : tokenRequests.map(({ audience }) => audience).join(',');
}

function defaultSpec(spec: storage.CSIDriverSpec): storage.CSIDriverSpec {
  const { volumeLifecycleModes: modes = [] } = spec;
  return {
    ...spec,
    attachRequired: spec.attachRequired ?? true,
    podInfoOnMount: spec.podInfoOnMount ?? false,
    storageCapacity: spec.storageCapacity ?? false,
    fsGroupPolicy: spec.fsGroupPolicy ?? 'ReadWriteOnceWithFSType',
    volumeLifecycleModes: modes.length === 0 ? ['Persistent'] : modes,
    requiresRepublish: spec.requiresRepublish ?? false,
    seLinuxMount: spec.seLinuxMount ?? false,
  };
}

const FS_GROUP_POLICIES: readonly string[] = ['File', 'None', 'ReadWriteOnceWithFSType'];
const LIFECYCLE_MODES: readonly string[] = ['Persistent', 'Ephemeral'];
const UPDATE_PERIOD_MIN_SECONDS = 10;

function* validate(spec: storage.CSIDriverSpec): Generator<FieldError> {
  const { fsGroupPolicy, tokenRequests = [], volumeLifecycleModes = [] } = spec;
  if (fsGroupPolicy !== undefined && !FS_GROUP_POLICIES.includes(fsGroupPolicy))
    yield notSupported('spec.fsGroupPolicy', fsGroupPolicy, FS_GROUP_POLICIES);
  yield* validateTokenRequests(tokenRequests, 'spec.tokenRequests');
  for (const mode of volumeLifecycleModes)
    if (!LIFECYCLE_MODES.includes(mode)) yield notSupported('spec.volumeLifecycleModes', mode, LIFECYCLE_MODES);
  const { nodeAllocatableUpdatePeriodSeconds: period = UPDATE_PERIOD_MIN_SECONDS } = spec;
  if (period < UPDATE_PERIOD_MIN_SECONDS)
    yield invalid(
      'spec.nodeAllocatableUpdatePeriodSeconds',
      period,
      `must be greater than or equal to ${UPDATE_PERIOD_MIN_SECONDS} seconds`,
    );
}

const TOKEN_MIN_SECONDS = 10 * 60;
const TOKEN_MAX_SECONDS = 2 ** 32;

function* validateTokenRequests(requests: readonly storage.TokenRequest[], field: string): Generator<FieldError> {
  const audiences = new Set<string>();
  for (const [index, { audience, expirationSeconds }] of requests.entries()) {
    if (audiences.has(audience)) yield duplicate(`${field}[${index}].audience`, audience);
    else if (expirationSeconds !== undefined)
      yield* validateExpiration(expirationSeconds, `${field}[${index}].expirationSeconds`);
    audiences.add(audience);
  }
}

function* validateExpiration(seconds: number, field: string): Generator<FieldError> {
  if (seconds < TOKEN_MIN_SECONDS) yield invalid(field, seconds, 'may not specify a duration less than 10 minutes');
  if (seconds > TOKEN_MAX_SECONDS) yield invalid(field, seconds, 'may not specify a duration larger than 2^32 seconds');
}

function* validateUpdate(next: storage.CSIDriverSpec, stored: storage.CSIDriverSpec): Generator<FieldError> {
  // Upstream names the first field as it never was spelled.
  if (next.attachRequired !== stored.attachRequired)
    yield invalid('spec.attachedRequired', next.attachRequired, 'field is immutable');
  if (!semanticEqual(next.volumeLifecycleModes, stored.volumeLifecycleModes))
    yield invalid('spec.volumeLifecycleModes', next.volumeLifecycleModes, 'field is immutable');
}
