/** Names made from `metadata.generateName`: the prefix, cut to fit, and five random characters. */

// No vowels and no digits that look like them: no suffix spells a word.
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const MAX_LENGTH = 63;

export function generatedName(prefix: string, random: () => number): string {
  let suffix = '';
  while (suffix.length < SUFFIX_LENGTH) suffix += ALPHABET[Math.floor(random() * ALPHABET.length)];
  return prefix.slice(0, MAX_LENGTH - SUFFIX_LENGTH) + suffix;
}
