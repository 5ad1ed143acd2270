/** Suite `reads`: gets, lists and watches through HTTPS. */
import { benchCertificates } from '../api/https-servers.ts';
import type { Measurement, Suite } from '../suite.ts';
import { measureGets } from './gets.ts';
import { measureStart } from './start-over-objects.ts';
import { measureWatchers } from './watchers.ts';

export const readsSuite: Suite = {
  name: 'reads',
  description: 'gets of a pod, lists of 10,000, 10,000 watches, a start over 100,000 objects, through HTTPS',
  needs: 'nothing',
  async run(context) {
    const certificates = benchCertificates();
    const measurements: Measurement[] = [];
    for (const measure of [measureWatchers, measureGets, measureStart])
      measurements.push(...(await measure(context, certificates)));
    return measurements;
  },
};
