/** Suite `decode`: bodies of a pod read and checked, protobuf beside JSON, and written again. */
import { decodeObject } from '#api/schema/decode';
import { parseJson } from '#api/schema/json-text';
import { decodeProtobuf } from '#api/schema/protobuf-decode';
import { encodeProtobuf } from '#api/schema/protobuf-encode';
import { schemaFor } from '#api/schema/schema';
import { aWorkloadPod } from '../objects/workload-objects.ts';
import type { BenchContext, Measurement, Suite } from '../suite.ts';

const KIND = { group: '', version: 'v1', kind: 'Pod' };
const ROUNDS = { full: 30, quick: 5 };
const OPERATIONS = 3000;

export const decodeSuite: Suite = {
  name: 'decode',
  description: 'one body of a 1.4 KB pod, read and checked against its schema',
  needs: 'nothing',
  run: (context) => Promise.resolve(measure(context)),
};

function measure({ scale, progress, signal }: BenchContext): readonly Measurement[] {
  const object = aWorkloadPod('web-app-7d9c6b5f4-abcde');
  const text = JSON.stringify(object);
  const json = Buffer.from(text);
  const protobuf = encodeProtobuf({ kind: KIND, object: { ...object } });
  const schema = schemaFor(KIND);
  if (schema === undefined) throw new Error('Cannot measure: the schema table has no Pod');
  const check = (value: unknown): unknown => decodeObject(schema, value, { fieldValidation: 'Strict' });
  const best = new Map<string, number>();
  const workloads: readonly (readonly [name: string, run: () => unknown])[] = [
    ['JSON.parse and check', () => check(JSON.parse(text))],
    ['JSON body, bounds and duplicate keys too', () => check(parseJson(json.toString()).value)],
    ['protobuf body', () => decodeProtobuf(protobuf)],
    ['JSON.stringify', () => Buffer.from(JSON.stringify(object))],
    ['protobuf answer', () => encodeProtobuf({ kind: KIND, object: { ...object } })],
  ];
  // Round after round rather than one after the other: on a machine with other work, each gets quiet moments.
  for (let round = 0; round <= ROUNDS[scale]; round++) {
    signal.throwIfAborted();
    if (round % 10 === 0) progress(`round ${round} of ${ROUNDS[scale]}`);
    for (const [name, run] of workloads) best.set(name, Math.max(best.get(name) ?? 0, perSecond(run)));
  }
  const figure = (name: string): number => best.get(name) ?? 0;
  const row = (workload: string): Measurement => ({ workload, figure: figure(workload), unit: 'objects/s' });
  const beside = (workload: string, name: string): Measurement => ({
    ...row(workload),
    reference: { name, figure: figure(name) },
  });
  return [
    row('JSON.parse and check'),
    beside('JSON body, bounds and duplicate keys too', 'JSON.parse and check'),
    { ...beside('protobuf body', 'JSON.parse and check'), targets: [{ of: 'ratio', keep: 'at least', limit: 1 }] },
    row('JSON.stringify'),
    beside('protobuf answer', 'JSON.stringify'),
  ];
}

function perSecond(run: () => unknown): number {
  const started = performance.now();
  for (let done = 0; done < OPERATIONS; done++) run();
  return (OPERATIONS * 1000) / (performance.now() - started);
}
