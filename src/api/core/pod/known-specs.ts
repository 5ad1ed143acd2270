/** Pod specs that were met before, so that what follows from a spec alone is worked out once. */
import { Recent } from '#base/recent';
import type { PodSpec } from '../../types/core-v1.ts';

const KNOWN_TEXTS = 200;
// Longer ones are rare, and few of them would fill the memory.
const LONGEST_TEXT = 16 * 1024;

/**
 * A function of specs that remembers. By reference: pods of one template in this process share its spec.
 * By text: over the network the same spec comes as another object with every pod. `derive` returns a frozen spec.
 */
export function rememberSpecs(derive: (spec: PodSpec) => PodSpec): (spec: PodSpec) => PodSpec {
  const byReference = new WeakMap<PodSpec, PodSpec>();
  const byText = new Recent<string, PodSpec>(KNOWN_TEXTS);

  function ofText(spec: PodSpec): PodSpec {
    const text = JSON.stringify(spec);
    const known = byText.get(text);
    if (known !== undefined) return known;
    const result = derive(spec);
    if (text.length <= LONGEST_TEXT) byText.set(text, result);
    byReference.set(result, result);
    return result;
  }

  return (spec) => {
    // What is not frozen is nobody else's: its reference will not come again.
    if (!Object.isFrozen(spec)) return ofText(spec);
    const known = byReference.get(spec);
    if (known !== undefined) return known;
    const result = ofText(spec);
    byReference.set(spec, result);
    return result;
  };
}
