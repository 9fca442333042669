import { JobV1, type JobV1SpecTemplateSpecContainer } from '@cdktf/provider-kubernetes/lib/job-v1';
import { Annotations, type ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { BuiltInRole } from '../../src/azure/built-in-role';
import { shortHash } from '../../src/digest';
import { COMPONENT_LABEL, NAME_LABEL, PART_OF_LABEL } from '../../src/kubernetes/labels';
import { cpuQuantity, memoryQuantity } from '../../src/kubernetes/quantity';
import { MEASURE_SCRIPT, MEASURED } from '../../src/profile/measure-script';
import { DEFAULT_DURATION_SECONDS, levelsFor, loadProblems, warmUpSeconds } from '../../src/profile/profile-load';
import { deadlineSeconds, type ProfileSettings } from '../../src/profile/profile-settings';
import { PROFILE_PROGRAM } from '../../src/profile/program/program';
import type { WarmupRequest } from '../../src/scoring/warmup-request';
import { terraformText } from '../../src/terraform-text';
import { refuse } from '../../src/validation';
import type { IGrantee } from '../azure-resource';
import type { IModelStore } from '../model-store';
import type { ProfileOptions } from '../service-profile';
import { WorkloadIdentity } from '../workload-identity';
import { LOCKED_CONTAINER } from './locked-pod';
import type { ModelServerProps } from './model-server-props';
import { networkPolicy } from './network-policy';
import { placeOn } from './placement';
import { podConfig } from './pod-config';
import { ProfileContainer } from './profile-container';
import { fullPoolWarnings, LOAD_REQUEST, placeProblems } from './profile-place';
import { PROFILE_PROGRAM_FOLDER } from './profile-target';
import { assignRole } from './role-assignment';
import { serverContainers } from './server-containers';

/** What is called, and by what. */
export interface ProfileTarget extends Pick<ProfileSettings, 'http' | 'triton' | 'batch'> {
  /** Image of the load generator. */
  readonly image: string;

  /** The request that is sent. */
  readonly request?: WarmupRequest;

  /** What is wrong with it. */
  readonly problems: readonly (string | undefined)[];
}

/** What the profiles of services differ in. */
export interface ProfileJobProps {
  readonly options: ProfileOptions;

  /** The service's own pod. */
  readonly server: ModelServerProps;

  /** The Deployment, which gets its nodes first. */
  readonly deployment: ITerraformDependable;

  /** The identity of the service. */
  readonly identity: IGrantee;

  /** What each server of the pod is promised, by the container's name. */
  readonly promised: { readonly [container: string]: { readonly cpuCores: number; readonly memoryGb: number } };

  /** Image of the server whose numbers stand for the service. */
  readonly image: string;

  /** The store of the service's models. */
  readonly store?: IModelStore;

  readonly target: ProfileTarget;
}

/** What was made for a profile. */
export interface ProfileJob {
  readonly jobName: string;
  readonly reportUrl: string;
  readonly fetchCommand: string;
  readonly logCommand: string;
}

/** Folder that the containers of the pod share. */
const WORK = '/var/run/inference-profile';

/** What tells the servers that the load is over. */
const END = `${WORK}/end`;

/** The most memory that it may take: perf_analyzer keeps the inputs of all calls at once. */
const LOAD_LIMIT_GIB = 2;

/** Deploys the Job that measures a service, with a copy of the servers that the service's pods have. */
export function deployProfile(profile: Construct, props: ProfileJobProps): ProfileJob {
  const { options, server, target, identity } = props;
  const { serviceName, namespace } = server;
  const store = options.store ?? props.store;
  const load = {
    concurrency: options.concurrency ?? levelsFor(server.limits.replicaMaxConcurrentRequests),
    durationSeconds: options.durationSeconds ?? DEFAULT_DURATION_SECONDS,
  };
  refuse(profile, [
    ...loadProblems(load),
    ...target.problems,
    ...placeProblems(props),
    store === undefined
      ? 'a profile leaves its report in a model store, and neither the service, by a model, nor its stack has one; give ' +
        'addProfile a store, or the stack models'
      : undefined,
  ]);
  for (const warning of fullPoolWarnings(props)) {
    Annotations.of(profile).addWarning(warning);
  }
  const labels = {
    [NAME_LABEL]: `${serviceName}-profile`,
    [PART_OF_LABEL]: serviceName,
    [COMPONENT_LABEL]: 'profile',
  };
  const container = store && new ProfileContainer(profile, 'reports', { store, serviceName });
  const role = container && assignRole(identity, BuiltInRole.STORAGE_BLOB_DATA_CONTRIBUTOR, container);
  const settings: ProfileSettings = {
    ...settingsOf(props),
    ...load,
    warmUpSeconds: warmUpSeconds(load.durationSeconds),
  };
  const pod = podOf(props);
  // what changes the pod changes the name, under which the report lies; what only Terraform knows has no text yet, and
  // the Job is replaced when it changes
  const hash = shortHash([
    JSON.stringify([settings, pod]).replaceAll(/\$\{TfToken\[[^\]]*\]\}/g, ''),
    PROFILE_PROGRAM,
    MEASURE_SCRIPT,
    target.request?.content.toString('base64') ?? '',
  ]);
  const jobName = `${serviceName}-profile-${hash}`;
  const blob = { account: store?.storageAccountName, container: container?.containerName, name: `${jobName}.json` };
  const reportUrl = `https://${blob.account}.blob.core.windows.net/${blob.container}/${blob.name}`;
  const program = podConfig(profile, {
    namespace,
    name: `${serviceName}-profile`,
    labels,
    data: {
      'profile.py': PROFILE_PROGRAM,
      'measure.sh': terraformText(MEASURE_SCRIPT),
      'settings.json': terraformText(JSON.stringify({ ...settings, upload: reportUrl }, undefined, 2)),
    },
    binaryData: target.request && { request: target.request.content },
  });
  if (server.options.egressRanges !== undefined) {
    const { egressRanges } = server.options;
    networkPolicy(profile, 'NetworkPolicy', {
      namespace,
      name: `${serviceName}-profile`,
      labels: { [NAME_LABEL]: labels[NAME_LABEL] },
      ingress: [],
      egressRanges,
    });
  }
  new JobV1(profile, 'Resource', {
    metadata: { name: jobName, namespace: namespace.name, labels },
    spec: {
      // to fail twice takes a GPU twice; and a Job that deleted itself would be made again by the next deployment
      backoffLimit: 0,
      activeDeadlineSeconds: deadlineSeconds(settings),
      template: {
        metadata: {
          labels: { ...labels, [WorkloadIdentity.POD_LABEL]: 'true' },
          annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' },
        },
        spec: {
          ...pod,
          volume: [
            ...server.volumes,
            { name: 'profile', emptyDir: { sizeLimit: '256Mi' } },
            { name: 'profile-program', configMap: { name: program } },
          ],
        },
      },
    },
    // a deployment is good whatever is measured afterwards
    waitForCompletion: false,
    dependsOn: [...server.dependsOn, props.deployment, ...(role === undefined ? [] : [role])],
  });
  return {
    jobName,
    reportUrl,
    fetchCommand:
      `az storage blob download --auth-mode login --account-name ${blob.account} --container-name ${blob.container} ` +
      `--name ${blob.name} --file profile.json`,
    logCommand: `kubectl --namespace ${namespace.namespaceName} logs job/${jobName} --container load --follow`,
  };
}

/** The servers of a service's pod, the one whose numbers stand for the service first. */
function serversOf({ server, promised }: ProfileJobProps): ProfileSettings['servers'] {
  const own = server.behind ?? server;
  const others = server.behind === undefined ? [] : [server];
  return [own, ...others].map(({ container: { name } }) => ({
    name,
    written: `${WORK}/${name}${MEASURED.usage}`,
    ended: `${WORK}/${name}${MEASURED.ended}`,
    requestedCpu: promised[name]?.cpuCores,
    requestedMemoryInGB: promised[name]?.memoryGb,
  }));
}

/** What the program is told, but for the load. */
function settingsOf(
  props: ProfileJobProps,
): Omit<ProfileSettings, 'concurrency' | 'durationSeconds' | 'warmUpSeconds'> {
  const { server, target } = props;
  const { protocol, probes, limits, options, gpus } = server;
  const { http, triton, batch } = target;
  return {
    http,
    triton,
    batch,
    timeoutSeconds: limits.scoringTimeoutMs / 1000,
    ready: {
      url: `http://127.0.0.1:${protocol.httpPort}${protocol.readyPath}`,
      timeoutSeconds: probes.startup.seconds,
    },
    servers: serversOf(props),
    facts: {
      service: server.serviceName,
      image: props.image,
      model: triton?.model,
      vmSize: options.pool.size.name,
      gpus,
      replicaMaxConcurrentRequests: limits.replicaMaxConcurrentRequests,
      scoringTimeoutMs: limits.scoringTimeoutMs,
    },
    end: END,
  };
}

/** The pod without its volumes: the service's servers, which end with the load, and what makes it. */
function podOf({ server, target }: ProfileJobProps) {
  const { nodeSelector, toleration, devices } = placeOn(server.options.pool, server.gpus);
  const work = { name: 'profile', mountPath: WORK };
  const program = { name: 'profile-program', mountPath: PROFILE_PROGRAM_FOLDER, readOnly: true };
  const servers = serverContainers(server, devices, 0).map((container): JobV1SpecTemplateSpecContainer => {
    const { name, command, args = [], env = [], volumeMount } = container;
    const measured = ['/bin/sh', `${PROFILE_PROGRAM_FOLDER}/measure.sh`, `${WORK}/${name}`, END, '/sys/fs/cgroup'];
    return {
      ...container,
      // the entry point of an image goes on to start what it is given
      ...(command === undefined ? { args: [...measured, ...args] } : { command: [...measured, ...command] }),
      // telemetry and collected data cost what they cost the service, and stay apart from those of its callers
      env: (Array.isArray(env) ? env : []).map((each) =>
        each.name === 'SERVICE_NAME' ? { ...each, value: `${server.serviceName}-profile` } : each,
      ),
      volumeMount: [...(Array.isArray(volumeMount) ? volumeMount : []), work, program],
      // nobody but the load asks these servers anything
      startupProbe: undefined,
      livenessProbe: undefined,
      readinessProbe: undefined,
      lifecycle: undefined,
      port: undefined,
    };
  });
  const load: JobV1SpecTemplateSpecContainer = {
    name: 'load',
    image: target.image,
    command: ['python3', `${PROFILE_PROGRAM_FOLDER}/profile.py`, `${PROFILE_PROGRAM_FOLDER}/settings.json`],
    env: [
      { name: 'HOME', value: WORK },
      { name: 'TMPDIR', value: WORK },
    ],
    resources: {
      requests: { cpu: cpuQuantity(LOAD_REQUEST.cpuCores), memory: memoryQuantity(LOAD_REQUEST.memoryGiB) },
      limits: { memory: memoryQuantity(LOAD_LIMIT_GIB) },
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    // the script's image is made for the user that it runs as
    securityContext: target.http === undefined ? LOCKED_CONTAINER : server.container.securityContext,
    volumeMount: [work, program],
  };
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    nodeSelector,
    toleration,
    restartPolicy: 'Never',
    ...server.pod,
    container: [...servers, load],
  };
}
