/** Loaded before everything else: changes the text of one module as it is read, as the mutation named in the environment says. */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MUTATIONS } from './mutations.ts';

const number = Number(process.env['SIM_MUTATION']);
const mutation = MUTATIONS[number];
if (mutation === undefined)
  throw new RangeError(`Cannot plant mutation ${number}: expected 0 to ${MUTATIONS.length - 1}`);
const { file, find, replace } = mutation;
const path = fileURLToPath(new URL(`../../../${file}`, import.meta.url));

registerHooks({
  load(url, context, nextLoad) {
    if (url !== new URL(`file://${path}`).href) return nextLoad(url, context);
    const text = readFileSync(path, 'utf8');
    if (text.split(find).length !== 2)
      throw new Error(`Cannot plant "${mutation.name}": ${file} has not exactly one "${find}"`);
    return { format: 'module-typescript', source: text.replace(find, () => replace), shortCircuit: true };
  },
});
