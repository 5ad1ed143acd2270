/** Validates where an ingress is said to be reached. */
import type { FieldError } from '../../meta/field-error.ts';
import { invalid } from '../../meta/field-error.ts';
import { ipFamilyOf, validateIp } from '../../meta/ip.ts';
import { checkDnsSubdomain } from '../../meta/names.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type { IngressStatus } from '../../types/networking-v1.ts';

export function* validateIngressStatus(status: IngressStatus | undefined): Generator<FieldError> {
  for (const [index, { ip = '', hostname = '' }] of (status?.loadBalancer?.ingress ?? []).entries()) {
    const field = `status.loadBalancer.ingress[${index}]`;
    if (ip !== '') yield* validateIp(ip, `${field}.ip`);
    if (hostname === '') continue;
    yield* validateName(hostname, checkDnsSubdomain, `${field}.hostname`);
    if (ipFamilyOf(hostname) !== undefined)
      yield invalid(`${field}.hostname`, hostname, 'must be a DNS name, not an IP address');
  }
}
