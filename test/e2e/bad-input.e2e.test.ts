/** Scenario 7: what cannot be scheduled, is malformed or too large is refused as Kubernetes refuses it, by every kubectl and over plain HTTPS. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CLIENT_MINORS, type ClientMinor } from '../../tools/kubectl.ts';
import { eventually, type Output, TestCluster } from './cluster.ts';
import { rawRequest } from './raw-request.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const LONG_LABEL = 'a'.repeat(64);
const FOUR_MEBIBYTES = 4 * 1024 * 1024;
const TWO_MEBIBYTES = 2 * 1024 * 1024;

const container = '{name: web, image: nginx}';
const pod = (spec: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: bad}\nspec: ${spec}\n`;
const configMap = (rest: string): string => `apiVersion: v1\nkind: ConfigMap\n${rest}\n`;
const deployment = (spec: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: bad}\nspec: ${spec}\n`;
const template = `{metadata: {labels: {app: web}}, spec: {containers: [${container}]}}`;
const DNS_SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

type Refused = { readonly what: string; readonly manifest: string; readonly says: string };

/** Manifests, and how the error ends that kubectl prints, whichever its version. */
const REFUSED: readonly Refused[] = [
  {
    what: 'broken YAML',
    manifest: 'apiVersion: v1\nkind: Pod\nmetadata: {name: "bad',
    says: 'error converting YAML to JSON: yaml: line 4: found unexpected end of stream',
  },
  {
    what: 'an unknown field',
    manifest: pod(`{containers: [{name: web, image: nginx, imagee: x}], bogus: 1}`),
    says: '(BadRequest): error when creating "FILE": Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.bogus", unknown field "spec.containers[0].imagee"',
  },
  {
    what: 'a wrong type',
    manifest: deployment(`{replicas: three, selector: {matchLabels: {app: web}}, template: ${template}}`),
    says: '(BadRequest): error when creating "FILE": Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
  },
  {
    what: 'a bad quantity',
    manifest: pod('{containers: [{name: web, image: nginx, resources: {requests: {cpu: lots}}}]}'),
    says: `(BadRequest): error when creating "FILE": Pod in version "v1" cannot be handled as a Pod: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
  },
  {
    what: 'a request beyond its limit',
    manifest: pod('{containers: [{name: web, image: nginx, resources: {requests: {cpu: 2}, limits: {cpu: 1}}}]}'),
    says: 'The Pod "bad" is invalid: spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
  },
  {
    what: 'an invalid name',
    manifest: configMap('metadata: {name: Not_A_Name}'),
    says: `The ConfigMap "Not_A_Name" is invalid: metadata.name: Invalid value: "Not_A_Name": ${DNS_SUBDOMAIN}`,
  },
  {
    what: 'no name',
    manifest: configMap('metadata: {labels: {app: web}}'),
    says: 'The ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
  },
  {
    what: 'a container without a name',
    manifest: pod('{containers: [{image: nginx}]}'),
    says: 'The Pod "bad" is invalid: spec.containers[0].name: Required value',
  },
  { what: 'no containers', manifest: pod('{}'), says: 'The Pod "bad" is invalid: spec.containers: Required value' },
  {
    what: 'a selector that selects other pods',
    manifest: deployment(`{selector: {matchLabels: {app: other}}, template: ${template}}`),
    says: 'The Deployment "bad" is invalid: spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  },
  {
    what: 'a selector with an operator that does not exist',
    manifest: deployment(
      `{selector: {matchExpressions: [{key: app, operator: Like, values: [web]}]}, template: ${template}}`,
    ),
    says: '* spec.selector.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator',
  },
  {
    what: 'an over-long label',
    manifest: configMap(`metadata: {name: bad, labels: {app: ${LONG_LABEL}}}`),
    says: `The ConfigMap "bad" is invalid: metadata.labels: Invalid value: "${LONG_LABEL}": must be no more than 63 bytes`,
  },
  {
    what: 'a port out of range',
    manifest: 'apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {ports: [{port: 70000, targetPort: 80}]}\n',
    says: 'The Service "bad" is invalid: spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive',
  },
  {
    what: 'an unknown kind',
    manifest: 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: bad}\n',
    says: 'no matches for kind "Widget" in version "example.com/v1"',
  },
  {
    what: 'a namespace that does not exist',
    manifest: configMap('metadata: {name: bad, namespace: absent}'),
    says: '(NotFound): error when creating "FILE": namespaces "absent" not found',
  },
  {
    what: 'a body of 4 MiB',
    manifest: configMap(`metadata: {name: bad}\ndata: {text: ${'x'.repeat(FOUR_MEBIBYTES)}}`),
    says: 'Error from server (RequestEntityTooLarge): error when creating "FILE": Request entity too large: limit is 3145728',
  },
  {
    what: 'more data than a config map may hold',
    manifest: configMap(`metadata: {name: bad}\ndata: {text: ${'x'.repeat(TWO_MEBIBYTES)}}`),
    says: 'The ConfigMap "bad" is invalid: []: Too long: may not be more than 1048576 bytes',
  },
];

describe('bad input', { timeout: 300_000 }, () => {
  let cluster: TestCluster;
  let folder: string;
  let manifest: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-bad-input-'));
    manifest = join(folder, 'manifest.yaml');
    cluster = await TestCluster.start({ upArguments: ['--runtime', 'hollow', '--hollow-nodes', '3'] });
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const kubectl = (minor: ClientMinor, ...args: readonly string[]): Promise<Output> =>
    cluster.tryKubectlOf(minor, ...args);

  /** Fails unless kubectl does, with this in what it says. */
  const refused = async (minor: ClientMinor, args: readonly string[], says: string): Promise<void> => {
    const { code, stderr } = await kubectl(minor, ...args);
    assert.notEqual(code, 0);
    assert.ok(stderr.includes(says.replace('FILE', manifest)), `expected "${says}" in: ${stderr.slice(0, 2000)}`);
  };

  const apply = async (text: string): Promise<void> => {
    await writeFile(manifest, text);
    await cluster.kubectl('apply', '-f', manifest);
  };

  for (const minor of CLIENT_MINORS) {
    test(`[E2E7] kubectl 1.${minor} prints the kind of error and the field`, async (t) => {
      for (const { what, manifest: text, says } of REFUSED)
        await t.test(what, async () => {
          await writeFile(manifest, text);
          await refused(minor, ['create', '-f', manifest], says);
        });
    });
  }

  test('[E2E7] a pod that asks for 1,000 CPUs stays Pending, with counts for every reason', async () => {
    await cluster.kubectl('cordon', 'hollow-2');
    await cluster.kubectl('taint', 'node', 'hollow-3', 'dedicated=other:NoSchedule');
    await apply(pod('{containers: [{name: web, image: nginx, resources: {requests: {cpu: 1000}}}]}'));
    const reasons =
      /^0\/3 nodes are available: 1 Insufficient cpu, 1 node\(s\) had untolerated taint \{dedicated: other\}, 1 node\(s\) were unschedulable\./;
    const condition = (): Promise<string> =>
      cluster.kubectl('get', 'pod', 'bad', '-o', 'jsonpath={.status.conditions[?(@.type=="PodScheduled")].message}');
    assert.match(await eventually(condition, 'the condition'), reasons);
    const [phase, reason] = await cluster.fields(['pod', 'bad'], '{.status.phase} {.status.conditions[0].reason}');
    assert.deepEqual([phase, reason], ['Pending', 'Unschedulable']);
    const events = ['get', 'events', '--field-selector', 'involvedObject.name=bad,reason=FailedScheduling'];
    const message = await eventually(
      () => cluster.kubectl(...events, '-o', 'jsonpath={.items[0].message}'),
      'the event',
    );
    assert.match(message, reasons);
    for (const minor of CLIENT_MINORS) {
      const described = await cluster.kubectlOf(minor, 'describe', 'pod', 'bad');
      assert.match(
        described,
        /^ {2}Warning +FailedScheduling +\S.* default-scheduler +0\/3 nodes are available: 1 Insuff/m,
      );
    }
    await cluster.kubectl('delete', 'pod', 'bad');
    await cluster.kubectl('uncordon', 'hollow-2');
    await cluster.kubectl('taint', 'node', 'hollow-3', 'dedicated-');
  });

  test('[E2E7] what may not change, and what has changed meanwhile, is refused', async () => {
    await apply(deployment(`{selector: {matchLabels: {app: web}}, template: ${template}}`));
    await cluster.kubectl('create', 'service', 'clusterip', 'bad', '--tcp=80');
    await cluster.kubectl('create', 'configmap', 'bad', '--from-literal=a=b');
    await cluster.kubectl('patch', 'configmap', 'bad', '-p', '{"immutable": true}');
    const patch = (kind: string, change: object): readonly string[] => [
      'patch',
      kind,
      'bad',
      '-p',
      JSON.stringify(change),
    ];
    for (const minor of CLIENT_MINORS) {
      const selector = { matchLabels: { app: 'other' } };
      const relabelled = { spec: { selector, template: { metadata: { labels: { app: 'other' } } } } };
      await refused(
        minor,
        patch('deployment', relabelled),
        'The Deployment "bad" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable',
      );
      await refused(
        minor,
        patch('service', { spec: { clusterIP: '198.19.0.99' } }),
        'The Service "bad" is invalid: spec.clusterIPs[0]: Invalid value: ["198.19.0.99"]: may not change once set',
      );
      await refused(
        minor,
        patch('configmap', { data: { a: 'c' } }),
        'The ConfigMap "bad" is invalid: data: Forbidden: field is immutable when `immutable` is set',
      );
      await refused(
        minor,
        patch('service', { metadata: { resourceVersion: '1' } }),
        'Error from server (Conflict): Operation cannot be fulfilled on services "bad": the object has been modified; please apply your changes to the latest version and try again',
      );
      await refused(minor, ['create', 'configmap', 'bad'], 'configmaps "bad" already exists');
    }
    await cluster.kubectl('delete', 'deployment/bad', 'service/bad', 'configmap/bad');
  });

  test('[E2E7] what is not there is not found, by its full name', async () => {
    for (const minor of CLIENT_MINORS) {
      await refused(minor, ['delete', 'configmap', 'absent'], '(NotFound): configmaps "absent" not found');
      await refused(minor, ['get', 'deployment', 'absent'], '(NotFound): deployments.apps "absent" not found');
      await refused(minor, ['get', 'widgets'], `error: the server doesn't have a resource type "widgets"`);
      await refused(
        minor,
        ['get', 'pods', '--field-selector', 'bogus=1'],
        '(BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "bogus=1": field label not supported: bogus',
      );
      await refused(minor, ['delete', 'namespace', 'default'], '(Forbidden): namespaces "default" is forbidden');
    }
  });

  type Sent = {
    readonly what: string;
    readonly code: number;
    readonly reason: string;
    readonly message: RegExp;
  } & Parameters<typeof rawRequest>[1];
  const post = { method: 'POST', path: CONFIG_MAPS } as const;
  const RAW: readonly Sent[] = [
    {
      what: 'JSON that ends early',
      ...post,
      body: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"bad"',
      code: 400,
      reason: 'BadRequest',
      message: /couldn't get version\/kind; json parse error: unexpected end of JSON input/,
    },
    { what: 'no body', ...post, body: '', code: 400, reason: 'BadRequest', message: /must be of type ConfigMap/ },
    {
      what: 'a list for an object',
      ...post,
      body: '[]',
      code: 400,
      reason: 'BadRequest',
      message: /must be of type ConfigMap/,
    },
    {
      what: 'another kind than the path says',
      ...post,
      body: '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"bad"}}',
      code: 400,
      reason: 'BadRequest',
      message: /^Pod in version "v1" cannot be handled as a ConfigMap: /,
    },
    {
      what: 'another namespace than the path says',
      ...post,
      body: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"bad","namespace":"kube-system"}}',
      code: 400,
      reason: 'BadRequest',
      message: /^the namespace of the provided object does not match the namespace sent on the request$/,
    },
    {
      what: 'unknown and repeated fields under strict validation',
      ...post,
      path: `${CONFIG_MAPS}?fieldValidation=Strict`,
      body: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"bad","name":"twice"},"dat":{}}',
      code: 400,
      reason: 'BadRequest',
      message: /strict decoding error: duplicate field "metadata.name", unknown field "dat"$/,
    },
    {
      what: 'a media type that is not spoken',
      ...post,
      body: 'name=bad',
      contentType: 'application/x-www-form-urlencoded',
      code: 415,
      reason: 'UnsupportedMediaType',
      message: /^the body of the request was in an unknown format - accepted media types include: application\/json, /,
    },
    {
      what: 'a body of 4 MiB',
      ...post,
      body: JSON.stringify({ metadata: { name: 'bad' }, data: { text: 'x'.repeat(FOUR_MEBIBYTES) } }),
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: /^Request entity too large: limit is 3145728$/,
    },
    {
      what: 'nesting without end',
      ...post,
      body: '['.repeat(1_000_000),
      code: 400,
      reason: 'BadRequest',
      message: /./,
    },
    {
      what: 'a collection that is replaced',
      method: 'PUT',
      path: CONFIG_MAPS,
      body: '{}',
      code: 405,
      reason: 'MethodNotAllowed',
      message: /^the server does not allow this method on the requested resource$/,
    },
    {
      what: 'a resource that does not exist',
      method: 'GET',
      path: '/api/v1/widgets',
      code: 404,
      reason: 'NotFound',
      message: /^the server could not find the requested resource$/,
    },
    {
      what: 'a patch without a patch type',
      method: 'PATCH',
      path: `${CONFIG_MAPS}/bad`,
      body: '{}',
      code: 415,
      reason: 'UnsupportedMediaType',
      message: /application\/json-patch\+json, application\/merge-patch\+json/,
    },
    {
      what: 'a selector that cannot be read',
      method: 'GET',
      path: `${CONFIG_MAPS}?labelSelector=app%20in`,
      code: 400,
      reason: 'BadRequest',
      message: /unable to parse requirement/,
    },
    {
      what: 'a number that is none',
      method: 'GET',
      path: `${CONFIG_MAPS}?limit=many`,
      code: 400,
      reason: 'BadRequest',
      message: /strconv.ParseInt: parsing "many": invalid syntax/,
    },
    {
      what: 'a request without a certificate',
      method: 'GET',
      path: CONFIG_MAPS,
      certificate: 'none',
      code: 403,
      reason: 'Forbidden',
      message:
        /^configmaps is forbidden: User "system:anonymous" cannot list resource "configmaps" in API group "" in the namespace "default"$/,
    },
  ];

  test('[E2E7] what kubectl would not send is answered with its status and reason', async (t) => {
    for (const { what, code, reason, message, ...request } of RAW)
      await t.test(what, async () => {
        const answer = await rawRequest(cluster, request);
        assert.deepEqual([answer.code, answer.reason], [code, reason], answer.message ?? what);
        assert.match(answer.message ?? '', message);
      });
  });

  test('[E2E7] causes name every field that is wrong', async () => {
    const body = { metadata: { name: 'bad' }, spec: { containers: [{ image: 'nginx' }], restartPolicy: 'Sometimes' } };
    const { code, details } = await rawRequest(cluster, {
      method: 'POST',
      path: '/api/v1/namespaces/default/pods',
      body: JSON.stringify(body),
    });
    assert.equal(code, 422);
    const causes = (details?.causes ?? []).map(({ field = '', reason = '' }) => [field, reason]);
    assert.deepEqual(
      causes.toSorted(([left = ''], [right = '']) => left.localeCompare(right)),
      [
        ['spec.containers[0].name', 'FieldValueRequired'],
        ['spec.restartPolicy', 'FieldValueNotSupported'],
      ],
    );
  });

  test('[E2E7] after all of it the cluster serves, and nothing bad was kept', async () => {
    const left = await cluster.kubectl('get', 'pods,configmaps,services,deployments', '-o', 'name');
    assert.deepEqual(left.trim().split('\n'), ['configmap/kube-root-ca.crt', 'service/kubernetes']);
    await cluster.kubectl('run', 'good', '--image=nginx');
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/good', '--timeout=60s');
  });
});
