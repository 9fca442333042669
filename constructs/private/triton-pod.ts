import { cpuQuantity, memoryQuantity } from '../../src/kubernetes/quantity';
import { literalVariable } from '../../src/scoring/environment-variables';
import { terraformText } from '../../src/terraform-text';
import { TRITON_PORTS } from '../../src/triton/server';
import { visibleDevices } from '../../src/triton/visible-devices';
import type { INodePool } from '../node-pool';
import { LOCKED_CONTAINER, lockedPod } from './locked-pod';
import type { ModelServerProps } from './model-server';

/** What the containers of Triton services differ in. */
export interface TritonContainerProps {
  readonly image: string;
  readonly args: string[];
  readonly cpuCores: number;
  readonly cpuCoresLimit?: number;
  readonly memoryGb: number;
  readonly memoryGbLimit: number;
  readonly gpuCores: number;
  readonly pool: INodePool;

  /** Whether only a script of its own pod calls the server. */
  readonly isBehindScript?: boolean;
}

/** The user that Triton's image makes for itself. */
const TRITON_USER = '1000';

/** The container of a Triton server. */
export function tritonContainer(props: TritonContainerProps): ModelServerProps['container'] {
  const { cpuCoresLimit } = props;
  return {
    name: 'triton',
    image: props.image,
    args: props.args.map((argument) => terraformText(literalVariable(argument))),
    env: [
      // the credential chain that knows the cluster's workload identity
      { name: 'AZURE_STORAGE_AUTH_TYPE', value: 'default' },
      { name: 'HOME', value: '/tmp' },
      ...visibleDevices(props.pool, props.gpuCores),
    ],
    port: props.isBehindScript
      ? undefined
      : [{ name: 'triton-metrics', containerPort: TRITON_PORTS.metrics, protocol: 'TCP' }],
    resources: {
      requests: { cpu: cpuQuantity(props.cpuCores), memory: memoryQuantity(props.memoryGb) },
      limits: {
        ...(cpuCoresLimit === undefined ? {} : { cpu: cpuQuantity(cpuCoresLimit) }),
        memory: memoryQuantity(props.memoryGbLimit),
      },
    },
    securityContext: LOCKED_CONTAINER,
    volumeMount: [
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'shm', mountPath: '/dev/shm' },
    ],
  };
}

/** The pod of a Triton server. */
export function tritonPod(serviceAccountName: string): ModelServerProps['pod'] {
  return { ...lockedPod(TRITON_USER), serviceAccountName };
}

/** What a Triton server may write to: the rest of its image is locked. */
export function tritonVolumes(sharedMemoryMiB: number): ModelServerProps['volumes'] {
  return [
    { name: 'tmp', emptyDir: {} },
    { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: memoryQuantity(sharedMemoryMiB / 1024) } },
  ];
}
