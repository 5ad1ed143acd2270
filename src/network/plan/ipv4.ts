/** IPv4 addresses and ranges as numbers: what planning a network computes with. */

/** Addresses that share their first `bits` bits with `base`. */
export type Range = { readonly base: number; readonly bits: number };

/** The address as a number, or nothing if the text is not an IPv4 address. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    // Some programs read a leading zero as octal, so such a text means no address here.
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}

/** The range that the text names; bits beyond the prefix are dropped, an address alone is a range of one. */
export function parseRange(text: string): Range {
  const [address = '', length = '32', ...rest] = text.split('/');
  const value = parseAddress(address);
  const bits = /^[0-9]{1,2}$/.test(length) ? Number(length) : 33;
  if (value === undefined || bits > 32 || rest.length > 0)
    throw new RangeError(`Cannot use "${text}" as a range: expected an IPv4 range such as 198.18.0.0/20`);
  return { base: firstOf(value, bits), bits };
}

/** Whether the text is a range of IPv4 addresses with the length of its prefix. */
export function isIpv4Range(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  return rest.length === 0 && parseAddress(address) !== undefined && /^([0-9]|[12][0-9]|3[0-2])$/.test(bits);
}

export function formatRange({ base, bits }: Range): string {
  return `${formatAddress(base)}/${bits}`;
}

export function sizeOf({ bits }: Range): number {
  return 2 ** (32 - bits);
}

export function contains(range: Range, address: number): boolean {
  return firstOf(address, range.bits) === range.base;
}

export function overlaps(left: Range, right: Range): boolean {
  const bits = Math.min(left.bits, right.bits);
  return firstOf(left.base, bits) === firstOf(right.base, bits);
}

/** The `index`-th address of the range, the first being 0. */
export function addressAt(range: Range, index: number): string {
  if (index < 0 || index >= sizeOf(range))
    throw new RangeError(`Cannot take address ${index} of ${formatRange(range)}: it has ${sizeOf(range)}`);
  return formatAddress(range.base + index);
}

// Not by bit operators: they are signed, and shifting by 32 does nothing.
function firstOf(address: number, bits: number): number {
  const size = 2 ** (32 - bits);
  return Math.floor(address / size) * size;
}
