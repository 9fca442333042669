import { serviceCommands } from '../../src/kubernetes/service-commands';
import { isRouted, type ReplicaRange } from '../../src/monitoring/scaling';
import { terraformText, terraformTexts } from '../../src/terraform-text';
import type { ModelServiceOptions } from '../model-service';
import type { ServingNamespace } from '../serving-namespace';
import type { ServiceAddress } from './service-address';
import type { ServiceKeys } from './service-keys';

/** What a service says of itself after a deployment, in its output and as an annotation of its Deployment. */
export type ServiceSummary = { readonly [name: string]: unknown };

/** What a summary is made of. */
export interface SummaryOf {
  readonly options: ModelServiceOptions;
  readonly serviceName: string;
  readonly namespace: ServingNamespace;
  readonly region: string;
  readonly replicas: ReplicaRange;
  readonly keys?: ServiceKeys;
  readonly image: string;
  readonly containers: readonly string[];

  /** Addresses by kind, such as `scoring_uri`. */
  readonly addresses: { readonly [kind: string]: unknown };

  /** Address and file of a first call, for the command line of this library. */
  readonly query: { readonly uri: string; readonly file: string };

  /** Command lines besides, by what they are for. */
  readonly commands?: { readonly [purpose: string]: unknown };

  /** Programs that call the service, by protocol. */
  readonly client?: object;

  readonly models: readonly { readonly name: string; readonly versions: readonly number[] }[];
}

/** Where a scoring script is called, and its first call. */
export function callsOfScript(address: ServiceAddress): {
  readonly addresses: { readonly scoring_uri: string; readonly swagger_uri: string };
  readonly query: SummaryOf['query'];
} {
  const url = `http://${address.authority('http')}`;
  const uri = `${url}/score`;
  return { addresses: { scoring_uri: uri, swagger_uri: `${url}/swagger.json` }, query: { uri, file: 'request.json' } };
}

/** Tells where a service answers, what it runs and how to look at it. */
export function serviceSummary(of: SummaryOf): ServiceSummary {
  const { options, serviceName, namespace, keys, replicas } = of;
  const { description, tags, properties } = options;
  return {
    ...of.addresses,
    region: of.region,
    auth: keys === undefined ? 'none' : 'key',
    replicas: replicas.min === replicas.max ? replicas.max : replicas,
    models: of.models,
    image: of.image,
    commands: {
      query: queryCommand(of),
      ...of.commands,
      ...serviceCommands({
        namespace: namespace.namespaceName,
        serviceName,
        containers: of.containers,
        routed: isRouted(replicas),
      }),
      keys: keys === undefined ? {} : keys.commands,
    },
    ...(of.client === undefined ? {} : { client: of.client }),
    ...(description === undefined ? {} : { description: terraformText(description) }),
    ...(tags === undefined ? {} : { tags: terraformTexts(tags) }),
    ...(properties === undefined ? {} : { properties: terraformTexts(properties) }),
  };
}

/** A summary with the command lines of a profile among the others. */
export function withProfile(
  summary: ServiceSummary,
  profile: { readonly fetchCommand: string; readonly logCommand: string } | undefined,
): ServiceSummary {
  const { commands } = summary;
  return profile === undefined
    ? summary
    : {
        ...summary,
        commands: { ...(commands as object), profile: profile.fetchCommand, profile_log: profile.logCommand },
      };
}

function queryCommand({ query, keys }: SummaryOf): string {
  const key = keys === undefined ? '' : ` --key-vault ${keys.keyVaultName} --secret ${keys.secrets.primary}`;
  // the command line is installed beside the program, and is not on the PATH
  return `npx azure-inference query ${query.uri} ${query.file}${key}`;
}
