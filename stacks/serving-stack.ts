import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import { ClusterConnection } from '../constructs/cluster-connection';
import type { IInferenceCluster } from '../constructs/inference-cluster';
import { freeId } from '../constructs/private/free-id';
import { ServingNamespace } from '../constructs/serving-namespace';
import { TritonService, type TritonServiceOptions } from '../constructs/triton-service';
import { ClusterAccess } from '../src/azure/cluster-access';
import { refuse } from '../src/validation';
import { provideHelm, provideKubernetes } from './kubernetes-access';
import { PlatformStack, type PlatformStackOptions } from './platform-stack';

/** Ids of what the stack gets when its first model is uploaded and when it is synthesized. */
const LATER_PARTS = ['models', 'backend'];

/** Options of serving that a whole platform passes on. */
export interface ServingOptions {
  /**
   * Namespace of the services. Changing it replaces them all.
   *
   * @default serving
   */
  readonly namespace?: string;

  /**
   * Namespaces whose pods may call the services.
   *
   * @default - none: only pods of the services' own namespace may
   */
  readonly callerNamespaces?: readonly string[];

  /**
   * As whom Terraform talks to the cluster.
   *
   * @default ClusterAccess.AZURE_CLI
   */
  readonly access?: ClusterAccess;
}

/** Properties of `ServingStack`. */
export interface ServingStackProps extends PlatformStackOptions, ServingOptions {
  /** Cluster to deploy to. */
  readonly cluster: IInferenceCluster;
}

/** The models and the services of one team: what changes daily. A platform has as many of these stacks as teams. */
export class ServingStack extends PlatformStack {
  /** Namespace of the services. */
  public readonly namespace: ServingNamespace;

  private readonly connection: ClusterConnection;

  constructor(scope: Construct, id: string, props: ServingStackProps) {
    super(scope, id, props);
    this.connection = new ClusterConnection(this, 'cluster', { cluster: props.cluster });
    const access = props.access ?? ClusterAccess.AZURE_CLI;
    provideKubernetes(this, this.connection, access);
    provideHelm(this, this.connection, access);
    this.namespace = new ServingNamespace(this, 'namespace', {
      namespaceName: props.namespace ?? 'serving',
      callerNamespaces: props.callerNamespaces,
    });
  }

  /**
   * Serves models with NVIDIA Triton Inference Server on the GPUs of a pool.
   *
   * @param name 1 to 63 lowercase letters, digits and hyphens, the first a letter; callers find the service under it
   */
  public addTritonService(name: string, options: TritonServiceOptions): TritonService {
    const taken = this.node.children.some((child) => child instanceof TritonService && child.serviceName === name);
    const id = freeId(this, name, 'service', LATER_PARTS);
    const service = new TritonService(this, id, {
      ...options,
      serviceName: name,
      connection: this.connection,
      namespace: this.namespace,
    });
    refuse(service, [taken ? `the name '${name}' is taken in this stack; give each service its own` : undefined]);
    new TerraformOutput(service, 'output', {
      value: {
        http_url: service.httpUrl,
        grpc_address: service.grpcAddress,
        image: service.image,
        models: service.models.map((model) => model.modelName),
        pods: `kubectl --namespace ${this.namespace.namespaceName} get pods --selector app.kubernetes.io/name=${name}`,
      },
      description: `Where the service '${name}' answers, inside the cluster, and what it runs.`,
    }).overrideLogicalId(`service_${taken ? id : name}`);
    return service;
  }
}
