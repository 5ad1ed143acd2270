/** One version of a custom kind as the registry knows kinds: everything follows from its definition. */
import { isConditionTrue } from '#api/meta/conditions';
import type { CustomResourceDefinition } from '#api/extensions/custom-resource-definition';
import { fieldPath, valueAt, withValueAt } from '#api/extensions/json-path';
import { printerColumns } from '#api/extensions/printer-columns';
import { customMessage } from '#api/extensions/custom-message';
import { checkLists } from '#api/extensions/schema/check-lists';
import { checkValue } from '#api/extensions/schema/check';
import { shapeObject } from '#api/extensions/schema/shape';
import { compileSchema, type StructuralSchema } from '#api/extensions/schema/structural';
import { type FieldError, invalid } from '#api/meta/field-error';
import type { JsonObject } from '#api/meta/json-value';
import { checkDnsSubdomain } from '#api/meta/names';
import type { ApiObject } from '#api/object';
import { defineResource, type ResourceDefinition, type ScaleAccess } from '#api/resource';
import type { CustomResourceDefinitionVersion, CustomResourceSubresourceScale } from '#api/types/apiextensions-v1';

export type CustomKind = { readonly definition: ResourceDefinition; readonly schema: StructuralSchema };

const EVERYTHING: StructuralSchema = compileSchema({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });

export function customKind(crd: CustomResourceDefinition, version: CustomResourceDefinitionVersion): CustomKind {
  const given = version.schema?.openAPIV3Schema;
  const schema = given === undefined ? EVERYTHING : compileSchema(given);
  const { status, scale } = version.subresources ?? {};
  const { kind, plural, ...names } = crd.status?.acceptedNames ?? crd.spec.names;
  const identity = {
    group: crd.spec.group,
    version: version.name,
    kind,
    plural,
    namespaced: crd.spec.scope === 'Namespaced',
  };
  const definition = defineResource<ApiObject>(identity, {
    ...names,
    hasStatus: status !== undefined,
    generations: 'always',
    updates: 'conditional',
    schema: customMessage(schema, identity),
    ...(scale === undefined ? {} : { scale: scaleAccess(scale) }),
    applyDefaults: (object) => shapeObject(schema, object as JsonObject).value as ApiObject,
    prepareForCreate: status === undefined ? (object) => object : withoutStatus,
    validateName: checkDnsSubdomain,
    validate: (object) => checkObject({ schema, scale }, object),
    validateStatusUpdate: (object) => checkStatus({ schema, scale }, object),
    ...deprecation(crd, version),
    columns: printerColumns(version.additionalPrinterColumns),
    selectableFields: selectableFields(version),
  });
  return { definition, schema };
}

type Rules = {
  readonly schema: StructuralSchema;
  readonly scale: CustomResourceSubresourceScale | undefined;
};

function checkObject({ schema, scale }: Rules, object: ApiObject): readonly FieldError[] {
  return [
    ...checkValue(schema, object),
    ...(scale === undefined ? [] : [...checkScale(scale, object, 'spec'), ...checkScale(scale, object, 'status')]),
    ...checkLists(schema, object),
  ];
}

/** Nothing new may be made of a kind that is being removed. */
export function isTerminating({ status }: CustomResourceDefinition): boolean {
  return isConditionTrue(status?.conditions, 'Terminating');
}

function withoutStatus(object: ApiObject): ApiObject {
  const { status: _, ...rest } = object as ApiObject & { readonly status?: unknown };
  return rest;
}

function checkStatus({ schema, scale }: Rules, object: ApiObject): readonly FieldError[] {
  const part = schema.properties.get('status');
  const status = valueAt(object, ['status']);
  return [
    ...(part === undefined || status === undefined ? [] : checkValue(part, status, 'status')),
    ...(scale === undefined ? [] : checkScale(scale, object, 'status')),
    ...checkLists(schema, { status }),
  ];
}

const INT32_MAX = 2_147_483_647;

function checkScale(
  scale: CustomResourceSubresourceScale,
  object: ApiObject,
  part: 'spec' | 'status',
): readonly FieldError[] {
  const path = part === 'spec' ? scale.specReplicasPath : scale.statusReplicasPath;
  const value = valueAt(object, fieldPath(path));
  if (value === undefined) return [];
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return [invalid(path, 0, `${path} accessor error: ${JSON.stringify(value)} is not a whole number, expected int64`)];
  }
  if (value < 0) return [invalid(path, value, 'should be a non-negative integer')];
  return value > INT32_MAX ? [invalid(path, value, `should be less than or equal to ${INT32_MAX}`)] : [];
}

function scaleAccess(scale: CustomResourceSubresourceScale): ScaleAccess<ApiObject> {
  const [spec, status] = [fieldPath(scale.specReplicasPath), fieldPath(scale.statusReplicasPath)];
  const selector = scale.labelSelectorPath ? fieldPath(scale.labelSelectorPath) : undefined;
  const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
  return {
    specReplicas: (object) => count(valueAt(object, spec)),
    statusReplicas: (object) => count(valueAt(object, status)),
    selector: (object) => {
      const value = selector === undefined ? undefined : valueAt(object, selector);
      return typeof value === 'string' ? value : '';
    },
    withReplicas: (object, replicas) => withValueAt(object as JsonObject, spec, replicas) as ApiObject,
  };
}

function deprecation(
  { spec }: CustomResourceDefinition,
  { name, deprecated, deprecationWarning }: CustomResourceDefinitionVersion,
): Pick<ResourceDefinition, 'deprecation'> {
  if (deprecated !== true) return {};
  return { deprecation: deprecationWarning ?? `${spec.group}/${name} ${spec.names.kind} is deprecated` };
}

function selectableFields({
  selectableFields = [],
}: CustomResourceDefinitionVersion): ResourceDefinition['selectableFields'] {
  return Object.fromEntries(
    selectableFields.map(({ jsonPath }) => {
      const path = fieldPath(jsonPath);
      const read = (object: ApiObject): string => {
        const value = valueAt(object, path);
        return value === undefined || value === null ? '' : String(value as string | number | boolean);
      };
      return [path.join('.'), read];
    }),
  );
}
