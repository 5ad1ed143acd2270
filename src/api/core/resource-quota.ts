/** How much everything in a namespace may use together. */
import { AGE_COLUMN, column, NAME_COLUMN } from '../meta/columns.ts';
import { canonicalQuantity } from '../meta/quantity.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';
import { validateQuota, validateQuotaStatus, validateQuotaUpdate } from './resource-quota/validation.ts';

export type ResourceQuota = core.ResourceQuota;

export const ResourceQuota = defineResource<ResourceQuota>(
  { group: '', version: 'v1', kind: 'ResourceQuota', plural: 'resourcequotas', namespaced: true },
  {
    shortNames: ['quota'],
    hasStatus: true,
    prepareForCreate: (quota) => ({ ...quota, status: {} }),
    validateName: checkDnsSubdomain,
    validate: (quota) => [...validateQuota(quota)],
    validateUpdate: (next, stored) => [...validateQuotaUpdate(next, stored)],
    validateStatusUpdate: (next) => [...validateQuotaStatus(next)],
    columns: [
      NAME_COLUMN,
      column('Request', 'What is used of what may be asked for.', (quota) => usageText(quota, 'requests')),
      column('Limit', 'What is used of what limits may add up to.', (quota) => usageText(quota, 'limits')),
      AGE_COLUMN,
    ],
  },
);

function usageText({ status }: ResourceQuota, side: 'requests' | 'limits'): string {
  const isLimit = (name: string): boolean => name.startsWith('limits.');
  const amount = (text: string | undefined): string => (text === undefined ? '0' : canonicalQuantity(text));
  const shown = Object.entries(status?.hard ?? {}).filter(([name]) => isLimit(name) === (side === 'limits'));
  const texts = shown.map(([name, hard]) => `${name}: ${amount(status?.used?.[name])}/${amount(hard)}`);
  return texts.toSorted().join(', ');
}
