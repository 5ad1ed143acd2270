/** Reads a DeleteOptions body into the options of a request. */
import { invalidError } from '#api/errors';
import { invalid, notSupported } from '#api/meta/field-error';
import type { RequestOptions } from '#api/request';
import type * as meta from '#api/types/meta-v1';

type DeleteFields = Pick<RequestOptions, 'dryRun' | 'gracePeriodSeconds' | 'preconditions' | 'propagationPolicy'>;

const DELETE_OPTIONS = { group: 'meta.k8s.io', kind: 'DeleteOptions' };

export function deleteOptionsOf(body: meta.DeleteOptions | undefined): DeleteFields {
  if (body === undefined) return {};
  const { gracePeriodSeconds, preconditions, dryRun = [] } = body;
  const propagationPolicy = policyOf(body);
  const { uid, resourceVersion } = preconditions ?? {};
  return {
    ...(isDryRun(dryRun, 'DeleteOptions') ? { dryRun: true } : {}),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(preconditions === undefined
      ? {}
      : {
          preconditions: {
            ...(uid === undefined ? {} : { uid }),
            ...(resourceVersion === undefined ? {} : { resourceVersion }),
          },
        }),
  };
}

/** `kind`: of the options that say so. */
export function isDryRun(values: readonly string[], kind: string): boolean {
  const unknown = values.filter((value) => value !== 'All');
  if (unknown.length > 0) {
    throw invalidError({ group: 'meta.k8s.io', kind }, '', [notSupported('dryRun', values, ['All'])]);
  }
  return values.length > 0;
}

function policyOf({ propagationPolicy, orphanDependents }: meta.DeleteOptions): RequestOptions['propagationPolicy'] {
  if (propagationPolicy === undefined) {
    // The older way to say it, which very old clients still use.
    return orphanDependents === undefined ? undefined : orphanDependents ? 'Orphan' : 'Background';
  }
  if (orphanDependents !== undefined) {
    const detail = 'orphanDependents and deletionPropagation cannot be both set';
    throw invalidError(DELETE_OPTIONS, '', [invalid('propagationPolicy', propagationPolicy, detail)]);
  }
  return asPolicy(propagationPolicy);
}

export function asPolicy(text: string): NonNullable<RequestOptions['propagationPolicy']> {
  if (text === 'Background' || text === 'Foreground' || text === 'Orphan') return text;
  throw invalidError(DELETE_OPTIONS, '', [
    notSupported('propagationPolicy', text, ['Foreground', 'Background', 'Orphan', 'nil']),
  ]);
}
