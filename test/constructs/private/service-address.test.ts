import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import { Exposure, ServingNamespace } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { ServiceAddress, type ServiceAddressProps } from '../../../constructs/private/service-address';
import { testKubernetesStack, written } from '../../fixtures';

function addressOf(props: Partial<ServiceAddressProps> = {}) {
  const stack = testKubernetesStack();
  const address = new ServiceAddress(stack, 'address', {
    serviceName: 'reader',
    namespace: new ServingNamespace(stack, 'namespace', { namespaceName: 'vision' }),
    labels: { 'app.kubernetes.io/name': 'reader', 'app.kubernetes.io/component': 'triton' },
    selector: { 'app.kubernetes.io/name': 'reader-router' },
    ports: { http: 8000, grpc: 8001 },
    exposure: Exposure.INTERNAL,
    ...props,
  });
  return { stack, address, service: Template.of(stack).resource(ServiceV1) };
}

/** No application protocol: Azure's load balancer would probe by it, and be given 401. */
const PORTS = [
  { name: 'http', port: 8000, target_port: 'requests' },
  { name: 'grpc', port: 8001, target_port: 'requests' },
];

describe('inside the virtual network', () => {
  test('is an internal load balancer before the pods', () => {
    expect(addressOf().service).toEqual({
      metadata: {
        name: 'reader',
        namespace: expect.stringMatching(/^\$\{kubernetes_namespace_v1\.namespace_/),
        labels: { 'app.kubernetes.io/name': 'reader', 'app.kubernetes.io/component': 'triton' },
        annotations: { 'service.beta.kubernetes.io/azure-load-balancer-internal': 'true' },
      },
      spec: { type: 'LoadBalancer', selector: { 'app.kubernetes.io/name': 'reader-router' }, port: PORTS },
    });
  });

  test('lets in the networks that are given', () => {
    expect(addressOf({ sourceRanges: ['10.1.0.0/16'] }).service).toMatchObject({
      spec: { load_balancer_source_ranges: ['10.1.0.0/16'] },
    });
  });

  test('is known by what the load balancer gets', () => {
    const { stack, address } = addressOf();

    expect(written(stack, address.host)).toMatch(
      /^\$\{kubernetes_service_v1\.address_\w+\.status\[0\]\.load_balancer\[0\]\.ingress\[0\]\.ip\}$/,
    );
  });
});

test('inside the cluster it is a name, and no load balancer', () => {
  const { address, service } = addressOf({ exposure: Exposure.CLUSTER });
  const { metadata, spec } = service as { metadata?: object; spec?: object };

  expect(spec).toEqual({ type: 'ClusterIP', selector: { 'app.kubernetes.io/name': 'reader-router' }, port: PORTS });
  expect(metadata).not.toHaveProperty('annotations');
  expect(address.host).toBe('reader.vision.svc.cluster.local');
});

test('before the internet it is a load balancer that is not an internal one', () => {
  const { metadata, spec } = addressOf({ exposure: Exposure.PUBLIC }).service as { metadata?: object; spec?: object };

  expect(spec).toMatchObject({ type: 'LoadBalancer' });
  expect(metadata).not.toHaveProperty('annotations');
});

test('the port of the web goes without saying, others do not', () => {
  const { address } = addressOf({ exposure: Exposure.CLUSTER, ports: { web: 80, grpc: 8001 } });

  expect(address.authority('web')).toBe('reader.vision.svc.cluster.local');
  expect(address.authority('grpc')).toBe('reader.vision.svc.cluster.local:8001');
});
