/** Validates how a pod resolves names: its DNS policy and configuration, and its own entries of the hosts file. */
import type { FieldError } from '../../meta/field-error.ts';
import { choiceErrors, invalid, NO_ERRORS, required } from '../../meta/field-error.ts';
import { validateIp } from '../../meta/ip.ts';
import { checkDnsSubdomain, checkDnsSubdomainWithUnderscore } from '../../meta/names.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type { HostAlias, PodDNSConfig, PodSpec } from '../../types/core-v1.ts';

const POLICIES: readonly string[] = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];

// What the C library's resolver takes.
const NAMESERVERS_MAX = 3;
const SEARCHES_MAX = 32;
const SEARCHES_MAX_LENGTH = 2048;

export const validateDnsPolicy = (policy: string | undefined, field: string): readonly FieldError[] =>
  choiceErrors(policy ?? '', POLICIES, field);

export function validateDnsConfig(spec: PodSpec, field: string): Iterable<FieldError> {
  return spec.dnsConfig === undefined && spec.dnsPolicy !== 'None' ? NO_ERRORS : dnsConfigErrors(spec, field);
}

function* dnsConfigErrors({ dnsConfig, dnsPolicy }: PodSpec, field: string): Generator<FieldError> {
  if (dnsPolicy === 'None' && dnsConfig === undefined)
    yield required(field, 'must provide `dnsConfig` when `dnsPolicy` is None');
  else if (dnsPolicy === 'None' && (dnsConfig?.nameservers ?? []).length === 0)
    yield required(`${field}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None');
  else if (dnsConfig !== undefined) yield* validateConfig(dnsConfig, field);
}

function* validateConfig(
  { nameservers = [], searches = [], options = [] }: PodDNSConfig,
  field: string,
): Generator<FieldError> {
  if (nameservers.length > NAMESERVERS_MAX)
    yield invalid(`${field}.nameservers`, nameservers, `must not have more than ${NAMESERVERS_MAX} nameservers`);
  for (const [index, address] of nameservers.entries()) yield* validateIp(address, `${field}.nameservers[${index}]`);
  yield* validateSearches(searches, `${field}.searches`);
  for (const [index, { name }] of options.entries())
    if (!name) yield required(`${field}.options[${index}]`, 'must not be empty');
}

function* validateSearches(searches: readonly string[], field: string): Generator<FieldError> {
  if (searches.length > SEARCHES_MAX)
    yield invalid(field, searches, `must not have more than ${SEARCHES_MAX} search paths`);
  if (searches.join(' ').length > SEARCHES_MAX_LENGTH)
    yield invalid(
      field,
      searches,
      `must not have more than ${SEARCHES_MAX_LENGTH} characters (including spaces) in the search list`,
    );
  for (const [index, search] of searches.entries())
    if (search !== '.')
      yield* validateName(search.replace(/\.$/, ''), checkDnsSubdomainWithUnderscore, `${field}[${index}]`);
}

export function* validateHostAliases(aliases: readonly HostAlias[], field: string): Generator<FieldError> {
  for (const [index, { ip, hostnames = [] }] of aliases.entries()) {
    yield* validateIp(ip, `${field}[${index}].ip`);
    for (const [nameIndex, hostname] of hostnames.entries())
      yield* validateName(hostname, checkDnsSubdomain, `${field}[${index}].hostnames[${nameIndex}]`);
  }
}
