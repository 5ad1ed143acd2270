/** The cells that the tables of volumes and of claims share. */
import type { ApiObject } from '../../object.ts';
import { canonicalQuantity } from '../../meta/quantity.ts';

export const UNSET = '<unset>';

/** How much storage a list of resources has; upstream prints none as `0`. */
export const storageOf = (resources: Readonly<Record<string, string>> | undefined): string =>
  canonicalQuantity(resources?.['storage'] ?? '0');

export const phaseText = ({
  metadata,
  status,
}: ApiObject & { readonly status?: { readonly phase?: string } }): string =>
  metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating';
