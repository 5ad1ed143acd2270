/** What an ingress' author should know although the ingress is valid. */
import type { Ingress } from '../../types/networking-v1.ts';
import { CLASS_ANNOTATION } from './validation.ts';

export function* ingressWarnings({ metadata }: Ingress): Generator<string> {
  if (metadata.annotations?.[CLASS_ANNOTATION] !== undefined)
    yield `annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`;
}
