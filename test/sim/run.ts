/** `npm run sim`: lives of a cluster in which everything fails, for as many faults as one likes. */
import { parseArgs } from 'node:util';
import { errorMessage } from '#base/errors';
import { type CampaignOptions, type Finding, type Progress, runCampaign, runFaultyLife } from './campaign.ts';
import type { Scenario } from './scenario.ts';
import type { ControllerLives } from './sim-cluster.ts';
import { SCENARIOS } from './scenarios/scenarios.ts';

const HELP = `Usage: npm run sim -- [options]

Runs the whole control plane on virtual time while it crashes, loses its line, falls behind and loses nodes,
and compares how each life ends with a calm one.

Options:
  --points <n>       faults to inject (default: 1000)
  --seed <n>         of the first life (default: drawn from the clock)
  --scenario <name>  only this one, of: ${SCENARIOS.map(({ name }) => name).join(', ')}
  --controllers <as> together: one program; apart: each a program that fails by itself (default: in turn)
  --first            end at the first life that ends wrongly
  --log              one life alone, with everything that happened in it: needs --seed, --scenario and --controllers
  --help             this text

Exit codes: 0 every life ended well, 1 some did not, 2 wrong usage.`;

const EXIT = { ok: 0, found: 1, usage: 2 };
const PROGRESS_EVERY = 20;
const MOST_FINDINGS = 50;

process.exitCode = await main(process.argv.slice(2));

async function main(given: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...given],
      options: {
        points: { type: 'string', default: '1000' },
        seed: { type: 'string' },
        scenario: { type: 'string' },
        controllers: { type: 'string' },
        first: { type: 'boolean', default: false },
        log: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(`${HELP}\n`);
      return EXIT.ok;
    }
    const seed = values.seed === undefined ? Date.now() % 1_000_000 : wholeNumber('--seed', values.seed);
    const scenarios = chosen(values.scenario);
    const controllers = controllerLives(values.controllers);
    if (values.log) return await showLife({ scenarios, seed, controllers });
    const points = wholeNumber('--points', values.points);
    return await campaign({ scenarios, seed, points, controllers, mostFindings: values.first ? 1 : MOST_FINDINGS });
  } catch (error) {
    process.stderr.write(`sim: ${errorMessage(error)}\n`);
    return EXIT.usage;
  }
}

async function campaign(options: Omit<CampaignOptions, 'onLife'>): Promise<number> {
  const { scenarios, seed } = options;
  process.stdout.write(`seed ${seed}: ${scenarios.map(({ name }) => name).join(', ')}\n`);
  const startedMs = performance.now();
  let told = 0;
  const tell = (progress: Progress): void => {
    const { findings } = progress;
    for (const finding of findings.slice(told)) process.stdout.write(describe(finding));
    told = findings.length;
    if (progress.lives % PROGRESS_EVERY === 0) process.stdout.write(`${summary(progress, startedMs)}\n`);
  };
  const result = await runCampaign({ ...options, onLife: tell });
  process.stdout.write(`${summary(result, startedMs)}\n`);
  return result.findings.length === 0 ? EXIT.ok : EXIT.found;
}

function summary({ points, lives, virtualSeconds, findings }: Progress, startedMs: number): string {
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  const hours = (virtualSeconds / 3_600).toFixed(1);
  return `${points} faults in ${lives} lives, ${hours} h of virtual time, after ${seconds} s: ${findings.length} ended wrongly`;
}

function describe({ scenario, seed, controllers, problems }: Finding): string {
  const lines = problems.map((problem) => `  ${problem}\n`).join('');
  return `\n${scenario.name} --seed ${seed} --controllers ${controllers} ended wrongly:\n${lines}\n`;
}

async function showLife({ scenarios, seed, controllers }: Shown): Promise<number> {
  const [scenario, ...others] = scenarios;
  if (scenario === undefined || others.length > 0) throw new RangeError('Cannot show a life: expected --scenario');
  if (controllers === undefined) throw new RangeError('Cannot show a life: expected --controllers');
  const { log, problems } = await runFaultyLife({ scenario, seed, controllers, keepLog: true });
  process.stdout.write(`${log.join('\n')}\n`);
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  return problems.length === 0 ? EXIT.ok : EXIT.found;
}

type Shown = Pick<CampaignOptions, 'scenarios' | 'seed' | 'controllers'>;

function controllerLives(text: string | undefined): ControllerLives | undefined {
  if (text === undefined || text === 'together' || text === 'apart') return text;
  throw new RangeError(`Cannot let controllers live "${text}": expected together or apart`);
}

function chosen(name: string | undefined): readonly Scenario[] {
  if (name === undefined) return SCENARIOS;
  const found = SCENARIOS.filter((each) => each.name === name);
  if (found.length > 0) return found;
  throw new RangeError(
    `Cannot run scenario "${name}": expected one of ${SCENARIOS.map((each) => each.name).join(', ')}`,
  );
}

function wholeNumber(flag: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`Cannot use ${flag} ${text}: expected a whole number`);
  return Number(text);
}
