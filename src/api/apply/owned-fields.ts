/** Which fields somebody can own: not those the server fills in, and not those the endpoint leaves as they are. Pure. */
import { difference, type FieldSet, NOTHING_BELOW, SELF } from './field-set.ts';
import { fieldElement } from './path-element.ts';

/** Of the metadata, what only the server sets. */
export const SERVER_METADATA = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
] as const;

const NEVER_OWNED: FieldSet = {
  [fieldElement('apiVersion')]: NOTHING_BELOW,
  [fieldElement('kind')]: NOTHING_BELOW,
  [fieldElement('metadata')]: {
    [SELF]: NOTHING_BELOW,
    ...Object.fromEntries(SERVER_METADATA.map((name) => [fieldElement(name), NOTHING_BELOW])),
  },
};

/** `spec` stands for everything but the status. */
export type Part = 'whole' | 'spec' | 'status';

const STATUS = fieldElement('status');
const METADATA = fieldElement('metadata');

/** Of the fields in `set`, those that one who writes `part` of an object can own. */
export function ownableFields(set: FieldSet, part: Part): FieldSet {
  return difference(writableFields(set, part), NEVER_OWNED);
}

/** Of the fields in `set`, those that a write of `part` changes. */
export function writableFields(set: FieldSet, part: Part): FieldSet {
  for (const element in set)
    if (!reaches(part, element))
      return Object.fromEntries(Object.entries(set).filter(([other]) => reaches(part, other)));
  return set;
}

function reaches(part: Part, element: string): boolean {
  if (part === 'whole') return true;
  return part === 'spec' ? element !== STATUS : element === STATUS || element === METADATA;
}
