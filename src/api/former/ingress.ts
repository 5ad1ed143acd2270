/** Ingresses before `networking.k8s.io/v1`: a backend named its service and port side by side. */
import type * as former from '../types/networking-v1beta1.ts';
import type * as networking from '../types/networking-v1.ts';
import { translation } from './former-version.ts';

export const FORMER_INGRESS = translation<former.Ingress, networking.Ingress>({
  toStored: ({ spec: { backend, rules, ...spec }, ...ingress }) => ({
    ...ingress,
    spec: {
      ...spec,
      ...(backend && { defaultBackend: backendToStored(backend) }),
      ...(rules && { rules: rules.map(ruleToStored) }),
    },
  }),
  fromStored: ({ spec: { defaultBackend, rules, ...spec }, ...ingress }) => ({
    ...ingress,
    spec: {
      ...spec,
      ...(defaultBackend && { backend: backendFromStored(defaultBackend) }),
      ...(rules && { rules: rules.map(ruleFromStored) }),
    },
  }),
});

// How a path is matched was the controller's business unless somebody said it; so it stays unsaid.
const UNSAID = 'ImplementationSpecific';

function ruleToStored({ http, ...rule }: former.IngressRule): networking.IngressRule {
  if (http === undefined) return rule;
  const paths = http.paths.map(({ backend, pathType, ...path }) => ({
    ...path,
    pathType: pathType ?? UNSAID,
    backend: backendToStored(backend),
  }));
  return { ...rule, http: { paths } };
}

function ruleFromStored({ http, ...rule }: networking.IngressRule): former.IngressRule {
  if (http === undefined) return rule;
  const paths = http.paths.map(({ backend, pathType, ...path }) => ({
    ...path,
    ...(pathType !== UNSAID && { pathType }),
    backend: backendFromStored(backend),
  }));
  return { ...rule, http: { paths } };
}

function backendToStored({ serviceName, servicePort, ...backend }: former.IngressBackend): networking.IngressBackend {
  if (!serviceName && servicePort === undefined) return backend;
  const port = typeof servicePort === 'string' ? { name: servicePort } : { number: servicePort ?? 0 };
  return { ...backend, service: { name: serviceName ?? '', port } };
}

function backendFromStored({ service, ...backend }: networking.IngressBackend): former.IngressBackend {
  if (service === undefined) return backend;
  const { name, number } = service.port ?? {};
  return { ...backend, serviceName: service.name, servicePort: name || (number ?? 0) };
}
