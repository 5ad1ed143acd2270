import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { virtualWorld } from '#base/virtual-world';
import { runCampaign, runFaultyLife } from './campaign.ts';
import { runLife } from './run-life.ts';
import { startProcess } from './process.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios/scenarios.ts';

// Another one each time would be a test that fails for somebody else than who broke it.
const SEED = 700;
const POINTS = 250;
const KEPT = fileURLToPath(new URL('./seeds/kept.tsv', import.meta.url));

function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new RangeError(`Cannot find scenario "${name}"`);
  return found;
}

test('[SIM1] whatever crashes, is lost, late or stale: every life ends as a calm one does, and keeps its promises on the way', async () => {
  const campaign = { scenarios: SCENARIOS, seed: SEED, points: POINTS, mostFindings: 3 };
  const { findings, points } = await runCampaign(campaign);
  assert.deepEqual(findings, []);
  assert.ok(points >= POINTS);
});

test('[SIM2] a seed is lived again bit for bit', async () => {
  const life = { scenario: scenarioNamed('stateful'), seed: SEED, controllers: 'apart' } as const;
  const again = [];
  for (let time = 0; time < 2; time++) again.push(await runFaultyLife({ ...life, keepLog: true }));
  const [first, second] = again;
  assert.ok(first !== undefined && first.points > 5, `${first?.points} faults`);
  assert.deepEqual(first, second);
  const other = await runFaultyLife({ ...life, seed: SEED + 1 });
  assert.notEqual(other.digest, first.digest);
});

for (const line of readFileSync(KEPT, 'utf8')
  .split('\n')
  .filter((each) => each !== '' && !each.startsWith('#'))) {
  const [scenario = '', seed = '', controllers = ''] = line.split('\t');
  test(`[SIM3] what ended wrongly once ends well: ${scenario}, seed ${seed}, controllers ${controllers}`, async () => {
    const { problems } = await runFaultyLife({
      scenario: scenarioNamed(scenario),
      seed: Number(seed),
      controllers: controllers === 'apart' ? 'apart' : 'together',
    });
    assert.deepEqual(problems, []);
  });
}

test('[SIM4] a life that ends otherwise than the calm one is told apart', async () => {
  const scenario = scenarioNamed('garbage');
  const { state } = await runLife({ scenario, seed: SEED, controllers: 'together' });
  const { problems } = await runLife({
    scenario: { ...scenario, steps: scenario.steps.slice(0, 3) },
    seed: SEED,
    controllers: 'together',
    calm: state,
  });
  assert.ok(problems.some((problem) => problem.startsWith('too much: 1 x apps/deployments default/background')));
});

test('[SIM5] what is dead neither hears its timers nor lives on by them', async () => {
  const world = virtualWorld();
  const fired: string[] = [];
  const process = startProcess(world, 1, () => 5_000);
  process.world.clock.setTimer(10, () => fired.push('first'));
  process.world.clock.setTimer(20, () => fired.push('second'));
  void process.world.clock.sleep(20).then(() => fired.push('slept'));
  assert.equal(process.world.clock.now() - world.clock.now(), 5_000);
  await world.advance(15);
  process.kill();
  process.world.clock.setTimer(1, () => fired.push('third'));
  await world.advance(60_000);
  assert.deepEqual([fired, world.pendingTimers(), process.isDead()], [['first'], 0, true]);
});
