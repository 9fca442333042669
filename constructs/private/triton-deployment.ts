import type { Construct } from 'constructs';
import { SCRIPT_BEFORE_TRITON_PROTOCOL, TRITON_PROTOCOL } from '../../src/gateway/protocol';
import type { Scaling } from '../../src/monitoring/scaling';
import type { ResolvedScoringOptions } from '../../src/scoring/scoring-options';
import { SCORING_EXIT_TIMEOUT_SECONDS } from '../../src/scoring/scoring-server';
import { ensembleSteps } from '../../src/triton/loaded-models';
import { servedVersions } from '../../src/triton/model-repository';
import { configOf } from '../../src/triton/model-repository-config';
import { type TritonModel, tritonModels } from '../../src/triton/model-repository-folders';
import { TRITON_PORTS, tritonArguments } from '../../src/triton/server';
import { DEFAULT_SHARED_MEMORY_MIB, TRITON_EXIT_TIMEOUT_SECONDS } from '../../src/triton/server-options';
import { serviceCalls } from '../../src/triton/service-calls';
import type { Model } from '../model';
import type { TritonServiceProps } from '../triton-service';
import { deployModelServer, TRITON_COMPONENT } from './model-server';
import type { ModelServer, ModelServerProps, ServedModel } from './model-server-props';
import type { PodServers, Probes } from './server-containers';
import { TRITON_METRICS, TRITON_METRICS_BEHIND_SCRIPT } from './service-monitors';
import { callsOfScript, serviceSummary } from './service-summary';
import type { LoadedModels } from './triton-models';
import { tritonContainer, tritonPod, tritonVolumes } from './triton-pod';
import type { TritonScript } from './triton-script';

/** What the deployments of Triton services differ in. */
export interface TritonDeploymentProps {
  /** The service as it was asked for. */
  readonly given: TritonServiceProps;

  /** Its options with all defaults in place. */
  readonly options: ResolvedScoringOptions;

  readonly image: string;
  readonly probes: Probes;

  /** Release of Triton in the image; nothing where it is unknown. */
  readonly release?: string;

  /** How Triton comes by its models. */
  readonly source: LoadedModels;

  readonly models: readonly Model[];

  /** The models of Triton among them that callers may ask for. */
  readonly loaded: readonly TritonModel[];

  /** How many replicas there are, and how their number follows the load. */
  readonly scaling: Scaling;

  /** Whether the pool holds one replica more than there ever are. */
  readonly hasSpare: boolean;

  readonly serviceAccountName: string;

  /** The scoring script before Triton; nothing where callers reach Triton itself. */
  readonly script?: TritonScript;
}

/** Ports at which callers find Triton: its own. */
const TRITON_SERVICE_PORTS = { http: TRITON_PORTS.http, grpc: TRITON_PORTS.grpc };

/** Deploys Triton, and the scoring script before it, behind their gateway. */
export function deployTriton(service: Construct, props: TritonDeploymentProps): ModelServer {
  const { given, options, image, models, loaded, source, script } = props;
  const initContainers = source.initContainers.map(({ name }) => String(name));
  return deployModelServer(service, {
    options: given,
    serviceName: given.serviceName,
    connection: given.connection,
    namespace: given.namespace,
    keyVault: given.keyVault,
    component: TRITON_COMPONENT,
    limits: options,
    scaling: props.scaling,
    gpus: options.gpuCores,
    hasSpare: props.hasSpare,
    ...serversOf(props),
    pod: tritonPod(props.serviceAccountName, source.initContainers),
    volumes: [
      ...tritonVolumes(given.sharedMemoryMiB ?? DEFAULT_SHARED_MEMORY_MIB),
      ...source.volumes,
      ...(script?.pod.volumes ?? []),
    ],
    exitTimeoutSeconds: Math.max(
      given.exitTimeoutSeconds ?? TRITON_EXIT_TIMEOUT_SECONDS,
      script === undefined ? 0 : SCORING_EXIT_TIMEOUT_SECONDS,
    ),
    describe: (server) =>
      serviceSummary({
        options: given,
        serviceName: given.serviceName,
        namespace: given.namespace,
        region: given.connection.cluster.resourceGroup.location,
        replicas: props.scaling.replicas,
        keys: server.keys,
        image,
        containers: [...initContainers, 'triton', ...(script === undefined ? [] : ['scoring']), 'gateway'],
        ...(script === undefined ? callsOfTriton(loaded, server) : callsBeforeTriton(script, server)),
        models: loaded.map(namedVersions),
      }),
    models: models.map((model) => servedModel(model, loaded)),
    ensembleSteps: ensembleSteps(loaded),
    dependsOn: [...source.dependsOn, ...(script?.dependsOn ?? [])],
  });
}

type Servers = PodServers & Pick<ModelServerProps, 'servicePorts' | 'metricsPages' | 'metricsPorts'>;

/** The server that callers reach, and Triton behind it where that is a script. */
function serversOf({ given, options, image, release, probes, source, script }: TritonDeploymentProps): Servers {
  const isBehindScript = script !== undefined;
  const { repositories, env, volumeMounts } = source;
  const args = tritonArguments({ ...given, ...options, repositories, release, isBehindScript });
  const { pool } = given;
  const triton = {
    probes,
    container: tritonContainer({ ...options, pool, image, args, env, volumeMounts, isBehindScript }),
  };
  return script === undefined
    ? {
        ...triton,
        protocol: TRITON_PROTOCOL,
        servicePorts: TRITON_SERVICE_PORTS,
        metricsPages: [TRITON_METRICS],
        metricsPorts: [TRITON_PORTS.metrics],
      }
    : {
        protocol: SCRIPT_BEFORE_TRITON_PROTOCOL,
        servicePorts: { http: 80 },
        probes: script.probes,
        container: script.pod.container,
        behind: triton,
        metricsPages: [TRITON_METRICS_BEHIND_SCRIPT],
      };
}

type Calls = Pick<Parameters<typeof serviceSummary>[0], 'addresses' | 'commands' | 'client' | 'query'>;
type Found = Pick<ModelServer, 'address' | 'keys'>;

function callsOfTriton(loaded: readonly TritonModel[], { address, keys }: Found): Calls {
  const calls = serviceCalls({
    httpAddress: address.authority('http'),
    grpcAddress: address.authority('grpc'),
    models: loaded,
    keyCommand: keys?.commands.primary,
  });
  const [uri = calls.addresses.http_url] = Object.values(calls.addresses.scoring_uris);
  return { ...calls, query: { uri, file: 'request.json' } };
}

function callsBeforeTriton({ image }: TritonScript, { address }: Found): Calls {
  const { addresses, query } = callsOfScript(address);
  return {
    addresses: { ...addresses, script_image: image.reference },
    commands: { script_image: image.summary },
    query,
  };
}

/** A model with the versions that callers may ask for, lowest first. */
function namedVersions({ name, content }: TritonModel): {
  readonly name: string;
  readonly versions: readonly number[];
} {
  return { name, versions: servedVersions(content, configOf(content)?.config) };
}

/** A registered model as callers know it: by its own name, or by those of the loaded models that it is a folder of. */
function servedModel(model: Model, loaded: readonly TritonModel[]): ServedModel {
  const own = tritonModels(model.modelName, model.content);
  if (own.every(({ prefix }) => prefix === '')) {
    return { model, versions: own.flatMap((each) => namedVersions(each).versions) };
  }
  const names = own.map(({ name }) => name);
  return { model, versions: [], holds: loaded.filter(({ name }) => names.includes(name)).map(namedVersions) };
}
