/** Confidential data that pods consume as files or environment. */
import { AGE_COLUMN, NAME_COLUMN, column } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { forbidden, invalid, required, tooLong } from '../meta/field-error.ts';
import { checkConfigKey, checkDnsSubdomain } from '../meta/names.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { validateName } from '../meta/validate-labels.ts';
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';
import { base64Length, decodeBase64, encodeBase64, MAX_DATA_BYTES } from './data.ts';

export type Secret = core.Secret;

export const Secret = defineResource<Secret>(
  {
    group: '',
    version: 'v1',
    kind: 'Secret',
    plural: 'secrets',
    namespaced: true,
  },
  {
    applyDefaults,
    validateName: checkDnsSubdomain,
    validate: (secret) => [...validate(secret)],
    validateUpdate: (next, stored) => [...validateUpdate(next, stored)],
    columns: [
      NAME_COLUMN,
      column('Type', 'What the secret is for.', ({ type = '' }) => type),
      column('Data', 'How many keys there are.', ({ data = {} }) => Object.keys(data).length),
      AGE_COLUMN,
    ],
    selectableFields: { type: ({ type = '' }) => type },
  },
);

/** `stringData` is for writing only: its texts become part of `data`. */
function applyDefaults(secret: Secret): Secret {
  const { stringData, ...rest } = secret;
  if (stringData === undefined && secret.type) return secret;
  const written = Object.entries(stringData ?? {}).map(([key, text]) => [key, encodeBase64(text)]);
  const data = { ...secret.data, ...(Object.fromEntries(written) as Readonly<Record<string, string>>) };
  return {
    ...rest,
    ...(secret.data !== undefined || written.length > 0 ? { data } : {}),
    type: secret.type || 'Opaque',
  };
}

function* validate(secret: Secret): Generator<FieldError> {
  let bytes = 0;
  for (const [key, value] of Object.entries(secret.data ?? {})) {
    yield* validateName(key, checkConfigKey, `data[${key}]`);
    bytes += base64Length(value);
  }
  if (bytes > MAX_DATA_BYTES) yield tooLong('data', MAX_DATA_BYTES);
  yield* validateType(secret);
}

const ACCOUNT_NAME = 'kubernetes.io/service-account.name';

function* validateType(secret: Secret): Generator<FieldError> {
  const rule = secret.type !== undefined && Object.hasOwn(RULES, secret.type) ? RULES[secret.type] : undefined;
  if (rule !== undefined) yield* rule(secret.data ?? {}, secret);
}

type Data = Readonly<Record<string, string>>;

/** What types that Kubernetes itself uses must hold; other types are their users' business. */
const RULES: Readonly<Record<string, (data: Data, secret: Secret) => Iterable<FieldError>>> = {
  'kubernetes.io/service-account-token': (_data, { metadata }) =>
    metadata.annotations?.[ACCOUNT_NAME] ? [] : [required(`metadata.annotations[${ACCOUNT_NAME}]`)],
  'kubernetes.io/dockercfg': (data) => validateJson(data, '.dockercfg'),
  'kubernetes.io/dockerconfigjson': (data) => validateJson(data, '.dockerconfigjson'),
  'kubernetes.io/basic-auth': (data) => {
    const missing = missingKeys(data, ['username', 'password']);
    return missing.length === 2 ? missing : [];
  },
  'kubernetes.io/ssh-auth': (data) => (data['ssh-privatekey'] ? [] : [required('data[ssh-privatekey]')]),
  'kubernetes.io/tls': (data) => missingKeys(data, ['tls.crt', 'tls.key']),
};

const missingKeys = (data: Data, keys: readonly string[]): readonly FieldError[] =>
  keys.filter((key) => !Object.hasOwn(data, key)).map((key) => required(`data[${key}]`));

function* validateJson(data: Data, key: string): Generator<FieldError> {
  const value = data[key];
  if (value === undefined) {
    yield required(`data[${key}]`);
    return;
  }
  const problem = jsonProblem(decodeBase64(value));
  if (problem !== undefined) yield invalid(`data[${key}]`, '<secret contents redacted>', problem);
}

/** The parser's own words would quote the secret. */
function jsonProblem(text: string): string | undefined {
  if (text === '') return 'unexpected end of JSON input';
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && !Array.isArray(value);
    return isObject ? undefined : 'must be a JSON object';
  } catch {
    return 'must be valid JSON';
  }
}

function* validateUpdate(next: Secret, stored: Secret): Generator<FieldError> {
  if (next.type !== stored.type) yield invalid('type', next.type, 'field is immutable');
  if (stored.immutable !== true) return;
  const why = 'field is immutable when `immutable` is set';
  if (next.immutable !== true) yield forbidden('immutable', why);
  if (!semanticEqual(next.data ?? {}, stored.data ?? {})) yield forbidden('data', why);
}
