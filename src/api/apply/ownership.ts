/** Who manages which fields: `metadata.managedFields` as a map from managers to their sets, and back. Pure. */
import type { ManagedFieldsEntry } from '../types/meta-v1.ts';
import type { FieldSet } from './field-set.ts';
import { decodeFieldsV1 } from './fields-v1.ts';
import { sharedSet } from './growing-set.ts';

export type Operation = 'Apply' | 'Update';

/** One who writes. Updates through several versions or subresources are several managers; applying ones keep theirs across versions. */
export type ManagerIdentity = {
  readonly manager: string;
  readonly operation: Operation;
  readonly apiVersion: string;
  readonly subresource: string;
};

export type Manager = ManagerIdentity & {
  readonly time: string | undefined;
  readonly fields: FieldSet;
  /** What the manager was read from, so that one who keeps everything keeps that too. */
  readonly entry?: ManagedFieldsEntry;
};

/** By `managerKey`. */
export type Managers = ReadonlyMap<string, Manager>;

export const NO_MANAGERS: Managers = new Map();

export function managerKey({ manager, operation, apiVersion, subresource }: ManagerIdentity): string {
  const version = operation === 'Apply' ? '' : apiVersion;
  for (const known of metLast)
    if (
      known.manager === manager &&
      known.operation === operation &&
      known.version === version &&
      known.subresource === subresource
    )
      return known.key;
  const key = JSON.stringify([manager, operation, version, subresource]);
  metLast[met++ % KNOWN_KEYS] = { manager, operation, version, subresource, key };
  return key;
}

type Known = {
  readonly manager: string;
  readonly operation: Operation;
  readonly version: string;
  readonly subresource: string;
  readonly key: string;
};

// The components of a cluster write all day long.
const KNOWN_KEYS = 16;
const metLast: Known[] = [];
let met = 0;

type Entries = readonly ManagedFieldsEntry[];

/** Undefined when an entry is none. */
export function decodeManagers(entries: Entries | undefined): Managers | undefined {
  if (entries === undefined || entries.length === 0) return NO_MANAGERS;
  const managers = new Map<string, Manager>();
  for (const entry of entries) {
    const manager = decodeEntry(entry);
    if (manager === undefined) return undefined;
    managers.set(managerKey(manager), manager);
  }
  return managers;
}

function decodeEntry(entry: ManagedFieldsEntry): Manager | undefined {
  const { manager = '', operation, apiVersion = '', subresource = '', time, fieldsType, fieldsV1 } = entry;
  if ((operation !== 'Apply' && operation !== 'Update') || apiVersion === '' || fieldsType !== 'FieldsV1')
    return undefined;
  const fields = decodeFieldsV1(fieldsV1);
  return fields === undefined ? undefined : { manager, operation, apiVersion, subresource, time, fields, entry };
}

/** Applying managers first, then the oldest first; undefined when nobody manages anything. */
export function encodeManagers(managers: Managers): Entries | undefined {
  if (managers.size === 0) return undefined;
  return inOrder([...managers.values()]).map(encodeEntry);
}

/** As they are, as they mostly stand right: who writes last has written before, or comes last. */
function inOrder(managers: readonly Manager[]): readonly Manager[] {
  for (let at = 1; at < managers.length; at++)
    if (compareManagers(managers[at - 1]!, managers[at]!) > 0) return managers.toSorted(compareManagers);
  return managers;
}

function encodeEntry(manager: Manager): ManagedFieldsEntry {
  const { entry, fields, time, apiVersion } = manager;
  const isKept =
    entry !== undefined && entry.fieldsV1 === fields && entry.time === time && entry.apiVersion === apiVersion;
  return isKept ? entry : newEntry(manager);
}

export function newEntry({ manager, operation, apiVersion, time, fields, subresource }: Manager): ManagedFieldsEntry {
  const fieldsV1 = sharedSet(fields);
  // The order of the names is the one that clients see. Two ways that nearly all go are written out: they are made with each write.
  if (time !== undefined)
    return subresource === ''
      ? { manager, operation, apiVersion, time, fieldsType: 'FieldsV1', fieldsV1 }
      : { manager, operation, apiVersion, time, fieldsType: 'FieldsV1', fieldsV1, subresource };
  return {
    manager,
    operation,
    apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(subresource === '' ? {} : { subresource }),
  };
}

function compareManagers(left: Manager, right: Manager): number {
  return (
    compareText(left.operation, right.operation) ||
    compareText(left.time ?? '', right.time ?? '') ||
    compareText(left.manager, right.manager) ||
    compareText(left.apiVersion, right.apiVersion) ||
    compareText(left.subresource, right.subresource)
  );
}

/** Times of the one form the API writes sort as texts. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
