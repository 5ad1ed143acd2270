/** The transcripts are complete, and playing them can fail. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { CLIENT_MINORS, kubectlPath } from '../../../tools/kubectl.ts';
import { commandsOf, missingCommands } from './commands.ts';
import { difference } from './expectation.ts';
import { PLAYED_MINORS, transcriptText } from './stage.ts';
import { parseTranscript } from './transcript.ts';

test('[TOOL6] every command of the newest kubectl is in a transcript', async () => {
  const newest = CLIENT_MINORS.at(-1)!;
  assert.equal(PLAYED_MINORS.at(-1), newest);
  const commands = commandsOf(kubectlPath(newest));
  assert.ok(commands.length > 80, `only ${commands.length} commands`);
  const files = await readdir(new URL('transcripts/', import.meta.url));
  const texts = await Promise.all(files.map((file) => transcriptText(file.replace('.txt', ''))));
  assert.deepEqual(missingCommands(commands, texts), []);
  const without = texts.map((text) => text.replaceAll('kubectl drain', 'kubectl train'));
  assert.deepEqual(missingCommands(commands, without), ['drain']);
});

const TRANSCRIPT = `# About pods.
== pods
$ kubectl get pods
NAME   AGE
web    {age}
28$ kubectl old
? kubectl get <<END
> more
> END
28| one
32+| two
! Warning: late
[3]
`;

test('[TOOL7] a transcript tells each version its commands and what they print', () => {
  const [old] = parseTranscript(TRANSCRIPT, 28);
  assert.deepEqual(
    old?.steps.map(({ command }) => command),
    ['kubectl get pods', 'kubectl old', 'kubectl get <<END\nmore\nEND'],
  );
  const [newer] = parseTranscript(TRANSCRIPT, 36);
  assert.deepEqual(newer?.steps[1], {
    command: 'kubectl get <<END\nmore\nEND',
    repeats: true,
    expected: { stdout: ['two'], stderr: ['Warning: late'], code: 3 },
  });
});

test('[TOOL7] what differs is told, what may differ is not', () => {
  const expected = { stdout: ['NAME   AGE', 'web    {age}', '{...}', 'end'], stderr: ['Warning: {any}!'], code: 0 };
  const stdout = 'NAME       AGE\nweb        3m5s  \nmore\nmore\nend\n';
  const output = { code: 0, stdout, stderr: 'Warning: late!\n' };
  assert.equal(difference(output, expected), undefined);
  assert.equal(difference(output, { ...expected, stdout: ['NAME   AGE', '{...}'] }), undefined);
  const others = [
    { ...output, code: 1 },
    { ...output, stderr: '' },
    { ...output, stderr: 'Warning: late\n' },
    { ...output, stdout: stdout.replace('web', 'wed') },
    { ...output, stdout: stdout.replace('3m5s', 'long') },
    { ...output, stdout: `${stdout}more\n` },
    { ...output, stdout: ` ${stdout}` },
  ];
  for (const other of others) assert.match(difference(other, expected) ?? '', /^expected:\n[^]*\ngot:\n/);
});
