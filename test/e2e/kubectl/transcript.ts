/**
 * Reads transcripts: sessions at a shell as people would copy them from a terminal, with what may differ marked.
 *
 * `== title` opens a scene. `$ command` is run, `? command` is run until it prints what is expected; `> ` continues it.
 * Then follows what it prints; `! ` opens a line of the standard error, `[1]` tells an exit code other than 0.
 * `28$`, `32+$`, `32-|`: only for that version of kubectl, from it on, up to it. Before a scene's
 * first command, `#` opens a comment.
 */
export type Expected = {
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  readonly code: number;
};

export type Step = { readonly command: string; readonly repeats: boolean; readonly expected: Expected };

export type Scene = { readonly title: string; readonly steps: readonly Step[] };

type OpenStep = { lines: string[]; repeats: boolean; stdout: string[]; stderr: string[]; code: number };

const COMMAND = /^(?:(\d\d)([+-]?))?([$?]) (.*)$/;
const VERSIONED = /^(\d\d)([+-]?)\| ?(.*)$/;
const EXIT = /^\[(\d+)\]$/;

/** The scenes of a transcript as kubectl 1.`minor` plays them. */
export function parseTranscript(text: string, minor: number): readonly Scene[] {
  const scenes: { title: string; steps: OpenStep[] }[] = [];
  let step: OpenStep | undefined;
  for (const line of text.split('\n')) {
    if (step === undefined && line.startsWith('#')) continue;
    if (line.startsWith('== ')) {
      scenes.push({ title: line.slice(3), steps: [] });
      step = undefined;
      continue;
    }
    const command = COMMAND.exec(line);
    if (command !== null) {
      step = { lines: [command[4]!], repeats: command[3] === '?', stdout: [], stderr: [], code: 0 };
      if (concerns(command, minor)) sceneOf(scenes, line).steps.push(step);
    } else if (step !== undefined) addLine(step, line, minor);
    else if (line !== '') throw new Error(`Cannot read transcript: "${line}" belongs to no command`);
  }
  return scenes
    .map(({ title, steps }) => ({ title, steps: steps.map(closed) }))
    .filter(({ steps }) => steps.length > 0);
}

function sceneOf<T>(scenes: readonly T[], line: string): T {
  const scene = scenes.at(-1);
  if (scene === undefined) throw new Error(`Cannot read transcript: "${line}" stands before the first scene`);
  return scene;
}

function addLine(step: OpenStep, line: string, minor: number): void {
  const versioned = VERSIONED.exec(line);
  if (versioned !== null) {
    if (concerns(versioned, minor)) addLine(step, versioned[3]!, minor);
    return;
  }
  const exit = EXIT.exec(line);
  if (exit !== null) step.code = Number(exit[1]);
  else if (line.startsWith('> ') || line === '>') step.lines.push(line.slice(2));
  else if (line.startsWith('! ') || line === '!') step.stderr.push(line.slice(2));
  else step.stdout.push(line);
}

const concerns = ([, named, direction]: readonly (string | undefined)[], minor: number): boolean => {
  if (named === undefined) return true;
  const version = Number(named);
  return direction === '+' ? minor >= version : direction === '-' ? minor <= version : minor === version;
};

const closed = ({ lines, repeats, stdout, stderr, code }: OpenStep): Step => ({
  command: lines.join('\n'),
  repeats,
  expected: { stdout: withoutEnd(stdout), stderr: withoutEnd(stderr), code },
});

/** Without the empty lines that only part one step from the next. */
function withoutEnd(lines: readonly string[]): readonly string[] {
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
}
