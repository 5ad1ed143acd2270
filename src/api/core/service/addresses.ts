/** Validates the addresses of a service: its cluster IPs, their families, and how both may change. */
import type { FieldError } from '../../meta/field-error.ts';
import { duplicate, invalid, notSupported, required } from '../../meta/field-error.ts';
import { ipFamilyOf, isDualStack, validateIp } from '../../meta/ip.ts';
import type { ServiceSpec } from '../../types/core-v1.ts';
import { isHeadless } from './exposure.ts';

const FAMILIES: readonly string[] = ['IPv4', 'IPv6'];
const POLICIES: readonly string[] = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const FIELD = 'spec.clusterIPs';

export function* validateAddresses(spec: ServiceSpec): Generator<FieldError> {
  if (spec.type === 'ExternalName') return; // has none
  const { clusterIPs = [] } = spec;
  yield* validateFirst(spec);
  yield* validateFamilies(spec);
  const problems = [...validateClusterIps(clusterIPs)];
  yield* problems;
  if (clusterIPs.length > 2) yield invalid(FIELD, clusterIPs, 'may only hold up to 2 values');
  if (problems.length > 0) return; // families of what is no address mean nothing
  if (clusterIPs.length > 1 && !isDualStack(clusterIPs))
    yield invalid(FIELD, clusterIPs, 'may specify no more than one IP for each IP family');
  if (!isHeadless(spec)) yield* validateFamilyOfEach(spec);
}

/** `clusterIP` is the first of `clusterIPs`. */
function* validateFirst({ clusterIP = '', clusterIPs = [] }: ServiceSpec): Generator<FieldError> {
  if (clusterIP === '') {
    if (clusterIPs.length > 0) yield invalid(FIELD, clusterIPs, 'must be empty when `clusterIP` is not specified');
  } else if (clusterIPs.length === 0) yield required(FIELD);
  else if (clusterIPs[0] !== clusterIP) yield invalid(FIELD, clusterIPs, 'first value must match `clusterIP`');
}

function* validateFamilies({ ipFamilies = [], ipFamilyPolicy }: ServiceSpec): Generator<FieldError> {
  for (const [index, family] of ipFamilies.entries()) {
    const field = `spec.ipFamilies[${index}]`;
    if (!FAMILIES.includes(family)) yield notSupported(field, family, FAMILIES);
    if (ipFamilies.indexOf(family) !== index) yield duplicate(field, family);
  }
  if (ipFamilyPolicy !== undefined && !POLICIES.includes(ipFamilyPolicy))
    yield notSupported('spec.ipFamilyPolicy', ipFamilyPolicy, POLICIES);
}

function* validateClusterIps(addresses: readonly string[]): Generator<FieldError> {
  for (const [index, address] of addresses.entries()) {
    if (index === 0 && address === 'None') {
      if (addresses.length > 1) yield invalid(FIELD, addresses, "'None' must be the first and only value");
    } else yield* validateIp(address, `${FIELD}[${index}]`);
  }
}

function* validateFamilyOfEach({ clusterIPs = [], ipFamilies = [] }: ServiceSpec): Generator<FieldError> {
  for (const [index, address] of clusterIPs.entries()) {
    const family = ipFamilies[index];
    if (family !== undefined && FAMILIES.includes(family) && ipFamilyOf(address) !== family)
      yield invalid(
        `${FIELD}[${index}]`,
        address,
        `expected an ${family} value as indicated by \`ipFamilies[${index}]\``,
      );
  }
}

type List = 'clusterIPs' | 'ipFamilies';
const NOUNS: Readonly<Record<List, string>> = { clusterIPs: 'clusterIP', ipFamilies: 'ipFamily' };

/** Clients know a service by its address: it can be given another beside it, and give that up again, but not change it. */
export function* validateAddressChange(next: ServiceSpec, stored: ServiceSpec): Generator<FieldError> {
  if (next.type === 'ExternalName' || stored.type === 'ExternalName') return;
  const [isNowHeadless, wasHeadless] = [isHeadless(next), isHeadless(stored)];
  if (!(isNowHeadless && wasHeadless)) yield* validateListChange('clusterIPs', next, stored);
  if (!isNowHeadless && !wasHeadless) yield* validateListChange('ipFamilies', next, stored);
}

function* validateListChange(key: List, next: ServiceSpec, stored: ServiceSpec): Generator<FieldError> {
  const [after, before] = [next[key] ?? [], stored[key] ?? []];
  const field = `spec.${key}`;
  // Of a list that grows or shrinks the first stays; of one that does neither, all.
  const fixed = before.length === after.length ? before : before.slice(0, Math.min(1, after.length));
  for (const [index, value] of fixed.entries())
    if (after[index] !== value) yield invalid(`${field}[${index}]`, after, 'may not change once set');
  if (before.length <= after.length) return;
  if (after.length === 0) yield invalid(`${field}[0]`, after, `primary ${NOUNS[key]} can not be unset`);
  else if (next.ipFamilyPolicy !== 'SingleStack')
    yield invalid(
      'spec.ipFamilyPolicy',
      next.ipFamilyPolicy,
      `must be set to 'SingleStack' when releasing the secondary ${NOUNS[key]}`,
    );
}
