/** Joins two lists of tolerations without what others of them cover. Takes time by the length of the lists, not by its square. Pure. */
import type { Toleration } from '#api/types/core-v1';

type Tolerations = readonly Toleration[];

/** What covers another stays, wherever it stands; of equal ones the first. */
export function mergeTolerations(own: Tolerations, added: Tolerations): Tolerations {
  const all = [...own, ...added];
  const coveredLater = all.map(() => false);
  const later = new Coverage();
  for (let at = all.length - 1; at >= 0; at--) {
    coveredLater[at] = later.covers(all[at]!, 'by another');
    later.add(all[at]!);
  }
  const before = new Coverage();
  return all.filter((toleration, at) => {
    const stays = !before.covers(toleration, 'by any') && coveredLater[at] !== true;
    if (stays) before.add(toleration);
    return stays;
  });
}

/** How long is tolerated at most, and which toleration says so. */
type Longest = { readonly seconds: number; readonly identity: string };

/** Tolerations by what they cover: those of one place differ by their time alone. */
class Coverage {
  /** Of each place the longest, and the longest that is not equal to that. */
  readonly #places = new Map<string, readonly Longest[]>();

  add(toleration: Toleration): void {
    const place = placeOf(toleration);
    const mine = { seconds: secondsCovered(toleration), identity: identityOf(toleration) };
    const others = (this.#places.get(place) ?? []).filter(({ identity }) => identity !== mine.identity);
    this.#places.set(place, [mine, ...others].toSorted((left, right) => compareSeconds(right, left)).slice(0, 2));
  }

  covers(toleration: Toleration, how: 'by any' | 'by another'): boolean {
    const { tolerationSeconds: needed = Infinity } = toleration;
    const itself = how === 'by any' ? undefined : identityOf(toleration);
    return placesCovering(toleration).some((place) =>
      this.#places.get(place)?.some(({ seconds, identity }) => seconds >= needed && identity !== itself),
    );
  }
}

const compareSeconds = (left: Longest, right: Longest): number =>
  left.seconds === right.seconds ? 0 : left.seconds - right.seconds;

const identityOf = ({ key, operator, value, effect, tolerationSeconds }: Toleration): string =>
  JSON.stringify([key, operator, value, effect, tolerationSeconds]);

const secondsCovered = ({ effect, tolerationSeconds = Infinity }: Toleration): number =>
  effect === 'NoExecute' ? tolerationSeconds : Infinity;

const placeOf = (toleration: Toleration): string =>
  JSON.stringify([
    isForAnyKey(toleration) ? ANY : (toleration.key ?? ''),
    toleration.effect || ANY,
    valueOf(toleration),
  ]);

function placesCovering(toleration: Toleration): readonly string[] {
  const { key = '', operator = '', value = '', effect = '' } = toleration;
  const values = [ANY, `${operator}=${value}`];
  return [key, ANY].flatMap((eachKey) =>
    [effect, ANY].flatMap((eachEffect) => values.map((each) => JSON.stringify([eachKey, eachEffect, each]))),
  );
}

// No text of a toleration: it stands apart from all of them.
const ANY = null;

const isForAnyKey = ({ key, operator }: Toleration): boolean => !key && operator === 'Exists';

const valueOf = ({ operator = '', value = '' }: Toleration): string | null =>
  operator === 'Exists' ? ANY : `${operator}=${value}`;
