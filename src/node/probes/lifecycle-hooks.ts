/** Runs postStart and preStop hooks: a command, a request, or a pause. */
import type { World } from '#base/world';
import type { Hook, HookRunner } from '../pods/agent-context.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { httpGet } from './http-get.ts';

// A command may take as long as its signal lets it; the runtime wants a number.
const NO_TIMEOUT_MS = 24 * 3_600_000;

export function lifecycleHooks(runtime: Runtime, world: World): HookRunner {
  return { run: (hook, signal) => runHook(hook, { runtime, world, signal }) };
}

type HookContext = { readonly runtime: Runtime; readonly world: World; readonly signal: AbortSignal };

async function runHook(hook: Hook, context: HookContext): Promise<void> {
  const { handler, container, podIp } = hook;
  const { world, signal } = context;
  if (handler.exec !== undefined) return await runCommand(hook, handler.exec.command ?? [], context);
  if (handler.sleep !== undefined) return await world.clock.sleep(handler.sleep.seconds * 1000, signal);
  if (handler.httpGet === undefined) throw new Error(`invalid handler: ${Object.keys(handler).join(', ')}`);
  const answer = await httpGet({ action: handler.httpGet, container, podIp, signal });
  if (answer.result === 'Failure') throw new Error(answer.output);
}

async function runCommand(
  { container, containerId }: Hook,
  command: readonly string[],
  { runtime, signal }: HookContext,
): Promise<void> {
  const result = await runtime.execSync(containerId, { command, timeoutMs: NO_TIMEOUT_MS }, signal);
  if (result.exitCode === 0) return;
  const said = Buffer.concat([result.stdout, result.stderr]).toString('utf8').trim();
  const about = `Exec lifecycle hook (${JSON.stringify(command)}) for Container "${container.name}" failed`;
  throw new Error(`${about} - error: command '${command.join(' ')}' exited with ${result.exitCode}: ${said}`);
}
