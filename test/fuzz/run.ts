/** `npm run fuzz -- --cases 10000000 [--seed N] [--from CASE] [--target NAME]`: hostile input for as long as one likes. */
import { parseArgs } from 'node:util';
import { type Report, runCampaign } from './campaign.ts';
import { openTargets } from './targets/targets.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    from: { type: 'string', default: '0' },
    target: { type: 'string', multiple: true, default: [] },
  },
});

const seed = Number(values.seed);
const startedMs = performance.now();

let told = 0;

function tell({ findings, ...report }: Report): void {
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  const memory = `${Math.round(report.memoryBytes / 2 ** 20)} MiB`;
  const slowest = `slowest ${report.slowestMs.toFixed(1)} ms (${report.slowest})`;
  const counts = `${report.accepted} accepted, ${report.refused} refused, ${findings.length} defects`;
  process.stdout.write(`${report.cases} cases after ${seconds} s: ${counts}; ${slowest}; ${memory}\n`);
  for (const { target, case: number, what } of findings.slice(told)) {
    process.stdout.write(`\n${target}, case ${number} (--seed ${seed} --from ${number} --cases 1): ${what}\n\n`);
  }
  told = findings.length;
}

await using opened = await openTargets();
const targets = opened.targets.filter(({ name }) => values.target.length === 0 || values.target.includes(name));
process.stdout.write(`seed ${seed}: ${targets.map(({ name }) => name).join(', ')}\n`);
const report = await runCampaign({
  targets,
  seed,
  cases: Number(values.cases),
  from: Number(values.from),
  onProgress: tell,
});
tell(report);
process.exitCode = report.findings.length === 0 ? 0 : 1;
