/** Server-side apply of a deployment by one manager, each time with a change, through the pipeline in process. */
import type { ApiRequest } from '#api/request';
import { systemWorld } from '#base/world';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import { ADMIN, pipelineOn } from '../api/in-process-creates.ts';
import type { BenchContext, Measurement, Scale } from '../suite.ts';
import { anAppliedDeployment } from './applied-deployment.ts';
import { cpuTime } from './cpu-time.ts';

const APPLIES: Readonly<Record<Scale, number>> = { full: 10_000, quick: 1000 };
const PER_SAMPLE = 50;
const LIMIT_MS = 1;

export async function measureApply({ scale, progress, signal }: BenchContext): Promise<readonly Measurement[]> {
  progress('server-side apply');
  await using store = await openStore({ engine: memoryEngine(), world: systemWorld() });
  const handle = await pipelineOn(store);
  const texts = [1, 2].map((replicas) => JSON.stringify(anAppliedDeployment(replicas)));
  const request = {
    verb: 'patch',
    group: 'apps',
    version: 'v1',
    plural: 'deployments',
    namespace: 'default',
    name: 'shop',
    patchType: 'application/apply-patch+yaml',
    options: { fieldManager: 'bench', force: false },
    user: ADMIN,
    signal,
  } as const satisfies ApiRequest;
  const cost = { operations: APPLIES[scale], perSample: PER_SAMPLE };
  const apply = (index: number): Promise<unknown> =>
    handle({ ...request, body: JSON.parse(texts[index % 2] ?? '') as object });
  const parse = (index: number): unknown => structuredClone(JSON.parse(texts[index % 2] ?? ''));
  await cpuTime(cost, apply); // compiles what is hot
  const [ours, floor] = [await cpuTime(cost, apply), await cpuTime(cost, parse)];
  return [
    {
      workload: `server-side apply of a deployment of ${((texts[0]?.length ?? 0) / 1024).toFixed(1)} KB`,
      figure: ours.p50,
      unit: 'ms of CPU',
      spread: ours,
      reference: { name: 'JSON.parse and a copy', figure: floor.p50 },
      targets: [{ of: 'figure', keep: 'at most', limit: LIMIT_MS }],
    },
  ];
}
