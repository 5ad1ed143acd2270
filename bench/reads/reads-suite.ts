/** Suite `reads`: gets, lists and watches through HTTPS. */
import { benchCertificates } from '../api/https-servers.ts';
import type { Suite } from '../suite.ts';
import { measureGets } from './gets.ts';
import { measureWatchers } from './watchers.ts';

export const readsSuite: Suite = {
  name: 'reads',
  description: 'gets of a pod, lists of 10,000 and 10,000 watches through HTTPS',
  needs: 'nothing',
  async run(context) {
    const certificates = benchCertificates();
    return [...(await measureWatchers(context, certificates)), ...(await measureGets(context, certificates))];
  },
};
