/** Whether a part of the control plane is well: read when somebody asks, never stored. */
import { column, NAME_COLUMN } from '../meta/columns.ts';
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';

export type ComponentStatus = core.ComponentStatus;

const health = ({ conditions = [] }: ComponentStatus): core.ComponentCondition | undefined =>
  conditions.find(({ type }) => type === 'Healthy');

export const ComponentStatus = defineResource<ComponentStatus>(
  { group: '', version: 'v1', kind: 'ComponentStatus', plural: 'componentstatuses', namespaced: false },
  {
    verbs: ['get', 'list'],
    shortNames: ['cs'],
    deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
    columns: [
      NAME_COLUMN,
      column('Status', 'Whether the component is well.', (status) => {
        const found = health(status)?.status;
        return found === undefined ? 'Unknown' : found === 'True' ? 'Healthy' : 'Unhealthy';
      }),
      column('Message', 'What the check of its health said.', (status) => health(status)?.message ?? ''),
      column('Error', 'Why its health could not be checked.', (status) => health(status)?.error ?? ''),
    ],
  },
);
