/** Names of what devices have and where they come from. */
import { validateDriverName } from '../core/pod/storage-sources.ts';
import { invalid, required, tooLong, type FieldError } from '../meta/field-error.ts';
import { byteLength, checkDnsSubdomain } from '../meta/names.ts';
import { validateName } from '../meta/validate-labels.ts';
import { MAX_IDENTIFIER_LENGTH, MAX_POOL_NAME_LENGTH } from './limits.ts';

const IDENTIFIER = '[A-Za-z_][A-Za-z0-9_]*';
const IDENTIFIER_RULE = `a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '${IDENTIFIER}')`;
const isIdentifier = new RegExp(`^${IDENTIFIER}$`);

function* validateIdentifier(name: string, field: string): Generator<FieldError> {
  if (byteLength(name) > MAX_IDENTIFIER_LENGTH) yield tooLong(field, MAX_IDENTIFIER_LENGTH);
  if (!isIdentifier.test(name)) yield invalid(field, name, IDENTIFIER_RULE);
}

/** `memory`, or `gpu.example.com/memory`. */
export function* validateQualifiedName(qualified: string, field: string): Generator<FieldError> {
  const parts = qualified.split('/');
  const [domain = '', name] = parts;
  if (parts.length > 2) yield invalid(field, qualified, 'must not contain more than one slash');
  else if (name === undefined) yield* validateIdentifier(domain, field);
  else {
    if (domain === '') yield invalid(field, '', 'the domain must not be empty');
    else yield* validateDriverName(domain, field);
    if (name === '') yield invalid(field, '', 'the name must not be empty');
    else yield* validateIdentifier(name, field);
  }
}

export function* validateFullyQualifiedName(name: string, field: string): Generator<FieldError> {
  yield* validateQualifiedName(name, field);
  if (!name.includes('/'))
    yield invalid(field, name, 'a fully qualified name must be a domain and a name separated by a slash');
}

/** Without a domain of its own a name is one of its driver's. */
export function fullyQualified(name: string, driver: string): string {
  return name.includes('/') ? name : `${driver}/${name}`;
}

export function* validatePoolName(name: string, field: string): Generator<FieldError> {
  if (name === '') {
    yield required(field);
    return;
  }
  if (byteLength(name) > MAX_POOL_NAME_LENGTH) yield tooLong(field, MAX_POOL_NAME_LENGTH);
  for (const part of name.split('/')) yield* validateName(part, checkDnsSubdomain, field);
}
