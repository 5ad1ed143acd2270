/** A class of devices: which devices belong to it, and how they are set up. */
import { AGE_COLUMN, NAME_COLUMN } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as resource from '../types/resource-v1.ts';
import { validateConfiguration, validateSelectors } from './device-claim.ts';
import { MAX_CONFIGURATIONS } from './limits.ts';
import { validateList } from './lists.ts';

export type DeviceClass = resource.DeviceClass;

export const DeviceClass = defineResource<DeviceClass>(
  { group: 'resource.k8s.io', version: 'v1', kind: 'DeviceClass', plural: 'deviceclasses', namespaced: false },
  {
    generations: 'always',
    prepareForCreate: withoutExtendedResource,
    prepareForUpdate: withoutExtendedResource,
    validateName: checkDnsSubdomain,
    validate: ({ spec }) => [...validate(spec)],
    columns: [NAME_COLUMN, AGE_COLUMN],
  },
);

/** The feature is off by default: pods ask for such devices through claims. */
function withoutExtendedResource(deviceClass: DeviceClass): DeviceClass {
  const { extendedResourceName: _name, ...spec } = deviceClass.spec;
  return { ...deviceClass, spec };
}

function* validate({ selectors, config }: resource.DeviceClassSpec): Generator<FieldError> {
  yield* validateSelectors(selectors, 'spec.selectors');
  yield* validateList(config, 'spec.config', { max: MAX_CONFIGURATIONS, validate: validateConfiguration });
}
