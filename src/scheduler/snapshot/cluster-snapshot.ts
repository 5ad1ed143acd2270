/** What the scheduler knows of nodes and the pods on them, kept up to date change by change. */
import type { Node } from '#api/core/node';
import type { Pod } from '#api/core/pod';
import { isTerminal } from '#api/core/pod-state';
import { type NodeState, nodeState, withPod } from '../framework/node-state.ts';

export class ClusterSnapshot {
  readonly #nodes = new Map<string, Node>();
  readonly #podsByNode = new Map<string, Map<string, Pod>>();
  readonly #nodeOfPod = new Map<string, string>();
  readonly #states = new Map<string, NodeState>();

  /** Every known node with what is on it, in the order in which they came. */
  nodes(): readonly NodeState[] {
    return [...this.#nodes.values()].map((node) => this.#stateOf(node));
  }

  setNode(node: Node): void {
    this.#nodes.set(node.metadata.name, node);
    this.#states.delete(node.metadata.name);
  }

  removeNode(name: string): void {
    this.#nodes.delete(name);
    this.#states.delete(name);
  }

  /** Counts the pod on the node that `spec.nodeName` names; a pod that has ended or has no node counts nowhere. */
  setPod(pod: Pod): void {
    const { uid } = pod.metadata;
    const nodeName = pod.spec.nodeName ?? '';
    if (nodeName === '' || isTerminal(pod)) return this.removePod(uid);
    const known = this.#podsByNode.get(nodeName)?.get(uid);
    if (known?.spec === pod.spec) return this.#keep(pod, nodeName); // a status update takes nothing from the node
    this.removePod(uid);
    this.#keep(pod, nodeName);
    const state = this.#states.get(nodeName);
    if (state !== undefined) this.#states.set(nodeName, withPod(state, pod));
  }

  removePod(uid: string): void {
    const nodeName = this.#nodeOfPod.get(uid);
    if (nodeName === undefined) return;
    this.#nodeOfPod.delete(uid);
    this.#podsByNode.get(nodeName)?.delete(uid);
    this.#states.delete(nodeName);
  }

  #keep(pod: Pod, nodeName: string): void {
    const pods = this.#podsByNode.get(nodeName) ?? new Map<string, Pod>();
    this.#podsByNode.set(nodeName, pods.set(pod.metadata.uid, pod));
    this.#nodeOfPod.set(pod.metadata.uid, nodeName);
  }

  #stateOf(node: Node): NodeState {
    const { name } = node.metadata;
    const known = this.#states.get(name);
    if (known !== undefined) return known;
    const state = nodeState(node, this.#podsByNode.get(name)?.values() ?? []);
    this.#states.set(name, state);
    return state;
  }
}
