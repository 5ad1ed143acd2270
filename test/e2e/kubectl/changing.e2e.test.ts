/** kubectl changes objects as on Kubernetes. */
import { after, before, describe, test } from 'node:test';
import { PLAYED_MINORS, Stage, transcriptText } from './stage.ts';
import { parseTranscript } from './transcript.ts';

const text = await transcriptText('changing');

describe('kubectl: changing', { timeout: 300_000, concurrency: PLAYED_MINORS.length }, () => {
  let stage: Stage;

  before(async () => {
    stage = await Stage.open(['changing']);
  });

  after(async () => {
    await stage?.[Symbol.asyncDispose]();
  });

  for (const minor of PLAYED_MINORS) {
    describe(`kubectl 1.${minor}`, { concurrency: 1 }, () => {
      for (const scene of parseTranscript(text, minor)) {
        test(`[TOOL3] ${scene.title}`, () => stage.play(scene, minor));
      }
    });
  }
});
