/** Chooses devices for the claims of a pod on one node: all of them at once, or none. */
import { selectsDevice } from '#api/resource/device-selector';
import { MAX_REQUESTS } from '#api/resource/limits';
import type { Node } from '#api/types/core-v1';
import type { DeviceSelector } from '#api/types/resource-v1';
import { agrees, type Chosen } from './constraints.ts';
import { devicesOn, type Pool, type PooledDevice } from './pools.ts';
import type { Requested, Wish } from './wishes.ts';

export type Offer = {
  readonly node: Node;
  readonly pools: readonly Pool[];
  /** Ids of devices that others use. */
  readonly used: Pick<ReadonlySet<string>, 'has'>;
};

// Beyond this many tries a choice that fits would be luck: whoever asks for that much is better told so.
const MOST_TRIES = 20_000;

export type Choice = readonly Chosen[] | 'none' | 'gave up';

/** Throws `CelError` for a selector that cannot be worked out for a device, and `CelSyntaxError` for one that is none. */
export function chooseDevices(requested: readonly Requested[], offer: Offer): Choice {
  const search = new Search(requested, offer);
  return search.run();
}

/** Tries one device after the other, and takes back what leads nowhere. */
class Search {
  readonly #requested: readonly Requested[];
  readonly #used: Offer['used'];
  readonly #offered: readonly { readonly isWhole: boolean; readonly devices: readonly PooledDevice[] }[];
  readonly #suited = new Map<Wish, readonly PooledDevice[] | 'not whole'>();
  readonly #chosen: Chosen[] = [];
  #tries = 0;

  constructor(requested: readonly Requested[], { node, pools, used }: Offer) {
    this.#requested = requested;
    this.#used = used;
    this.#offered = pools.map((pool) => ({ isWhole: pool.isWhole, devices: devicesOn(node, pool) }));
  }

  run(): Choice {
    if (this.#meet(0)) return this.#chosen;
    return this.#tries > MOST_TRIES ? 'gave up' : 'none';
  }

  #meet(index: number): boolean {
    const requested = this.#requested[index];
    if (requested === undefined) return true;
    return requested.alternatives.some((wish) => {
      const devices = this.#suitedTo(wish);
      if (devices === 'not whole') return false;
      const goal = wish.count === 'all' ? devices.length : wish.count;
      if (devices.length < goal || (wish.count === 'all' && goal === 0)) return false;
      return this.#take({ index, wish, devices, left: goal, from: 0 });
    });
  }

  /** Takes `left` more of the devices, from a place in the list on: in which order they are taken makes no difference. */
  #take({ index, wish, devices, left, from }: Taking): boolean {
    if (left === 0) return this.#meet(index + 1);
    for (let at = from; at <= devices.length - left; at++) {
      if (++this.#tries > MOST_TRIES) return false;
      const device = devices[at];
      if (device !== undefined && this.#choose(index, wish, device)) {
        if (this.#take({ index, wish, devices, left: left - 1, from: at + 1 })) return true;
        this.#chosen.pop();
      }
      // Of all devices none may be left out.
      if (wish.count === 'all') return false;
    }
    return false;
  }

  #choose(index: number, { request, isAdmin }: Wish, from: PooledDevice): boolean {
    const claim = this.#requested[index]?.claim;
    if (claim === undefined || (!isAdmin && this.#isTaken(from))) return false;
    const next = { claim, request, from, isAdmin };
    const ofClaim = this.#chosen.filter((each) => each.claim === claim);
    if (ofClaim.length >= MAX_REQUESTS || !agrees(next, ofClaim)) return false;
    this.#chosen.push(next);
    return true;
  }

  #isTaken({ id }: PooledDevice): boolean {
    return this.#used.has(id) || this.#chosen.some((each) => !each.isAdmin && each.from.id === id);
  }

  /** Whoever wants all must know all: a pool of which something is missing does not do then. */
  #suitedTo(wish: Wish): readonly PooledDevice[] | 'not whole' {
    const known = this.#suited.get(wish);
    if (known !== undefined) return known;
    const isUnsure =
      wish.count === 'all' && this.#offered.some(({ isWhole, devices }) => !isWhole && devices.length > 0);
    const suited = isUnsure
      ? 'not whole'
      : this.#offered
          .filter(({ isWhole }) => isWhole)
          .flatMap(({ devices }) => devices.filter((each) => suits(each, wish)));
    this.#suited.set(wish, suited);
    return suited;
  }
}

type Taking = {
  readonly index: number;
  readonly wish: Wish;
  readonly devices: readonly PooledDevice[];
  readonly left: number;
  readonly from: number;
};

function suits({ driver, device }: PooledDevice, { deviceClass, selectors }: Wish): boolean {
  const meets = ({ cel }: DeviceSelector): boolean =>
    cel !== undefined && selectsDevice(cel.expression, driver, device);
  return (deviceClass.spec.selectors ?? []).every(meets) && selectors.every(meets);
}
