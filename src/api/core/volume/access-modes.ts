/** In which ways a volume may be mounted: what the modes are called, in full and in tables. */
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, notSupported } from '../../meta/field-error.ts';

/** In the order in which tables list them. */
const SHORT_FORMS: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

const ACCESS_MODES: readonly string[] = Object.keys(SHORT_FORMS).toSorted();

/** `RWO,ROX`. */
export function accessModesText(modes: readonly string[] = []): string {
  const named = Object.entries(SHORT_FORMS).filter(([mode]) => modes.includes(mode));
  return named.map(([, short]) => short).join(',');
}

export function* validateAccessModes(modes: readonly string[], field: string): Generator<FieldError> {
  for (const mode of modes) if (!ACCESS_MODES.includes(mode)) yield notSupported(field, mode, ACCESS_MODES);
  const known = new Set(modes.filter((mode) => ACCESS_MODES.includes(mode)));
  if (known.has('ReadWriteOncePod') && known.size > 1)
    yield forbidden(field, 'may not use ReadWriteOncePod with other access modes');
}
