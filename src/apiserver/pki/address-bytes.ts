/** IP addresses as certificates write them: 4 or 16 bytes. */
import { isIPv4 } from 'node:net';

export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [plain = ''] = address.split('%');
  const [head = '', tail] = plain.split('::');
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => 0);
  return Buffer.from([...front, ...zeros, ...back].flatMap((group) => [group >> 8, group & 0xff]));
}

function groups(text: string): readonly number[] {
  return text
    .split(':')
    .filter((part) => part !== '')
    .flatMap((part) => (part.includes('.') ? embedded(part) : [Number.parseInt(part, 16)]));
}

/** The IPv4 address at the end of `::ffff:192.0.2.1`. */
function embedded(address: string): readonly number[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}
