/** Suite `writes`: what single writes cost the processor. */
import type { Measurement, Suite } from '../suite.ts';
import { measureApply } from './apply-time.ts';
import { measureSchema } from './schema-time.ts';

export const writesSuite: Suite = {
  name: 'writes',
  description: 'CPU time of a server-side apply, and of a large CRD schema',
  needs: 'nothing',
  async run(context) {
    const measurements: Measurement[] = [];
    for (const measure of [measureApply, measureSchema]) measurements.push(...(await measure(context)));
    return measurements;
  },
};
