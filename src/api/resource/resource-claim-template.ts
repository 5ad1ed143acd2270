/** What the claims are like that are made for pods, each for one. */
import { AGE_COLUMN, NAME_COLUMN } from '../meta/columns.ts';
import { invalid } from '../meta/field-error.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { validateAnnotations, validateLabels } from '../meta/validate-labels.ts';
import { defineResource } from '../resource.ts';
import type * as resource from '../types/resource-v1.ts';
import { validateDeviceClaim } from './device-claim.ts';
import { withoutGatedRequests, withRequestDefaults } from './requests.ts';

export type ResourceClaimTemplate = resource.ResourceClaimTemplate;

export const ResourceClaimTemplate = defineResource<ResourceClaimTemplate>(
  {
    group: 'resource.k8s.io',
    version: 'v1',
    kind: 'ResourceClaimTemplate',
    plural: 'resourceclaimtemplates',
    namespaced: true,
  },
  {
    applyDefaults: (template) => withDevices(template, withRequestDefaults),
    prepareForCreate: (template) => withDevices(template, withoutGatedRequests),
    validateName: checkDnsSubdomain,
    validate: ({ spec: { metadata, spec } }) => [
      ...validateLabels(metadata?.labels, 'spec.metadata.labels'),
      ...validateAnnotations(metadata?.annotations, 'spec.metadata.annotations'),
      ...validateDeviceClaim(spec.devices ?? {}, 'spec.spec.devices'),
    ],
    validateUpdate: (next, stored) =>
      semanticEqual(next.spec, stored.spec) ? [] : [invalid('spec', next.spec, 'field is immutable')],
    columns: [NAME_COLUMN, AGE_COLUMN],
  },
);

function withDevices(
  template: ResourceClaimTemplate,
  change: (claim: resource.DeviceClaim | undefined) => resource.DeviceClaim,
): ResourceClaimTemplate {
  const { spec } = template.spec;
  return { ...template, spec: { ...template.spec, spec: { ...spec, devices: change(spec.devices) } } };
}
