/** Names of signers: a domain and a path, `example.com/internal`. */
import type { FieldError } from '../meta/field-error.ts';
import { invalid, required, tooLong } from '../meta/field-error.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../meta/names.ts';

const DOMAIN_MAX = 253;
// A label, a dot and a subdomain.
const PATH_MAX = 253 + 63 + 1;

export function* validateSignerName(name: string, field: string): Generator<FieldError> {
  if (name === '') {
    yield required(field);
    return;
  }
  const [domain = '', path, ...more] = name.split('/');
  if (path === undefined || more.length > 0) {
    yield invalid(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
    return;
  }
  yield* validateDomain(domain, field);
  for (const label of path.split('.'))
    for (const problem of checkDnsSubdomain(label))
      yield invalid(field, path, `validating label ${JSON.stringify(label)}: ${problem}`);
  if (path.length > PATH_MAX) yield tooLong(field, PATH_MAX);
}

function* validateDomain(domain: string, field: string): Generator<FieldError> {
  if (domain.length > DOMAIN_MAX) yield tooLong(field, DOMAIN_MAX);
  const labels = domain.split('.');
  for (const label of labels)
    for (const problem of checkDnsLabel(label))
      yield invalid(field, domain, `validating label ${JSON.stringify(label)}: ${problem}`);
  if (labels.length < 2)
    yield invalid(field, domain, 'should be a domain with at least two segments separated by dots');
}
