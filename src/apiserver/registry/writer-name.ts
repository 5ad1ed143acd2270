/** Under which name a write is recorded in `metadata.managedFields`, and what is wrong with the names and options clients give. */
import { invalidError } from '#api/errors';
import { type FieldError, forbidden, invalid, required, tooLong } from '#api/meta/field-error';
import type { ApiRequest, RequestOptions } from '#api/request';

const LONGEST_NAME_BYTES = 128;
const NOT_PRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

/** What the client calls itself; else the first part of its user agent; in this process, where there is none, the user. */
export function fieldManagerOf({ options, userAgent, user }: ApiRequest): string {
  if (options.fieldManager) return options.fieldManager;
  return (userAgent === undefined ? componentOf(user.name) : prefixOf(userAgent)) || 'unknown';
}

/** As upstream's components call themselves: `kube-scheduler`, `kubelet` for the agent of any node, one name for all controllers. */
function componentOf(user: string): string {
  if (user.startsWith('system:node:')) return 'kubelet';
  if (user.startsWith('system:serviceaccount:kube-system:')) return 'kube-controller-manager';
  return user.startsWith('system:') ? user.slice('system:'.length) : user;
}

function prefixOf(userAgent: string): string {
  const [first = ''] = userAgent.split('/');
  let name = '';
  let bytes = 0;
  for (const character of first) {
    if (NOT_PRINTABLE.test(character)) continue;
    bytes += Buffer.byteLength(character);
    if (bytes > LONGEST_NAME_BYTES) break;
    name += character;
  }
  return name;
}

/** Throws `Invalid` for a name or a `force` that means nothing. */
export function requireFieldManager({ verb, patchType, options }: ApiRequest): void {
  const isApply = patchType === 'application/apply-patch+yaml';
  if (!isApply && options.fieldManager === undefined && options.force === undefined) return;
  const errors = isApply ? errorsOfApply(options) : errorsOfOthers(options);
  if (errors.length > 0)
    throw invalidError({ group: 'meta.k8s.io', kind: OPTION_KINDS[verb] ?? 'PatchOptions' }, '', errors);
}

const errorsOfApply = ({ fieldManager = '' }: RequestOptions): readonly FieldError[] =>
  fieldManager === '' ? [required('fieldManager', 'is required for apply patch')] : nameErrors(fieldManager);

const errorsOfOthers = ({ fieldManager = '', force }: RequestOptions): readonly FieldError[] => [
  ...(force === undefined ? [] : [forbidden('force', 'may not be specified for non-apply patch')]),
  ...nameErrors(fieldManager),
];

const OPTION_KINDS: Readonly<Partial<Record<ApiRequest['verb'], string>>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
};

function nameErrors(name: string): readonly FieldError[] {
  const length = Buffer.byteLength(name) > LONGEST_NAME_BYTES ? [tooLong('fieldManager', LONGEST_NAME_BYTES)] : [];
  const found = NOT_PRINTABLE.exec(name);
  if (found === null) return length;
  const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const position = Buffer.byteLength(name.slice(0, found.index));
  return [...length, invalid('fieldManager', name, `invalid character U+${code} (at position ${position})`)];
}
