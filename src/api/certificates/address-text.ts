/** The text of an address that is given by its bytes. */

const IPV4_BYTES = 4;
const IPV6_BYTES = 16;

export function formatAddress(bytes: Buffer): string {
  if (bytes.length === IPV4_BYTES) return [...bytes].join('.');
  if (bytes.length !== IPV6_BYTES) return '';
  const groups = Array.from({ length: IPV6_BYTES / 2 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return groups.join(':');
}
