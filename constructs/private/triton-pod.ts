import type { DeploymentV1SpecTemplateSpec } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { TRITON_EXIT_TIMEOUT_SECONDS, TRITON_PORTS } from '../../src/triton/server';
import type { Placement } from './placement';

/** How long endpoints may take to learn that a pod is going, during which calls still arrive. */
const ENDPOINT_SECONDS = 5;

/** How often the kubelet asks whether a server has started. */
const STARTUP_PERIOD_SECONDS = 10;

/** The user that Triton's image makes for itself. */
const TRITON_USER = '1000';

/** What the pods of Triton services differ in. */
export interface TritonPodProps {
  readonly image: string;
  readonly args: string[];
  readonly serviceAccountName: string;
  readonly placement: Placement;
  readonly cpuCores: number;
  readonly memoryGiB: number;
  readonly startupTimeoutSeconds: number;
}

/** The pod of a Triton service: without root, without a writable image, without a Kubernetes token. */
export function tritonPod(props: TritonPodProps): DeploymentV1SpecTemplateSpec {
  const memory = `${props.memoryGiB}Gi`;
  const { devices, nodeSelector, toleration } = props.placement;
  const probe = (path: string) => ({ httpGet: { path: `/v2/health/${path}`, port: 'http' }, timeoutSeconds: 2 });
  return {
    serviceAccountName: props.serviceAccountName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    nodeSelector,
    toleration,
    terminationGracePeriodSeconds: ENDPOINT_SECONDS + TRITON_EXIT_TIMEOUT_SECONDS + 5,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: TRITON_USER,
      runAsGroup: TRITON_USER,
      fsGroup: TRITON_USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    container: [
      {
        name: 'triton',
        image: props.image,
        args: props.args,
        env: [
          // the credential chain that knows the cluster's workload identity
          { name: 'AZURE_STORAGE_AUTH_TYPE', value: 'default' },
          { name: 'HOME', value: '/tmp' },
        ],
        port: Object.entries(TRITON_PORTS).map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' })),
        resources: {
          requests: { cpu: String(props.cpuCores), memory, ...devices },
          limits: { memory, ...devices },
        },
        startupProbe: {
          ...probe('ready'),
          periodSeconds: STARTUP_PERIOD_SECONDS,
          failureThreshold: Math.ceil(props.startupTimeoutSeconds / STARTUP_PERIOD_SECONDS),
        },
        livenessProbe: { ...probe('live'), periodSeconds: 10, failureThreshold: 3 },
        readinessProbe: { ...probe('ready'), periodSeconds: 5, failureThreshold: 3 },
        lifecycle: { preStop: [{ exec: { command: ['sleep', String(ENDPOINT_SECONDS)] } }] },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMount: [
          { name: 'tmp', mountPath: '/tmp' },
          { name: 'shm', mountPath: '/dev/shm' },
        ],
      },
    ],
    volume: [
      { name: 'tmp', emptyDir: {} },
      { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } },
    ],
  };
}
