/** Roles and bindings at one moment, and what they give to a user. Immutable, but for what it remembers of its own answers. */
import type { UserInfo } from '#api/request';
import type * as rbac from '#api/types/rbac-v1';
import type { Decision, PathAttributes, ResourceAttributes } from './authorizer.ts';
import { Remembered } from './remembered.ts';
import { coversName, coversPath, coversResource, type Rule } from './rules.ts';

export type RoleObjects = {
  readonly roles: readonly rbac.Role[];
  readonly roleBindings: readonly rbac.RoleBinding[];
  readonly clusterRoles: readonly rbac.ClusterRole[];
  readonly clusterRoleBindings: readonly rbac.ClusterRoleBinding[];
};

/** A rule with where it comes from, for those who ask why. */
export type GrantedRule = { readonly rule: Rule; readonly reason: string };

export type Granted = { readonly rules: readonly GrantedRule[]; readonly errors: readonly string[] };

const REFUSED: Decision = Object.freeze({ allowed: false });
const NOTHING: Granted = { rules: [], errors: [] };
const SERVICE_ACCOUNT = 'system:serviceaccount:';

export class RoleSnapshot {
  readonly #roles: ReadonlyMap<string, rbac.Role>;
  readonly #clusterRoles: ReadonlyMap<string, rbac.ClusterRole>;
  readonly #clusterBindings: BindingIndex<rbac.ClusterRoleBinding>;
  readonly #bindings: BindingIndex<rbac.RoleBinding>;
  readonly #byIdentity = new WeakMap<UserInfo, UserRights>();
  readonly #byName = new Remembered<UserRights>();

  constructor({ roles, roleBindings, clusterRoles, clusterRoleBindings }: RoleObjects) {
    this.#roles = new Map(roles.map((role) => [`${role.metadata.namespace}/${role.metadata.name}`, role]));
    this.#clusterRoles = new Map(clusterRoles.map((role) => [role.metadata.name, role]));
    this.#clusterBindings = new BindingIndex(clusterRoleBindings);
    this.#bindings = new BindingIndex(roleBindings);
  }

  decide(attributes: ResourceAttributes): Decision {
    return this.#rightsOf(attributes.user).decide(attributes);
  }

  decidePath({ user, verb, path }: PathAttributes): Decision {
    const granted = this.#rightsOf(user).inCluster();
    const found = granted.rules.find(({ rule }) => coversPath(rule, verb, path));
    return found === undefined ? refusal(granted.errors) : { allowed: true, reason: found.reason };
  }

  /** All that a user may do in a namespace, or in the cluster as a whole without one. */
  rulesFor(user: UserInfo, namespace: string | undefined): Granted {
    return this.#rightsOf(user).rulesIn(namespace);
  }

  /** What a role says; undefined when there is none. */
  rulesOf({ kind, name }: rbac.RoleRef, namespace: string): readonly Rule[] | undefined {
    const role = kind === 'Role' ? this.#roles.get(`${namespace}/${name}`) : this.#clusterRoles.get(name);
    return role === undefined ? undefined : (role.rules ?? []);
  }

  #rightsOf(user: UserInfo): UserRights {
    const known = this.#byIdentity.get(user);
    if (known !== undefined) return known;
    const key = JSON.stringify([user.name, user.groups]);
    const rights = this.#byName.get(key, () => new UserRights((namespace) => this.#grantedTo(user, namespace)));
    this.#byIdentity.set(user, rights);
    return rights;
  }

  #grantedTo(user: UserInfo, namespace: string | undefined): Granted {
    return namespace === undefined
      ? this.#collect(this.#clusterBindings.of(user))
      : this.#collect(this.#bindings.of(user).filter(([{ metadata }]) => metadata.namespace === namespace));
  }

  #collect(bindings: readonly (readonly [rbac.RoleBinding | rbac.ClusterRoleBinding, rbac.Subject])[]): Granted {
    const rules: GrantedRule[] = [];
    const errors: string[] = [];
    for (const [binding, subject] of bindings) {
      const { roleRef, metadata } = binding;
      const found = this.rulesOf(roleRef, metadata.namespace ?? '');
      if (found === undefined) errors.push(missingRole(roleRef));
      const reason = reasonOf(binding, subject);
      for (const rule of found ?? []) rules.push({ rule, reason });
    }
    return { rules, errors };
  }
}

/** Bindings by the users and groups they name. */
class BindingIndex<B extends rbac.RoleBinding | rbac.ClusterRoleBinding> {
  readonly #bySubject = new Map<string, (readonly [B, rbac.Subject])[]>();

  constructor(bindings: readonly B[]) {
    for (const binding of bindings) {
      for (const subject of binding.subjects ?? []) {
        const key = subjectKey(subject, binding.metadata.namespace);
        if (key === undefined) continue;
        const same = this.#bySubject.get(key);
        if (same === undefined) this.#bySubject.set(key, [[binding, subject]]);
        else same.push([binding, subject]);
      }
    }
  }

  of({ name, groups }: UserInfo): readonly (readonly [B, rbac.Subject])[] {
    const keys = [`User ${name}`, ...new Set(groups.map((group) => `Group ${group}`))];
    return keys.flatMap((key) => this.#bySubject.get(key) ?? []);
  }
}

function subjectKey({ kind, name, namespace }: rbac.Subject, own: string | undefined): string | undefined {
  if (kind !== 'ServiceAccount') return `${kind} ${name}`;
  const of = namespace || own;
  return of ? `User ${SERVICE_ACCOUNT}${of}:${name}` : undefined;
}

type Question = Pick<ResourceAttributes, 'verb' | 'group' | 'plural' | 'subresource' | 'namespace'>;

const LATEST = 8;
// No component asks longer ones; reviews may bring along whatever fits into a request.
const LONGEST_QUESTION = 500;

/** Whether the same answer fits, whatever the name is. */
function isSame(left: Question, right: Question): boolean {
  return (
    left.verb === right.verb &&
    left.plural === right.plural &&
    left.namespace === right.namespace &&
    left.subresource === right.subresource &&
    left.group === right.group
  );
}

/** What one user may do, found out once for each kind of question. */
class UserRights {
  readonly #grantedIn: (namespace: string | undefined) => Granted;
  readonly #local = new Remembered<Granted>();
  readonly #answers = new Remembered<Answer>();
  readonly #latest: { readonly question: Question; readonly answer: Answer }[] = [];
  #met = 0;
  #cluster: Granted | undefined;

  constructor(grantedIn: (namespace: string | undefined) => Granted) {
    this.#grantedIn = grantedIn;
  }

  inCluster(): Granted {
    return (this.#cluster ??= this.#grantedIn(undefined));
  }

  rulesIn(namespace: string | undefined): Granted {
    const cluster = this.inCluster();
    const local = this.#inNamespace(namespace);
    return { rules: [...cluster.rules, ...local.rules], errors: [...cluster.errors, ...local.errors] };
  }

  decide(attributes: ResourceAttributes): Decision {
    const { always, named, otherwise } = this.#answerTo(attributes);
    if (always !== undefined) return always;
    const found = named.find(({ rule }) => coversName(rule, attributes.name));
    return found === undefined ? otherwise : { allowed: true, reason: found.reason };
  }

  /** Components ask the same few questions again and again, which are found without making a text of them. */
  #answerTo(attributes: ResourceAttributes): Answer {
    for (const { question, answer } of this.#latest) if (isSame(question, attributes)) return answer;
    const answer = this.#remembered(attributes);
    const { verb, group, plural, subresource, namespace } = attributes;
    if (`${verb}${group}${plural}${subresource}${namespace}`.length <= LONGEST_QUESTION)
      this.#latest[this.#met++ % LATEST] = { question: { verb, group, plural, subresource, namespace }, answer };
    return answer;
  }

  #remembered(attributes: ResourceAttributes): Answer {
    const { verb, group, plural, subresource = '', namespace = '' } = attributes;
    // Reviews bring any texts along: with their lengths, no two questions share a key.
    const lengths = `${verb.length} ${group.length} ${plural.length} ${subresource.length}`;
    const key = `${verb} ${group}/${plural}/${subresource} ${namespace} ${lengths}`;
    return this.#answers.get(key, () => this.#answerFor(attributes));
  }

  #answerFor(attributes: ResourceAttributes): Answer {
    const { rules, errors } = this.rulesIn(attributes.namespace);
    const fitting = rules.filter(({ rule }) => coversResource(rule, attributes));
    const general = fitting.find(({ rule }) => (rule.resourceNames ?? []).length === 0);
    const always = general === undefined ? undefined : Object.freeze({ allowed: true, reason: general.reason });
    return { always, named: fitting, otherwise: refusal(errors) };
  }

  #inNamespace(namespace: string | undefined): Granted {
    if (namespace === undefined || namespace === '') return NOTHING;
    return this.#local.get(namespace, () => this.#grantedIn(namespace));
  }
}

type Answer = {
  /** Whatever the name is. */
  readonly always: Decision | undefined;
  readonly named: readonly GrantedRule[];
  readonly otherwise: Decision;
};

function refusal(errors: readonly string[]): Decision {
  if (errors.length === 0) return REFUSED;
  const told = errors.length === 1 ? errors[0] : `[${[...new Set(errors)].join(', ')}]`;
  return { allowed: false, reason: `RBAC: ${told}` };
}

function missingRole({ kind, name }: rbac.RoleRef): string {
  return `${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`;
}

function reasonOf(
  { kind, metadata, roleRef }: rbac.RoleBinding | rbac.ClusterRoleBinding,
  subject: rbac.Subject,
): string {
  const { name, namespace } = metadata;
  const binding = namespace === undefined ? name : `${name}/${namespace}`;
  const role = `${roleRef.kind} ${JSON.stringify(roleRef.name)}`;
  const account = `${subject.name}/${subject.namespace || (namespace ?? '')}`;
  const to = JSON.stringify(subject.kind === 'ServiceAccount' ? account : subject.name);
  return `RBAC: allowed by ${kind} ${JSON.stringify(binding)} of ${role} to ${subject.kind} ${to}`;
}
