/** Equal sets of fields become one: objects of one kind, written by one component, mostly own the same fields. */
import { type FieldSet, NOTHING_BELOW } from './field-set.ts';

const KNOWN = 2000;
// Longer ones are of large data: few share them, and few of them would fill the memory.
const LONGEST_NAMES = 2000;

// By the names in a set. What was not met while `young` filled up is forgotten.
let young = new Map<string, FieldSet>();
let old = new Map<string, FieldSet>();

/** A set that was met before, or `set` itself, frozen; what is below its elements has been shared before. */
export function shared(set: FieldSet): FieldSet {
  const names = Object.keys(set);
  if (names.length === 0) return NOTHING_BELOW;
  Object.freeze(set);
  const text = `${hasOnlyLeaves(set) ? 'leaves' : 'parts'}\0${names.join('\0')}`;
  if (text.length > LONGEST_NAMES) return set;
  const known = met(text);
  if (known !== undefined && isSame(names, known, set)) return known;
  remember(text, set);
  return set;
}

/** As the same names may stand at a place and below it, the two must not take turns to be remembered. */
function hasOnlyLeaves(set: FieldSet): boolean {
  for (const element in set) if (set[element] !== NOTHING_BELOW) return false;
  return true;
}

function met(text: string): FieldSet | undefined {
  const known = young.get(text);
  if (known !== undefined) return known;
  const earlier = old.get(text);
  if (earlier !== undefined) remember(text, earlier);
  return earlier;
}

/** Names may have any character in them: the joined names of two sets can be the same, but not with the same elements. */
function isSame(names: readonly string[], known: FieldSet, set: FieldSet): boolean {
  for (const name of names) if (known[name] !== set[name]) return false;
  return true;
}

function remember(text: string, set: FieldSet): void {
  if (young.size >= KNOWN) {
    old = young;
    young = new Map();
  }
  young.set(text, set);
}
