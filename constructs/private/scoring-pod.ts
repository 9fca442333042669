import { Construct } from 'constructs';
import { NAME_LABEL } from '../../src/kubernetes/labels';
import { cpuQuantity, memoryQuantity } from '../../src/kubernetes/quantity';
import { literalVariable } from '../../src/scoring/environment-variables';
import type { TritonOfPod } from '../../src/scoring/gunicorn/triton';
import { gunicornConfig } from '../../src/scoring/gunicorn-config';
import type { ResolvedScoringOptions } from '../../src/scoring/scoring-options';
import { scoringServerCommand, scoringServerEnvironment } from '../../src/scoring/scoring-server';
import type { WarmupRequest } from '../../src/scoring/warmup-request';
import { terraformText } from '../../src/terraform-text';
import { NO_VISIBLE_DEVICES } from '../../src/triton/visible-devices';
import type { ServingNamespace } from '../serving-namespace';
import { LOCKED_CONTAINER, lockedPod } from './locked-pod';
import type { ModelServerProps } from './model-server-props';
import { podConfig } from './pod-config';
import type { ScoringModels } from './scoring-models';
import type { ScriptWatch } from './script-watch';

/** What the pods of scoring services differ in. */
export interface ScoringPodProps {
  readonly serviceName: string;
  readonly namespace: ServingNamespace;
  readonly options: ResolvedScoringOptions;
  readonly image: string;
  readonly models: ScoringModels;
  readonly serviceAccountName: string;
  readonly entryScript?: string;
  readonly environmentVariables?: { readonly [name: string]: string };
  readonly warmupRequest?: WarmupRequest;

  /** What is watched of calls; nothing without. */
  readonly watch?: ScriptWatch;

  /** The Triton of its pod that the script calls; then the pod is that server's. */
  readonly triton?: TritonOfPod;

  /** Whether the nodes have GPUs that are not the script's. */
  readonly hidesGpus: boolean;
}

const CONFIG_FOLDER = '/etc/scoring-server';
const CONFIG_FILE = 'gunicorn.conf.py';
const WARMUP_FILE = 'warmup-request';

/** A user without rights; Azure ML's inference images have it as `dockeruser`. */
const SCORING_USER = '1001';

const AS_SCORING_USER = { runAsUser: SCORING_USER, runAsGroup: SCORING_USER };

/** The scoring server as a container of a pod, with its configuration and its models. */
export class ScoringPod extends Construct {
  /** The server's container. */
  public readonly container: ModelServerProps['container'];

  /** What the pod is besides. */
  public readonly pod: ModelServerProps['pod'];

  /** The volumes of the pod. */
  public readonly volumes: ModelServerProps['volumes'];

  /** Names of the containers that run before the server. */
  public readonly initContainerNames: readonly string[];

  constructor(scope: Construct, id: string, props: ScoringPodProps) {
    super(scope, id);
    const { serviceName, namespace, options, models, entryScript, warmupRequest, triton } = props;
    const warmUp = warmupRequest && { ...warmupRequest, file: `${CONFIG_FOLDER}/${WARMUP_FILE}` };
    const config = podConfig(this, {
      namespace,
      name: `${serviceName}-server`,
      labels: { [NAME_LABEL]: serviceName },
      data: { [CONFIG_FILE]: gunicornConfig({ ...options, warmUp, triton, ...props.watch?.settings }) },
      binaryData: warmupRequest && { [WARMUP_FILE]: warmupRequest.content },
    });
    const { cpuCoresLimit } = options;
    const tmp = triton === undefined ? 'tmp' : 'scoring-tmp';
    this.container = {
      name: 'scoring',
      image: props.image,
      command: scoringServerCommand({ ...options, configFile: `${CONFIG_FOLDER}/${CONFIG_FILE}` }),
      env: [
        ...models.environment,
        ...(entryScript === undefined ? [] : [{ name: 'AZUREML_ENTRY_SCRIPT', value: entryScript }]),
        ...scoringServerEnvironment(serviceName, options.logLevel),
        { name: 'HOME', value: '/tmp' },
        ...(props.hidesGpus ? NO_VISIBLE_DEVICES : []),
        ...(props.watch?.environment ?? []),
        ...Object.entries(props.environmentVariables ?? {}).map(([name, value]) => ({
          name,
          value: terraformText(literalVariable(value)),
        })),
      ],
      resources: {
        requests: { cpu: cpuQuantity(options.cpuCores), memory: memoryQuantity(options.memoryGb) },
        limits: {
          ...(cpuCoresLimit === undefined ? {} : { cpu: cpuQuantity(cpuCoresLimit) }),
          memory: memoryQuantity(options.memoryGbLimit),
        },
      },
      terminationMessagePolicy: 'FallbackToLogsOnError',
      // beside another server the user is not the pod's
      securityContext: triton === undefined ? LOCKED_CONTAINER : { ...LOCKED_CONTAINER, ...AS_SCORING_USER },
      volumeMount: [
        { name: tmp, mountPath: '/tmp' },
        { name: 'server-config', mountPath: CONFIG_FOLDER, readOnly: true },
        ...models.volumeMounts,
      ],
    };
    this.pod = {
      ...lockedPod(SCORING_USER),
      serviceAccountName: props.serviceAccountName,
      initContainer: models.initContainers,
    };
    this.volumes = [
      { name: tmp, emptyDir: {} },
      { name: 'server-config', configMap: { name: config } },
      ...models.volumes,
    ];
    this.initContainerNames = models.initContainers.map(({ name }) => String(name));
  }
}
