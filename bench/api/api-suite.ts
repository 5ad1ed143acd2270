/** Suite `api`: creates through the request pipeline in process and through HTTPS, and watch fan-out. */
import type { Measurement, Suite } from '../suite.ts';
import { measureFanOut } from './fan-out.ts';
import { measureHttps } from './https-creates.ts';
import { measureInProcess } from './in-process-creates.ts';

export const apiSuite: Suite = {
  name: 'api',
  description: 'creates of 1.5 KB objects in process and through HTTPS; events to 1,000 watchers',
  needs: 'nothing',
  async run(context) {
    const measurements: Measurement[] = [];
    for (const measure of [measureInProcess, measureHttps, measureFanOut])
      measurements.push(...(await measure(context)));
    return measurements;
  },
};
