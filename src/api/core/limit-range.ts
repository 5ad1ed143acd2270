/** Bounds and defaults for what pods, containers and claims of a namespace ask for. */
import { CREATED_AT_COLUMN, NAME_COLUMN } from '../meta/columns.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';
import { defaultLimitRange } from './limit-range/defaults.ts';
import { validateLimitRange } from './limit-range/validation.ts';

export type LimitRange = core.LimitRange;

export const LimitRange = defineResource<LimitRange>(
  { group: '', version: 'v1', kind: 'LimitRange', plural: 'limitranges', namespaced: true },
  {
    createdByUpdates: true,
    shortNames: ['limits'],
    applyDefaults: defaultLimitRange,
    validateName: checkDnsSubdomain,
    validate: (range) => [...validateLimitRange(range)],
    columns: [NAME_COLUMN, CREATED_AT_COLUMN],
  },
);
