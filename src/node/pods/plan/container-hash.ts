/** Tells whether a container was made from the definition its pod has now; only what may change in a living pod counts. */
import type { Container } from '#api/types/core-v1';

const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

export function containerHash({ name, image = '' }: Container): string {
  let hash = OFFSET;
  for (const byte of Buffer.from(`${name}\0${image}`)) hash = Math.imul(hash ^ byte, PRIME);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
