/** Objects are made and removed by kubectl as on Kubernetes. */
import { after, before, describe, test } from 'node:test';
import { PLAYED_MINORS, Stage, transcriptText } from './stage.ts';
import { parseTranscript } from './transcript.ts';

const text = await transcriptText('creating');

describe('kubectl: creating', { timeout: 300_000, concurrency: PLAYED_MINORS.length }, () => {
  let stage: Stage;

  before(async () => {
    stage = await Stage.open(['creating']);
  });

  after(async () => {
    await stage?.[Symbol.asyncDispose]();
  });

  for (const minor of PLAYED_MINORS) {
    describe(`kubectl 1.${minor}`, { concurrency: 1 }, () => {
      for (const scene of parseTranscript(text, minor)) {
        test(`[TOOL1] ${scene.title}`, () => stage.play(scene, minor));
      }
    });
  }
});
