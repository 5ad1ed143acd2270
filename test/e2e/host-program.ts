/** A program of ours that runs on one of the test's hosts until its standard input ends, and then prints JSON. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Host } from './network-namespace.ts';

export type HostProgram<T> = AsyncDisposable & { readonly stop: () => Promise<T> };

/** `file` lies beside this one. */
export function startOn<T>(host: Host, file: string, args: readonly string[]): HostProgram<T> {
  const program = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(...host.command(process.execPath, [program, ...args]), { stdio: ['pipe', 'pipe', 'inherit'] });
  const printed = text(child.stdout);
  let result: Promise<T> | undefined;
  const stop = (): Promise<T> => {
    result ??= finish();
    return result;
  };
  return {
    stop,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await printed;
    },
  };

  async function finish(): Promise<T> {
    child.stdin.end();
    const output = await printed;
    assert.notEqual(output, '', `${file} ended badly`);
    return JSON.parse(output) as T;
  }
}
