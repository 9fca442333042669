import type {
  DeploymentV1SpecTemplateSpecContainerEnv,
  DeploymentV1SpecTemplateSpecContainerVolumeMount,
  DeploymentV1SpecTemplateSpecInitContainer,
} from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { cpuQuantity, memoryQuantity } from '../../src/kubernetes/quantity';
import { literalVariable } from '../../src/scoring/environment-variables';
import { terraformText } from '../../src/terraform-text';
import { TRITON_PORTS } from '../../src/triton/server';
import { visibleDevices } from '../../src/triton/visible-devices';
import type { INodePool } from '../node-pool';
import { LOCKED_CONTAINER, lockedPod } from './locked-pod';
import type { ModelServerProps } from './model-server-props';

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

  /** Variables that say how it reads its models. */
  readonly env: readonly DeploymentV1SpecTemplateSpecContainerEnv[];

  /** Its models, where they are in the pod. */
  readonly volumeMounts: readonly DeploymentV1SpecTemplateSpecContainerVolumeMount[];
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
    env: [...props.env, { name: 'HOME', value: '/tmp' }, ...visibleDevices(props.pool, props.gpuCores)],
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
    volumeMount: [{ name: 'tmp', mountPath: '/tmp' }, { name: 'shm', mountPath: '/dev/shm' }, ...props.volumeMounts],
  };
}

/** The pod of a Triton server, with what runs before it. */
export function tritonPod(
  serviceAccountName: string,
  initContainers: DeploymentV1SpecTemplateSpecInitContainer[],
): ModelServerProps['pod'] {
  return {
    ...lockedPod(TRITON_USER),
    serviceAccountName,
    initContainer: initContainers.length === 0 ? undefined : initContainers,
  };
}

/** What a Triton server may write to: the rest of its image is locked. */
export function tritonVolumes(sharedMemoryMiB: number): ModelServerProps['volumes'] {
  return [
    { name: 'tmp', emptyDir: {} },
    { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: memoryQuantity(sharedMemoryMiB / 1024) } },
  ];
}
