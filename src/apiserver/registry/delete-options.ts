/** Reads a DeleteOptions body into the options of a request. */
import { badRequestError, invalidError } from '#api/errors';
import { invalid, notSupported } from '#api/meta/field-error';
import type { RequestOptions } from '#api/request';
import type * as meta from '#api/types/meta-v1';

type DeleteFields = Pick<RequestOptions, 'dryRun' | 'gracePeriodSeconds' | 'preconditions' | 'propagationPolicy'>;

export function deleteOptionsOf(body: meta.DeleteOptions | undefined): DeleteFields {
  if (body === undefined) return {};
  const { gracePeriodSeconds, preconditions, dryRun = [] } = body;
  const propagationPolicy = policyOf(body);
  const { uid, resourceVersion } = preconditions ?? {};
  return {
    ...(isDryRun(dryRun) ? { dryRun: true } : {}),
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

export function isDryRun(values: readonly string[]): boolean {
  const unknown = values.filter((value) => value !== 'All');
  if (unknown.length > 0) {
    throw invalidError({ group: 'meta.k8s.io', kind: 'CreateOptions' }, '', [notSupported('dryRun', values, ['All'])]);
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
    throw invalidError({ group: '', kind: 'DeleteOptions' }, '', [
      invalid('propagationPolicy', propagationPolicy, detail),
    ]);
  }
  return asPolicy(propagationPolicy);
}

export function asPolicy(text: string): NonNullable<RequestOptions['propagationPolicy']> {
  if (text === 'Background' || text === 'Foreground' || text === 'Orphan') return text;
  throw badRequestError(
    `invalid propagationPolicy ${JSON.stringify(text)}: must be one of "Foreground", "Background", "Orphan"`,
  );
}
