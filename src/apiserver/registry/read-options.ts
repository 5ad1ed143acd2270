/** Which combinations of options a list or a watch may have, as upstream's table of `resourceVersionMatch` has it. Pure. */
import { invalidError } from '#api/errors';
import { type FieldError, forbidden, notSupported } from '#api/meta/field-error';
import type { RequestOptions } from '#api/request';

const MATCH = 'resourceVersionMatch';

/** Throws `Invalid` with everything that is wrong. */
export function requireListOptions(options: RequestOptions): void {
  refuse([...listProblems(options)]);
}

export function requireWatchOptions(options: RequestOptions): void {
  refuse([...watchProblems(options)]);
}

function refuse(problems: readonly FieldError[]): void {
  if (problems.length > 0) throw invalidError({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', problems);
}

function* listProblems(options: RequestOptions): Generator<FieldError> {
  const { resourceVersionMatch: match, resourceVersion = '', sendInitialEvents } = options;
  if (match !== undefined) {
    if (resourceVersion === '') yield forbidden(MATCH, `${MATCH} is forbidden unless resourceVersion is provided`);
    if (options.continue) yield forbidden(MATCH, `${MATCH} is forbidden when continue is provided`);
    if (match === 'Exact' && resourceVersion === '0')
      yield forbidden(MATCH, `${MATCH} "exact" is forbidden for resourceVersion "0"`);
  }
  if (sendInitialEvents !== undefined) yield forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list');
}

function* watchProblems(options: RequestOptions): Generator<FieldError> {
  const { resourceVersionMatch: match, sendInitialEvents } = options;
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan')
    yield forbidden(MATCH, `sendInitialEvents requires setting ${MATCH} to NotOlderThan`);
  if (match === undefined) return;
  if (sendInitialEvents === undefined)
    yield forbidden(MATCH, `${MATCH} is forbidden for watch unless sendInitialEvents is provided`);
  if (match !== 'NotOlderThan') yield notSupported(MATCH, match, ['NotOlderThan']);
  if (options.continue) yield forbidden(MATCH, `${MATCH} is forbidden when continue is provided`);
}
