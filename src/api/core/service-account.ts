/** An identity for the processes of a pod. */
import { AGE_COLUMN, NAME_COLUMN, column } from '../meta/columns.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';

export type ServiceAccount = core.ServiceAccount;

export const ServiceAccount = defineResource<ServiceAccount>(
  {
    group: '',
    version: 'v1',
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    namespaced: true,
  },
  {
    shortNames: ['sa'],
    validateName: checkDnsSubdomain,
    warnings: (account) => [...warnings(account)],
    columns: [
      NAME_COLUMN,
      column('Secrets', 'How many secrets pods with this account may mount.', ({ secrets = [] }) => secrets.length),
      AGE_COLUMN,
    ],
  },
);

const MOUNTABLE = 'kubernetes.io/enforce-mountable-secrets';

function* warnings({ metadata: { annotations = {} } }: ServiceAccount): Generator<string> {
  if (annotations[MOUNTABLE] !== undefined)
    yield `metadata.annotations[${MOUNTABLE}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`;
}
