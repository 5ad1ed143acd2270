/** IP addresses and CIDR ranges: reading, comparing and validating them, worded as upstream words it. */
import type { FieldError } from './field-error.ts';
import { invalid } from './field-error.ts';

export type IpFamily = 'IPv4' | 'IPv6';

/** An address as its bytes: 4 of an IPv4 address, 16 of an IPv6 address. */
type Bytes = readonly number[];

export function ipFamilyOf(address: string): IpFamily | undefined {
  const bytes = parseIp(address);
  if (bytes === undefined) return undefined;
  return bytes.length === 4 ? 'IPv4' : 'IPv6';
}

/** The one form all writings of an address share (RFC 5952), or nothing if it is not an address. */
export function canonicalIp(address: string): string | undefined {
  const bytes = parseIp(address);
  if (bytes === undefined) return undefined;
  return bytes.length === 4 ? bytes.join('.') : formatIpv6(bytes);
}

/** Whether the addresses are one of each family, in any order. */
export function isDualStack(addresses: readonly string[]): boolean {
  const families = new Set(addresses.map((address) => ipFamilyOf(address.split('/')[0] ?? '')));
  return addresses.length === 2 && families.has('IPv4') && families.has('IPv6');
}

const BYTE = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const PLAIN_IPV4 = new RegExp(`^${BYTE}(?:\\.${BYTE}){3}$`);

/** Whether nothing can be wrong with an address, found out without reading it. */
export const isPlainIpv4 = (address: string): boolean => PLAIN_IPV4.test(address);

export function* validateIp(address: string, field: string): Generator<FieldError> {
  const bytes = parseIp(address);
  if (bytes !== undefined) {
    if (isIpv4Mapped(bytes)) yield invalid(field, address, 'must not be an IPv4-mapped IPv6 address');
  } else if (LEADING_ZEROS.test(address) && parseIp(withoutLeadingZeros(address)) !== undefined) {
    yield invalid(field, address, 'must not have leading 0s');
  } else {
    yield invalid(field, address, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)');
  }
}

export function* validateIpOfFamily(address: string, family: IpFamily, field: string): Generator<FieldError> {
  const problems = [...validateIp(address, field)];
  if (problems.length > 0) yield* problems;
  else if (ipFamilyOf(address) !== family) yield invalid(field, address, `must be an ${family} address`);
}

export function* validateCidr(range: string, field: string): Generator<FieldError> {
  const [address = '', length, ...rest] = range.split('/');
  const bytes = parseIp(address);
  const bits = length !== undefined && /^(0|[1-9][0-9]*)$/.test(length) ? Number(length) : Number.NaN;
  if (bytes === undefined || rest.length > 0 || !(bits <= bytes.length * 8))
    yield invalid(field, range, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)');
  else if (isIpv4Mapped(bytes)) yield invalid(field, range, 'must not have an IPv4-mapped IPv6 address');
  else if (hasHostBits(bytes, bits)) yield invalid(field, range, 'must not have bits set beyond the prefix length');
}

/** Whether a range lies in another and is smaller; both are known to be valid. */
export function isStrictlyWithin(inner: string, outer: string): boolean {
  const [innerAddress = '', innerLength] = inner.split('/');
  const [outerAddress = '', outerLength] = outer.split('/');
  const [innerBytes = [], outerBytes = []] = [parseIp(innerAddress), parseIp(outerAddress)];
  const bits = Number(outerLength);
  if (innerBytes.length !== outerBytes.length || Number(innerLength) <= bits) return false;
  return !hasNetworkBits(
    innerBytes.map((byte, index) => byte ^ (outerBytes[index] ?? 0)),
    bits,
  );
}

/** Addresses that mean something only to one machine are no endpoints: they would reach the wrong one. */
export function* validateNonSpecialIp(address: string, field: string): Generator<FieldError> {
  const bytes = parseIp(address);
  if (bytes === undefined) {
    yield invalid(field, address, 'must be a valid IP address');
    return;
  }
  for (const special of SPECIAL_RANGES)
    if (special.has(bytes)) yield invalid(field, address, special.problem.replace('%v', address));
}

type SpecialRange = { readonly has: (bytes: Bytes) => boolean; readonly problem: string };

const SPECIAL_RANGES: readonly SpecialRange[] = [
  { has: (bytes) => bytes.every((byte) => byte === 0), problem: 'may not be unspecified (%v)' },
  {
    has: (bytes) =>
      bytes.length === 4 ? bytes[0] === 127 : bytes.at(-1) === 1 && bytes.slice(0, -1).every((byte) => byte === 0),
    problem: 'may not be in the loopback range (127.0.0.0/8, ::1/128)',
  },
  {
    has: ([first, second, ...rest]) =>
      rest.length === 2 ? first === 169 && second === 254 : first === 0xfe && ((second ?? 0) & 0xc0) === 0x80,
    problem: 'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
  },
  {
    has: ([first, second, third, ...rest]) =>
      rest.length === 1
        ? first === 224 && second === 0 && third === 0
        : first === 0xff && ((second ?? 0) & 0x0f) === 0x02,
    problem: 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
  },
];

const LEADING_ZEROS = /(^|\.)0[0-9]/;
const withoutLeadingZeros = (address: string): string => address.replaceAll(/(?<![0-9])0+(?=[0-9])/g, '');

function parseIp(address: string): Bytes | undefined {
  return address.includes(':') ? parseIpv6(address) : parseIpv4(address);
}

function parseIpv4(address: string): Bytes | undefined {
  const parts = address.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = parts.map((part) => (/^(0|[1-9][0-9]{0,2})$/.test(part) ? Number(part) : 256));
  return bytes.every((byte) => byte < 256) ? bytes : undefined;
}

function parseIpv6(address: string): Bytes | undefined {
  const halves = address.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '');
  const tail = parseGroups(halves[1] ?? '');
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1) return missing === 0 ? head : undefined;
  return missing >= 2 ? [...head, ...Array.from({ length: missing }, () => 0), ...tail] : undefined;
}

function parseGroups(text: string): Bytes | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    const parsed = parseGroup(group, index === groups.length - 1);
    if (parsed === undefined) return undefined;
    bytes.push(...parsed);
  }
  return bytes;
}

function parseGroup(group: string, isLast: boolean): Bytes | undefined {
  if (isLast && group.includes('.')) return parseIpv4(group);
  if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
  const value = Number.parseInt(group, 16);
  return [value >> 8, value & 0xff];
}

function formatIpv6(bytes: Bytes): string {
  if (isIpv4Mapped(bytes)) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0));
  const texts = groups.map((group) => group.toString(16));
  const { start, length } = longestZeroRun(groups);
  if (length < 2) return texts.join(':');
  return `${texts.slice(0, start).join(':')}::${texts.slice(start + length).join(':')}`;
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  }
  return best;
}

const isIpv4Mapped = (bytes: Bytes): boolean =>
  bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;

const hasHostBits = (bytes: Bytes, bits: number): boolean =>
  bytes.some((byte, index) => {
    const networkBits = Math.min(8, Math.max(0, bits - index * 8));
    return (byte & (0xff >> networkBits)) !== 0;
  });

const hasNetworkBits = (bytes: Bytes, bits: number): boolean =>
  bytes.some((byte, index) => {
    const networkBits = Math.min(8, Math.max(0, bits - index * 8));
    return byte >> (8 - networkBits) !== 0;
  });
