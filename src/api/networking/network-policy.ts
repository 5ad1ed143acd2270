/** Which traffic of pods is let through: pods that a policy selects accept or send only what some policy allows. */
import { AGE_COLUMN, column, NAME_COLUMN, NONE } from '../meta/columns.ts';
import { formatSelector, selectorFrom } from '../meta/label-selector.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as networking from '../types/networking-v1.ts';
import { validateNetworkPolicy } from './network-policy/validation.ts';

export type NetworkPolicy = networking.NetworkPolicy;

export const NetworkPolicy = defineResource<NetworkPolicy>(
  {
    group: 'networking.k8s.io',
    version: 'v1',
    kind: 'NetworkPolicy',
    plural: 'networkpolicies',
    namespaced: true,
  },
  {
    shortNames: ['netpol'],
    generations: 'always',
    applyDefaults: (policy) => ({ ...policy, spec: defaultSpec(policy.spec) }),
    validateName: checkDnsSubdomain,
    validate: ({ spec }) => [...validateNetworkPolicy(spec)],
    columns: [
      NAME_COLUMN,
      column(
        'Pod-Selector',
        'Which pods it is about.',
        ({ spec }) => formatSelector(selectorFrom(spec.podSelector)) || NONE,
      ),
      AGE_COLUMN,
    ],
  },
);

/** A policy is about what pods accept, and about what they send if it says anything of that. */
function defaultSpec(spec: networking.NetworkPolicySpec): networking.NetworkPolicySpec {
  const { podSelector = {}, ingress, egress, policyTypes = [] } = spec;
  const types = (egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  return {
    ...spec,
    podSelector,
    ...(ingress === undefined ? {} : { ingress: ingress.map(withProtocols) }),
    ...(egress === undefined ? {} : { egress: egress.map(withProtocols) }),
    policyTypes: policyTypes.length === 0 ? types : policyTypes,
  };
}

function withProtocols<T extends { readonly ports?: readonly networking.NetworkPolicyPort[] }>(rule: T): T {
  if (rule.ports === undefined) return rule;
  return { ...rule, ports: rule.ports.map((port) => ({ ...port, protocol: port.protocol ?? 'TCP' })) };
}
