/** Plants one fault in a process of its own and lets the simulator look for it there. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { MUTATIONS } from './mutations.ts';

const PLANT = fileURLToPath(new URL('./plant.ts', import.meta.url));
const SIMULATOR = fileURLToPath(new URL('../run.ts', import.meta.url));
const POINTS = '4000';
const SEED = '1';
// What the simulator ends with when a life ended wrongly.
const FOUND = 1;

export type Look = { readonly found: boolean; readonly why: string };

export async function findMutation(number: number): Promise<Look> {
  const { scenario = '' } = MUTATIONS[number] ?? {};
  const args = ['--import', PLANT, SIMULATOR, '--scenario', scenario, '--points', POINTS, '--seed', SEED, '--first'];
  const env = { ...process.env, SIM_MUTATION: String(number) };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  const lines = output.split('\n');
  const ended = lines.findIndex((line) => line.includes('ended wrongly:'));
  const why = ended === -1 ? (errors || lines.at(-2) || '').trim() : `${lines[ended]} ${lines[ended + 1]?.trim()}`;
  return { found: code === FOUND && ended !== -1, why };
}
