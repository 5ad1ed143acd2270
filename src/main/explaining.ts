/** Joins what the scheduler can explain to the API that serves it and to the tables that show it. */
import { Pod } from '#api/core/pod';
import { whyNotFine } from '#api/core/pod/why';
import { column } from '#api/meta/columns';
import type { Column, ResourceDefinition } from '#api/resource';
import type { Pod as PodObject } from '#api/types/core-v1';
import type { Explainer } from '#apiserver/explain/explanations';
import type { World } from '#base/world';
import { PodExplainer, type SchedulingView } from '#scheduler/explain/explainer';

export class Explaining {
  readonly #world: World;
  #explainer: Explainer | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  readonly onView = (view: SchedulingView): void => {
    this.#explainer = new PodExplainer({ view, world: this.#world });
  };

  /** Undefined until the scheduler has started. */
  readonly explainer = (): Explainer | undefined => this.#explainer;

  /** Pods with one column more, for people; what programs read has no columns. */
  withWhyColumn(kinds: readonly ResourceDefinition[]): readonly ResourceDefinition[] {
    const why: Column<PodObject> = column('Why', 'Why the pod is not fine, and what would help.', (pod) =>
      this.#cell(pod),
    );
    const explained = { ...Pod, columns: [...Pod.columns, why] } as unknown as ResourceDefinition;
    return kinds.map((kind) => (kind.group === Pod.group && kind.plural === Pod.plural ? explained : kind));
  }

  #cell(pod: PodObject): string {
    // Changes are for pods that wait; the others tell it all themselves.
    if (this.#explainer === undefined || pod.spec.nodeName) return whyNotFine(pod);
    const { why, changes } = this.#explainer.brief(pod);
    const [change] = changes;
    return change === undefined ? why : `${why}: ${change.summary}`;
  }
}
