/** What config maps and secrets hold: how much of it there may be, and how it is counted and encoded. */

/** Of all values together; more belongs into a volume. */
export const MAX_DATA_BYTES = 1024 * 1024;

/** How many bytes a base64 text stands for. */
export function base64Length(text: string): number {
  const padding = text.endsWith('==') ? 2 : Number(text.endsWith('='));
  return Math.max(0, (text.length / 4) * 3 - padding);
}

export const encodeBase64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
export const decodeBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
