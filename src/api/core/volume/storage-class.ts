/** The storage class of a volume or a claim: in a field, and before that field existed in an annotation. */
import type { FieldError } from '../../meta/field-error.ts';
import { checkDnsSubdomain } from '../../meta/names.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type { ApiObject } from '../../object.ts';

export const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** The provisioner of classes whose volumes are made by operators. */
export const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

type Classed = ApiObject & { readonly spec: { readonly storageClassName?: string } };

/** Empty for one that wants no class. */
export const storageClassOf = ({ metadata, spec }: Classed): string =>
  metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? '';

/** Whether its author chose a class, be it none. */
export const choosesClass = ({ metadata, spec }: Classed): boolean =>
  metadata.annotations?.[CLASS_ANNOTATION] !== undefined || spec.storageClassName !== undefined;

export function* validateClassName(name: string | undefined, field: string): Generator<FieldError> {
  if (name) yield* validateName(name, checkDnsSubdomain, field);
}

export function* classWarnings({ metadata }: ApiObject): Generator<string> {
  if (metadata.annotations?.[CLASS_ANNOTATION] !== undefined)
    yield `metadata.annotations[${CLASS_ANNOTATION}]: deprecated since v1.8; use "storageClassName" attribute instead`;
}
