/** Fills in a service's IP families for a cluster that has IPv4 only. Pure. */
import { type FieldError, invalid } from '#api/meta/field-error';
import type * as core from '#api/types/core-v1';
import { invalidService } from './allocation.ts';

export function planFamilies(service: core.Service): core.Service {
  const spec = service.spec ?? {};
  if (spec.type === 'ExternalName') return service;
  if (isOpen(spec)) return planOpen(service, spec);
  const { ipFamilyPolicy = 'SingleStack' } = spec;
  const errors = errorsOf(spec, ipFamilyPolicy);
  if (errors.length > 0) throw invalidService(service, errors);
  const headless = spec.clusterIP === 'None' ? { clusterIPs: ['None'] } : {};
  return { ...service, spec: { ...spec, ...headless, ipFamilyPolicy, ipFamilies: ['IPv4'] } };
}

/** Whoever has neither address nor selector names its endpoints itself: they may be of any family. */
function isOpen({ clusterIP, selector = {} }: core.ServiceSpec): boolean {
  return clusterIP === 'None' && Object.keys(selector).length === 0;
}

function planOpen(service: core.Service, spec: core.ServiceSpec): core.Service {
  const { ipFamilyPolicy = 'RequireDualStack', ipFamilies: given = [] } = spec;
  const ipFamilies = openFamilies(given, ipFamilyPolicy);
  return { ...service, spec: { ...spec, clusterIPs: ['None'], ipFamilyPolicy, ipFamilies } };
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
