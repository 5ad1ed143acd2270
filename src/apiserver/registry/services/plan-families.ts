/** Fills in a service's IP families for a cluster that has IPv4 only. Pure. */
import { type FieldError, invalid } from '#api/meta/field-error';
import type * as core from '#api/types/core-v1';
import { invalidService } from './allocation.ts';

export function planFamilies(service: core.Service): core.Service {
  const spec = service.spec ?? {};
  if (spec.type === 'ExternalName') return service;
  const isHeadless = spec.clusterIP === 'None';
  // Whoever has neither address nor selector names its endpoints itself: they may be of any family.
  const isOpen = isHeadless && Object.keys(spec.selector ?? {}).length === 0;
  const ipFamilyPolicy = spec.ipFamilyPolicy ?? (isOpen ? 'RequireDualStack' : 'SingleStack');
  const errors = isOpen ? [] : errorsOf(spec, ipFamilyPolicy);
  if (errors.length > 0) throw invalidService(service, errors);
  const ipFamilies = isOpen ? openFamilies(spec.ipFamilies ?? [], ipFamilyPolicy) : ['IPv4'];
  return {
    ...service,
    spec: { ...spec, ...(isHeadless ? { clusterIPs: ['None'] } : {}), ipFamilyPolicy, ipFamilies },
  };
}

function errorsOf(spec: core.ServiceSpec, policy: string): readonly FieldError[] {
  const { ipFamilies = [] } = spec;
  const notHere = ipFamilies
    .map((family, index) => ({ family, index }))
    .filter(({ family }) => family !== 'IPv4')
    .map(({ family, index }) => invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'));
  if (policy !== 'RequireDualStack') return notHere;
  return [invalid('spec.ipFamilyPolicy', policy, 'this cluster is not configured for dual-stack services'), ...notHere];
}

function openFamilies(given: readonly string[], policy: string): readonly string[] {
  const families = given.length === 0 ? ['IPv4'] : given;
  if (families.length > 1 || policy === 'SingleStack') return families;
  return [...families, families[0] === 'IPv4' ? 'IPv6' : 'IPv4'];
}
