/** Reads the query parameters of a request into its options. */
import { badRequestError, invalidError } from '#api/errors';
import { notSupported } from '#api/meta/field-error';
import type { RequestOptions } from '#api/request';
import { asPolicy, isDryRun } from '../registry/delete-options.ts';

type Mutable = { -readonly [K in keyof RequestOptions]: RequestOptions[K] };
type Reader = (options: Mutable, value: string, kind: string) => void;

const READERS: Readonly<Record<string, Reader>> = {
  labelSelector: (options, value) => (options.labelSelector = value),
  fieldSelector: (options, value) => (options.fieldSelector = value),
  limit: (options, value) => (options.limit = whole('limit', value)),
  continue: (options, value) => (options.continue = value),
  resourceVersion: (options, value) => (options.resourceVersion = value),
  resourceVersionMatch: (options, value) => (options.resourceVersionMatch = matchOf(value)),
  timeoutSeconds: (options, value) => (options.timeoutSeconds = whole('timeoutSeconds', value)),
  allowWatchBookmarks: (options, value) => (options.allowWatchBookmarks = isTrue(value)),
  sendInitialEvents: (options, value) => (options.sendInitialEvents = isTrue(value)),
  fieldManager: (options, value) => (options.fieldManager = value),
  fieldValidation: (options, value, kind) => (options.fieldValidation = validationOf(value, kind)),
  force: (options, value) => (options.force = isTrue(value)),
  propagationPolicy: (options, value) => (options.propagationPolicy = asPolicy(value)),
  orphanDependents: (options, value) => (options.propagationPolicy = isTrue(value) ? 'Orphan' : 'Background'),
  gracePeriodSeconds: (options, value) => (options.gracePeriodSeconds = whole('gracePeriodSeconds', value)),
};

const NO_OPTIONS: RequestOptions = {};

/** Unknown parameters are ignored, as upstream does; an empty value counts as absent. `kind`: what the options are called where they are refused. */
export function optionsOf(query: URLSearchParams, kind = 'CreateOptions'): RequestOptions {
  if (query.size === 0) return NO_OPTIONS;
  const options: Mutable = {};
  for (const [name, value] of query) {
    if (value !== '' && Object.hasOwn(READERS, name)) READERS[name]?.(options, value, kind);
  }
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  if (isDryRun(dryRun, kind)) options.dryRun = true;
  return options;
}

/** As upstream reads a flag: anything but `false` and `0` sets it. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

function whole(name: string, value: string): number {
  if (/^[-+]?\d{1,15}$/.test(value)) return Number(value);
  throw badRequestError(
    `unable to convert query parameter ${name}: strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`,
  );
}

function matchOf(value: string): 'NotOlderThan' | 'Exact' {
  if (value === 'NotOlderThan' || value === 'Exact') return value;
  throw invalidError({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [
    notSupported('resourceVersionMatch', value, ['Exact', 'NotOlderThan', '']),
  ]);
}

function validationOf(value: string, kind: string): 'Strict' | 'Warn' | 'Ignore' {
  if (value === 'Strict' || value === 'Warn' || value === 'Ignore') return value;
  throw invalidError({ group: 'meta.k8s.io', kind }, '', [
    notSupported('fieldValidation', value, ['', 'Ignore', 'Strict', 'Warn']),
  ]);
}
