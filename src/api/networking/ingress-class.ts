/** Names the controller that serves the ingresses of a class. */
import { AGE_COLUMN, column, NAME_COLUMN, NONE } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { forbidden, invalid, notSupported, required, tooLong } from '../meta/field-error.ts';
import { byteLength, checkDnsLabel, checkDnsSubdomain, checkPathSegment } from '../meta/names.ts';
import { validateName } from '../meta/validate-labels.ts';
import { defineResource } from '../resource.ts';
import type * as networking from '../types/networking-v1.ts';

export type IngressClass = networking.IngressClass;

export const IngressClass = defineResource<IngressClass>(
  {
    group: 'networking.k8s.io',
    version: 'v1',
    kind: 'IngressClass',
    plural: 'ingressclasses',
    namespaced: false,
  },
  {
    generations: 'always',
    applyDefaults,
    validateName: checkDnsSubdomain,
    validate: ({ spec }) => [...validate(spec)],
    validateUpdate: (next, stored) =>
      next.spec.controller === stored.spec.controller
        ? []
        : [invalid('spec.controller', next.spec.controller ?? '', 'field is immutable')],
    columns: [
      NAME_COLUMN,
      column('Controller', 'Who serves its ingresses.', ({ spec }) => spec.controller ?? ''),
      column('Parameters', 'What tells the controller more.', parametersText),
      AGE_COLUMN,
    ],
  },
);

function applyDefaults(ingressClass: IngressClass): IngressClass {
  const { spec } = ingressClass;
  if (spec.parameters === undefined || spec.parameters.scope !== undefined) return ingressClass;
  return { ...ingressClass, spec: { ...spec, parameters: { ...spec.parameters, scope: 'Cluster' } } };
}

function parametersText({ spec: { parameters } }: IngressClass): string {
  if (parameters === undefined) return NONE;
  const { apiGroup, kind, name } = parameters;
  return apiGroup === undefined ? `${kind}/${name}` : `${kind}.${apiGroup}/${name}`;
}

const CONTROLLER_MAX_BYTES = 250;

function* validate({ controller = '', parameters }: networking.IngressClassSpec): Generator<FieldError> {
  if (controller === '') yield required('spec.controller');
  else {
    if (byteLength(controller) > CONTROLLER_MAX_BYTES) yield tooLong('spec.controller', CONTROLLER_MAX_BYTES);
    yield* validateDomainPrefixedPath(controller, 'spec.controller');
  }
  if (parameters !== undefined) yield* validateParameters(parameters, 'spec.parameters');
}

// What RFC 3986 allows in the path of a URL.
const PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const isPath = new RegExp(`^${PATH}$`);

function* validateDomainPrefixedPath(value: string, field: string): Generator<FieldError> {
  const [, host, path] = /^([^/]+)\/(.+)$/s.exec(value) ?? [];
  if (host === undefined || path === undefined) {
    yield invalid(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")');
    return;
  }
  yield* validateName(host, checkDnsSubdomain, field);
  if (!isPath.test(path)) yield invalid(field, path, `Invalid path (regex used for validation is '${PATH}')`);
}

const SCOPES: readonly string[] = ['Cluster', 'Namespace'];

function* validateParameters(
  parameters: networking.IngressClassParametersReference,
  field: string,
): Generator<FieldError> {
  yield* validateTypedReference(parameters, field);
  const { scope, namespace } = parameters;
  if (scope === undefined) yield required(`${field}.scope`);
  else if (!SCOPES.includes(scope)) yield notSupported(`${field}.scope`, scope, SCOPES);
  else if (scope === 'Cluster') {
    if (namespace !== undefined) yield forbidden(`${field}.namespace`, "`parameters.scope` is set to 'Cluster'");
  } else if (namespace === undefined) yield required(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'");
  else yield* validateName(namespace, checkDnsLabel, `${field}.namespace`);
}

/** A reference to an object of any kind: its group, its kind and its name. */
export function* validateTypedReference(
  { apiGroup, kind, name }: { readonly apiGroup?: string; readonly kind: string; readonly name: string },
  field: string,
): Generator<FieldError> {
  if (apiGroup !== undefined) yield* validateName(apiGroup, checkDnsSubdomain, `${field}.apiGroup`);
  if (kind === '') yield required(`${field}.kind`);
  else yield* validateName(kind, checkPathSegment, `${field}.kind`);
  if (name === '') yield required(`${field}.name`);
  else yield* validateName(name, checkPathSegment, `${field}.name`);
}
