/** Validates the environment of containers: single variables and whole sources. */
import type { FieldError } from '../../meta/field-error.ts';
import { invalid, required } from '../../meta/field-error.ts';
import type { NameCheck } from '../../meta/names.ts';
import { checkConfigKey, checkDnsSubdomain, checkEnvironmentName, checkPrefixOf } from '../../meta/names.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type { EnvFromSource, EnvVar } from '../../types/core-v1.ts';
import { ENVIRONMENT_FIELDS, validateFieldRef, validateResourceFieldRef } from './field-selector.ts';

export function* validateEnvironment(variables: readonly EnvVar[], field: string): Generator<FieldError> {
  for (const [index, variable] of variables.entries()) {
    const path = `${field}[${index}]`;
    if (variable.name === '') yield required(`${path}.name`);
    else yield* validateName(variable.name, checkEnvironmentName, `${path}.name`);
    yield* validateValueFrom(variable, `${path}.valueFrom`);
  }
}

export function* validateEnvironmentSources(sources: readonly EnvFromSource[], field: string): Generator<FieldError> {
  for (const [index, { prefix, configMapRef, secretRef }] of sources.entries()) {
    const path = `${field}[${index}]`;
    if (prefix) yield* validateName(prefix, checkEnvironmentName, `${path}.prefix`);
    if (configMapRef !== undefined) yield* validateSourceName(configMapRef.name, `${path}.configMapRef.name`);
    if (secretRef !== undefined) yield* validateSourceName(secretRef.name, `${path}.secretRef.name`);
    const count = countDefined([configMapRef, secretRef]);
    if (count === 0) yield invalid(field, '', 'must specify one of: `configMapRef` or `secretRef`');
    if (count > 1) yield invalid(field, '', 'may not have more than one field specified at a time');
  }
}

const checkSubdomainPrefix: NameCheck = (name) => checkPrefixOf(checkDnsSubdomain, name);

function* validateSourceName(name: string | undefined, field: string): Generator<FieldError> {
  if (!name) yield required(field);
  else yield* validateName(name, checkSubdomainPrefix, field);
}

function* validateValueFrom({ value, valueFrom }: EnvVar, field: string): Generator<FieldError> {
  if (valueFrom === undefined) return;
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom;
  if (fieldRef !== undefined) yield* validateFieldRef(fieldRef, ENVIRONMENT_FIELDS, `${field}.fieldRef`);
  if (resourceFieldRef !== undefined)
    yield* validateResourceFieldRef(resourceFieldRef, 'environment', `${field}.resourceFieldRef`);
  if (configMapKeyRef !== undefined) yield* validateKeyRef(configMapKeyRef, `${field}.configMapKeyRef`);
  if (secretKeyRef !== undefined) yield* validateKeyRef(secretKeyRef, `${field}.secretKeyRef`);
  const count = countDefined([fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef]);
  const problem = sourceProblem(count, value ?? '');
  if (problem !== undefined) yield invalid(field, '', problem);
}

function sourceProblem(count: number, value: string): string | undefined {
  if (count === 0) return 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`';
  if (value !== '') return 'may not be specified when `value` is not empty';
  return count > 1 ? 'may not have more than one field specified at a time' : undefined;
}

type KeyRef = { readonly name?: string; readonly key: string };

function* validateKeyRef({ name = '', key }: KeyRef, field: string): Generator<FieldError> {
  yield* validateName(name, checkDnsSubdomain, `${field}.name`);
  if (!key) yield required(`${field}.key`);
  else yield* validateName(key, checkConfigKey, `${field}.key`);
}

const countDefined = (values: readonly unknown[]): number => values.filter((value) => value !== undefined).length;
