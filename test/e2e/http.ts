/** HTTP from one of the test's hosts, with curl: its own process, its own network namespace. */
import { must, runOn } from './cluster.ts';
import type { Host } from './network-namespace.ts';

/** The body; fails on anything but an answer below 400. */
export async function curl(host: Host, url: string, ...args: readonly string[]): Promise<string> {
  return must(await runOn(host, 'curl', ['--silent', '--show-error', '--fail', '--max-time', '5', ...args, url]));
}

/** Which pod answered each of `count` requests, by the X-Pod header that the nginx images set. */
export async function answeringPods(host: Host, url: string, count: number): Promise<ReadonlyMap<string, number>> {
  const seen = new Map<string, number>();
  for (let left = count; left > 0; left--) {
    const headers = await curl(host, url, '--output', '/dev/null', '--dump-header', '-');
    const pod = /^x-pod: (\S+)/im.exec(headers)?.[1] ?? 'none';
    seen.set(pod, (seen.get(pod) ?? 0) + 1);
  }
  return seen;
}
