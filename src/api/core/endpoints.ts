/** The addresses behind a service, in the form older clients read. */
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';

export type Endpoints = core.Endpoints;

export const Endpoints = defineResource<Endpoints>(
  {
    group: '',
    version: 'v1',
    kind: 'Endpoints',
    plural: 'endpoints',
    namespaced: true,
  },
  { shortNames: ['ep'], singular: 'endpoints' },
);
