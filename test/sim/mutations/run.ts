/** `npm run sim:mutations`: plants one fault after the other and lets the simulator look for it; fails when one stays hidden. */
import { findMutation } from './find-mutation.ts';
import { MUTATIONS } from './mutations.ts';

let hidden = 0;
for (const [number, mutation] of MUTATIONS.entries()) {
  const { found, why } = await findMutation(number);
  console.log(`${found ? 'found ' : 'HIDDEN'}  ${mutation.name}\n        ${why}`);
  if (!found) hidden++;
}
console.log(hidden === 0 ? `all ${MUTATIONS.length} were found` : `${hidden} of ${MUTATIONS.length} stayed hidden`);
process.exitCode = hidden === 0 ? 0 : 1;
