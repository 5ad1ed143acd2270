/** Names the messages whose JSON form is not an object of their protobuf fields. */
import type { SpecialForm } from '#api/schema/table';

const META = 'k8s.io.apimachinery.pkg.apis.meta.v1';
const EXTENSIONS = 'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1';

export const SPECIAL_FORMS: ReadonlyMap<string, SpecialForm> = new Map([
  [`${META}.Time`, 'time'],
  [`${META}.MicroTime`, 'microTime'],
  [`${META}.Duration`, 'duration'],
  [`${META}.FieldsV1`, 'rawJson'],
  ['k8s.io.apimachinery.pkg.api.resource.Quantity', 'quantity'],
  ['k8s.io.apimachinery.pkg.util.intstr.IntOrString', 'intOrString'],
  ['k8s.io.apimachinery.pkg.runtime.RawExtension', 'rawExtension'],
  [`${EXTENSIONS}.JSON`, 'rawJson'],
  [`${EXTENSIONS}.JSONSchemaPropsOrArray`, 'schemaOrArray'],
  [`${EXTENSIONS}.JSONSchemaPropsOrBool`, 'schemaOrBool'],
  [`${EXTENSIONS}.JSONSchemaPropsOrStringArray`, 'schemaOrStringArray'],
]);

/** Messages that only help upstream's own code: they are never part of an object. */
export const NOT_IN_OBJECTS: ReadonlySet<string> = new Set([
  `${META}.Timestamp`,
  `${META}.TypeMeta`,
  'k8s.io.apimachinery.pkg.api.resource.QuantityValue',
  'k8s.io.apimachinery.pkg.runtime.TypeMeta',
  'k8s.io.apimachinery.pkg.runtime.Unknown',
]);
