/** A range of IPv4 addresses as numbers: what is inside, and which part is given out first. */

export type AddressRange = {
  /** As it was written: `10.96.0.0/12`. */
  readonly cidr: string;
  /** The first address that can be used, after the network's own. */
  readonly first: number;
  /** How many can be used; the last address of the range is not. */
  readonly size: number;
};

/** Whose address each is, counted from the start of the service range. */
export const API_POSITION = 1;
export const DNS_POSITION = 10;

const MIN_PREFIX = 8;
const MAX_PREFIX = 30;

export function parseAddressRange(cidr: string): AddressRange {
  const range = readAddressRange(cidr);
  if (range !== undefined) return range;
  throw new RangeError(
    `Cannot use ${JSON.stringify(cidr)} as a service range: expected an IPv4 network with a prefix of ${MIN_PREFIX} to ${MAX_PREFIX} bits`,
  );
}

/** Nothing for a range that no address is given out of: of IPv6, or of a size that no cluster has use for. */
export function readAddressRange(cidr: string): AddressRange | undefined {
  const [address = '', bits = ''] = cidr.split('/');
  const prefix = Number(bits);
  if (!/^\d+$/.test(bits) || prefix < MIN_PREFIX || prefix > MAX_PREFIX) return undefined;
  const base = addressToNumber(address);
  const total = 2 ** (32 - prefix);
  if (base === undefined || base % total !== 0) return undefined;
  return { cidr, first: base + 1, size: total - 2 };
}

export function isInRange({ first, size }: AddressRange, address: number): boolean {
  return address >= first && address < first + size;
}

export function addressToNumber(address: string): number | undefined {
  const parts = address.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export function numberToAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** The address at a position, counted from 1: the service of the API itself has the first, DNS the tenth. */
export function addressAt(range: AddressRange, position: number): string {
  return numberToAddress(range.first + position - 1);
}

/** Addresses below this position are given out last, so that those who want a fixed address find one there. */
export function dynamicStart({ size }: AddressRange): number {
  return Math.min(Math.max(16, Math.floor((size + 2) / 16)), 256);
}
