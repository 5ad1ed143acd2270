/** `npm run fuzz`: hostile input for as long as one likes. */
import { type Report, runCampaign } from './campaign.ts';
import { EXIT, type FuzzOptions, helpText, parseOptions, UsageError } from './options.ts';
import { openTargets } from './targets/targets.ts';
import type { Target } from './target.ts';

process.exitCode = await fuzz(process.argv.slice(2));

async function fuzz(given: readonly string[]): Promise<number> {
  await using opened = await openTargets();
  const names = opened.targets.map(({ name }) => name);
  try {
    const options = parseOptions(given, names);
    if (!options.help) return await run(opened.targets, options);
    process.stdout.write(`${helpText(names)}\n`);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`fuzz: ${error.message}\n`);
    return EXIT.usage;
  }
}

async function run(all: readonly Target[], { targets: wanted, cases, from, ...options }: FuzzOptions): Promise<number> {
  const targets = all.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const { seed = Date.now() % 1_000_000 } = options;
  process.stdout.write(`seed ${seed}: ${targets.map(({ name }) => name).join(', ')}\n`);
  const tell = teller(seed);
  const report = await runCampaign({ targets, seed, cases, from, onProgress: tell });
  tell(report);
  return report.findings.length === 0 ? EXIT.ok : EXIT.found;
}

function teller(seed: number): (report: Report) => void {
  const startedMs = performance.now();
  let told = 0;
  return ({ findings, ...report }) => {
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    const memory = `${Math.round(report.memoryBytes / 2 ** 20)} MiB`;
    const slowest = `longest turn ${report.slowestMs.toFixed(1)} ms (${report.slowest})`;
    const counts = `${report.accepted} accepted, ${report.refused} refused, ${findings.length} defects`;
    process.stdout.write(`${report.cases} cases after ${seconds} s: ${counts}; ${slowest}; ${memory}\n`);
    for (const { target, case: number, what } of findings.slice(told)) {
      process.stdout.write(`\n${target}, case ${number} (--seed ${seed} --from ${number} --cases 1): ${what}\n\n`);
    }
    told = findings.length;
  };
}
