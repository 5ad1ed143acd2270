/** Makes ranges of service addresses ready, and keeps one that is deleted until no service needs it. */
import { IPAddress } from '#api/networking/ip-address';
import { ServiceCIDR } from '#api/networking/service-cidr';
import { formatTime, parseTime } from '#api/meta/time';
import { keyOf, refOfKey } from '#client/key';
import { type Context, defineController, on, type Outcome } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { hasFinalizer, withFinalizer, withoutFinalizer } from '../volume-protection/finalizer.ts';
import { mayGo, withReadiness } from './plan.ts';

const FINALIZER = 'networking.k8s.io/service-cidr-finalizer';
// Addresses that were being given out when the range was deleted are stored by then.
const SETTLING_MS = 10_000;

export const serviceCidr = defineController({
  name: 'service-cidr-controller',
  account: 'service-cidrs-controller',
  reads: [ServiceCIDR, IPAddress],
  writes: [ServiceCIDR],
  triggers: [
    // Each range may hold what another would leave behind.
    on(ServiceCIDR, ({ before, after }, context) => [keyOf((after ?? before) as ServiceCIDR), ...goingKeys(context)]),
    on(IPAddress, ({ before, after }, context) =>
      before !== undefined && after !== undefined ? [] : goingKeys(context),
    ),
  ],
  async reconcile(key, context) {
    const range = context.get(ServiceCIDR, refOfKey(key));
    if (range === undefined) return;
    if (range.metadata.deletionTimestamp !== undefined) return await letGo(range, context);
    const held = hasFinalizer(range, FINALIZER)
      ? range
      : await unlessMissing(context.client.update(ServiceCIDR, withFinalizer(range, FINALIZER)));
    if (held !== undefined) await tell(held, 'ready', context);
  },
});

const goingKeys = (context: Context): readonly string[] =>
  context
    .informer(ServiceCIDR)
    .list()
    .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
    .map(keyOf);

async function letGo(range: ServiceCIDR, context: Context): Promise<Outcome | void> {
  if (!hasFinalizer(range, FINALIZER)) return;
  const { client } = context;
  const [ranges, addresses] = await Promise.all([client.list(ServiceCIDR), client.list(IPAddress)]);
  if (!mayGo(range, ranges.items, addresses.items)) return await tell(range, 'held', context);
  const leftMs = (parseTime(range.metadata.deletionTimestamp) ?? 0) + SETTLING_MS - context.now();
  if (leftMs > 0) return { againInMs: leftMs };
  await unlessMissing(client.update(ServiceCIDR, withoutFinalizer(range, FINALIZER)));
}

async function tell(range: ServiceCIDR, state: 'ready' | 'held', { client, now }: Context): Promise<void> {
  const next = withReadiness(range, state, formatTime(now()));
  if (next !== range) await unlessMissing(client.update(ServiceCIDR, next, { subresource: 'status' }));
}
