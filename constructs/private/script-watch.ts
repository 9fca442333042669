import type { DeploymentV1SpecTemplateSpecContainerEnv } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { CONNECTION_STRING_VARIABLE } from '../../src/scoring/environment-variables';
import type { GunicornSettings } from '../../src/scoring/gunicorn-config';
import { type ResolvedScoringOptions, resolveCollectModelData } from '../../src/scoring/scoring-options';
import { refuse } from '../../src/validation';
import type { IApplicationInsights } from '../application-insights';
import type { ClusterConnection } from '../cluster-connection';
import type { Model } from '../model';
import type { IModelStore } from '../model-store';
import type { IScoringImage } from '../scoring-image';
import type { ServingNamespace } from '../serving-namespace';
import type { WorkloadIdentity } from '../workload-identity';
import { rolesOf } from './role-assignment';

/** What the watching of scripts differs in. */
export interface ScriptWatchProps {
  readonly options: Pick<ResolvedScoringOptions, 'enableAppInsights' | 'collectModelData'>;
  readonly serviceName: string;
  readonly namespace: ServingNamespace;
  readonly connection: ClusterConnection;

  /** The models of the service. */
  readonly models: readonly Model[];

  /** The image of the script. */
  readonly image: IScoringImage;

  /** Who the pods are. */
  readonly identity: WorkloadIdentity;

  /** Where telemetry is sent. */
  readonly applicationInsights?: IApplicationInsights;

  /** Where collected data is written. */
  readonly store?: IModelStore;
}

/** What is watched of the calls of a script, and what its server needs for it. */
export interface ScriptWatch {
  /** Settings of gunicorn. */
  readonly settings: Pick<GunicornSettings, 'telemetry' | 'collectedData'>;

  /** Variables of the server. */
  readonly environment: DeploymentV1SpecTemplateSpecContainerEnv[];

  /** The roles that the pods need for it. */
  readonly dependsOn: readonly ITerraformDependable[];
}

/** Lets a script be watched as its options say: the identity of its pods gets the roles for that and no others. */
export function watchScript(script: Construct, props: ScriptWatchProps): ScriptWatch {
  const { options, namespace, applicationInsights, store, identity } = props;
  const { enableAppInsights, collectModelData } = options;
  refuse(script, [
    enableAppInsights && applicationInsights === undefined
      ? 'enableAppInsights needs an Application Insights component, and the stack has none; give the ServingStack ' +
        'applicationInsights, such as that of a FoundationStack, or leave enableAppInsights out'
      : undefined,
    enableAppInsights ? props.image.telemetryProblem : undefined,
    collectModelData !== undefined && store === undefined
      ? 'collectModelData needs a model store to write to, and the stack has none; give the ServingStack models, such as ' +
        'that of a FoundationStack, or leave collectModelData out'
      : undefined,
  ]);
  const sendsTo = enableAppInsights ? applicationInsights : undefined;
  const writesTo = collectModelData === undefined ? undefined : store;
  const before = rolesOf(identity);
  sendsTo?.grantPublish(identity);
  writesTo?.grantCollectData(identity);
  return {
    settings: {
      ...(sendsTo && { telemetry: { namespace: namespace.namespaceName } }),
      ...(writesTo && {
        collectedData: {
          containerUrl: `https://${writesTo.storageAccountName}.blob.core.windows.net/${writesTo.collectedDataContainerName}`,
          ...foldersOf(props),
          ...resolveCollectModelData(collectModelData ?? {}),
        },
      }),
    },
    environment:
      sendsTo === undefined ? [] : [{ name: CONNECTION_STRING_VARIABLE, value: sendsTo.connectionStringFor(script) }],
    dependsOn: rolesOf(identity).filter((role) => !before.includes(role)),
  };
}

/** Where the data of a service lies: in the order that Azure ML had, with the namespace in the place of its workspace. */
function foldersOf({ connection, namespace, models }: ScriptWatchProps): { folder: string; modelFolder: string } {
  const { subscriptionId, resourceGroupName } = connection.cluster.resourceGroup;
  const [model, ...others] = models;
  const isOne = model !== undefined && others.length === 0;
  return {
    folder: [subscriptionId, resourceGroupName, namespace.namespaceName].join('/'),
    modelFolder: isOne ? `${model.modelName}/${model.version}` : 'all/0',
  };
}
