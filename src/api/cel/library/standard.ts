/** The functions that every expression may call. */
import type { CelLibrary } from '../environment.ts';
import { CONVERSIONS } from './conversions.ts';
import { LISTS } from './lists.ts';
import { OPERATORS } from './operators.ts';
import { OPTIONALS } from './optionals.ts';
import { TEXTS } from './texts.ts';
import { TIMES } from './times.ts';

export const STANDARD: readonly CelLibrary[] = [...OPERATORS, CONVERSIONS, TEXTS, LISTS, TIMES, OPTIONALS];
