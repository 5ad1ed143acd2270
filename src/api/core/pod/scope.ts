/** What the rules of a pod's parts need to know of the pod as a whole. */

export type PodScope = {
  /** The pod's name; empty in a template. */
  readonly name: string;
  /** Whether this is a pod, not the template of pods: some fields are filled in between the two. */
  readonly isPod: boolean;
};
