/** Tells whether a container was made from the definition its pod has now; only what may change in a living pod counts. */
import type { Container } from '#api/types/core-v1';

const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

export function containerHash({ name, image = '' }: Container): string {
  const hash = addText(addByte(addText(OFFSET, name), 0), image);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

function addText(before: number, text: string): number {
  let hash = before;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // Names and images are ASCII; whatever else is there counts by its bytes.
    if (code > 0x7f) return Buffer.from(text.slice(at)).reduce(addByte, hash);
    hash = addByte(hash, code);
  }
  return hash;
}

function addByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, PRIME);
}
