/** Which ranges hold others, and which addresses can be given out of a range. Ranges are known to be valid. */
import { canonicalIp, ipFamilyOf, isStrictlyWithin } from '../meta/ip.ts';

/** Whether a range is another or lies in it. */
export function isWithinRange(inner: string, outer: string): boolean {
  const [innerAddress, innerBits] = parts(inner);
  const [outerAddress, outerBits] = parts(outer);
  return (innerBits === outerBits && innerAddress === outerAddress) || isStrictlyWithin(inner, outer);
}

/** The first address of a range and the last of an IPv4 one are nobody's. */
export function canComeFrom(address: string, range: string): boolean {
  const host = canonicalIp(address) ?? '';
  const [first] = parts(range);
  if (host === first || !isStrictlyWithin(`${host}/${ipFamilyOf(host) === 'IPv4' ? 32 : 128}`, range)) return false;
  return host !== lastOfIpv4(range);
}

function parts(range: string): readonly [string, number] {
  const [address = '', bits = ''] = range.split('/');
  return [canonicalIp(address) ?? '', Number(bits)];
}

function lastOfIpv4(range: string): string | undefined {
  const [first, bits] = parts(range);
  if (ipFamilyOf(first) !== 'IPv4') return undefined;
  const value = first.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + 2 ** (32 - bits) - 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
