/** Waiting pods by the plugins that refused them, and by kind: what helps one of a kind helps all of it, so that one is asked for all. */

export class RefusedPods<W> {
  readonly #byPlugin = new Map<string, Map<string, Set<W>>>();

  /** `kind`: of a pod that is like all others of it to every plugin. */
  add(pod: W, plugins: Iterable<string>, kind: string): void {
    for (const plugin of plugins) {
      const kinds = this.#byPlugin.get(plugin) ?? new Map<string, Set<W>>();
      this.#byPlugin.set(plugin, kinds);
      kinds.set(kind, (kinds.get(kind) ?? new Set<W>()).add(pod));
    }
  }

  /** As it was added. */
  delete(pod: W, plugins: Iterable<string>, kind: string): void {
    for (const plugin of plugins) {
      const kinds = this.#byPlugin.get(plugin);
      const pods = kinds?.get(kind);
      pods?.delete(pod);
      if (pods?.size === 0) kinds?.delete(kind);
    }
  }

  /** All pods of the kinds of which one is helped, each once. `listens`: asked first, for all that a plugin refused. */
  helped(listens: (plugin: string) => boolean, helps: (plugin: string, one: W) => boolean): ReadonlySet<W> {
    const helped = new Set<W>();
    for (const [plugin, kinds] of this.#byPlugin) {
      if (kinds.size === 0 || !listens(plugin)) continue;
      for (const pods of kinds.values()) {
        const [one] = pods;
        if (one !== undefined && helps(plugin, one)) for (const each of pods) helped.add(each);
      }
    }
    return helped;
  }
}
