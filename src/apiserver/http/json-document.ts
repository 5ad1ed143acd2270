/** JSON as bytes: frozen objects are encoded once and shared, everything else is encoded as it comes. */
import { jsonBytes } from '#api/meta/json-bytes';

export function documentBytes(object: object): Buffer {
  return Object.isFrozen(object) ? jsonBytes(object) : Buffer.from(JSON.stringify(object));
}

const COMMA = Buffer.from(',');

/** `head`, the documents with commas between them, and `tail`. */
export function joinDocuments(head: string, documents: readonly Buffer[], tail: string): readonly Buffer[] {
  const parts: Buffer[] = [Buffer.from(head)];
  for (const [index, document] of documents.entries()) {
    if (index > 0) parts.push(COMMA);
    parts.push(document);
  }
  parts.push(Buffer.from(tail));
  return parts;
}
