import { type ClientLines, clientLines } from './client-lines';
import { configOf } from './model-repository-config';
import type { TritonModel } from './model-repository-folders';

/** What the calls of a service are made of. */
export interface ServiceCallsOf {
  /** Host and port for HTTP. */
  readonly httpAddress: string;

  /** Host and port for gRPC. */
  readonly grpcAddress: string;

  /** The models that callers may ask for. */
  readonly models: readonly TritonModel[];

  /** Command line that prints the key; nothing where callers need none. */
  readonly keyCommand?: string;
}

/** How a service is called: addresses, command lines for a POSIX shell, and programs. */
export interface ServiceCalls {
  /** Where it answers, by kind. */
  readonly addresses: {
    readonly http_url: string;
    readonly grpc_address: string;

    /** Where a model is called, by its name. */
    readonly scoring_uris: { readonly [model: string]: string };

    /** Where a model tells its inputs and outputs, by its name. */
    readonly metadata_urls: { readonly [model: string]: string };

    /** Where the server says whether it lives, and whether its models are loaded. */
    readonly health_urls: { readonly live: string; readonly ready: string };
  };

  /** Command lines, the key in them as the command that prints it. */
  readonly commands: {
    /** Ends with 0 when the models are loaded. */
    readonly ready: string;

    /** Prints inputs and outputs of a model, by its name. */
    readonly metadata: { readonly [model: string]: string };
  };

  /** Programs that call the first of the models; nothing where there is none. */
  readonly client?: ClientLines;
}

/** How callers ask a service of Triton, as the gateway lets them. */
export function serviceCalls({ httpAddress, grpcAddress, models, keyCommand }: ServiceCallsOf): ServiceCalls {
  const httpUrl = `http://${httpAddress}`;
  const byModel = (found: (url: string) => string) =>
    Object.fromEntries(models.map(({ name }) => [name, found(`${httpUrl}/v2/models/${name}`)]));
  const ready = `${httpUrl}/v2/health/ready`;
  const [first] = models;
  return {
    addresses: {
      http_url: httpUrl,
      grpc_address: grpcAddress,
      scoring_uris: byModel((url) => `${url}/infer`),
      metadata_urls: byModel((url) => url),
      health_urls: { live: `${httpUrl}/v2/health/live`, ready },
    },
    commands: {
      // the answer has no body that would show anything
      ready: curl('--include', ready, keyCommand),
      metadata: byModel((url) => curl('', url, keyCommand)),
    },
    client:
      first &&
      clientLines({
        httpAddress,
        grpcAddress,
        modelName: first.name,
        config: configOf(first.content)?.config,
        keyCommand,
      }),
  };
}

/**
 * A call of GET that fails where the answer is an error. It has no double quote, which an output in JSON would show as what
 * no shell takes, and the key is no argument, which every process of the machine could read.
 */
function curl(option: string, url: string, keyCommand: string | undefined): string {
  const key = keyCommand === undefined ? '' : `${keyCommand} | sed 's/^/Authorization: Bearer /' | `;
  const header = keyCommand === undefined ? '' : '--header @-';
  return `${key}${['curl --fail', option, header, url].filter((part) => part !== '').join(' ')}`;
}
