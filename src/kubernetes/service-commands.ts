import { NAME_LABEL } from './labels';

/** Command lines that show how a service does. */
export interface ServiceCommands {
  /** Its pods, with what keeps them from running. */
  readonly state: string;

  /** The log of each container. */
  readonly logs: { readonly [container: string]: string };

  /** The log of each container before it was last started anew. */
  readonly previous_logs: { readonly [container: string]: string };
}

/** What the commands are made of. */
export interface CommandsOf {
  readonly namespace: string;
  readonly serviceName: string;

  /** Names of the containers of a replica, those that run before the server among them. */
  readonly containers: readonly string[];

  /** Whether routers stand before the replicas. */
  readonly routed: boolean;
}

/** The command lines for a service. */
export function serviceCommands({ namespace, serviceName, containers, routed }: CommandsOf): ServiceCommands {
  const kubectl = `kubectl --namespace ${namespace}`;
  const replica = `${NAME_LABEL}=${serviceName}`;
  const router = `${NAME_LABEL}=${serviceName}-router`;
  const parts = [
    ...containers.map((container) => ({ container, selector: replica })),
    ...(routed ? [{ container: 'router', selector: router }] : []),
  ];
  const logs = (more: string) =>
    Object.fromEntries(
      parts.map(({ container, selector }) => [
        container,
        `${kubectl} logs --selector ${selector} --container ${container} --prefix --tail 200${more}`,
      ]),
    );
  const all = routed ? `'${NAME_LABEL} in (${serviceName}, ${serviceName}-router)'` : replica;
  return { state: `${kubectl} describe pods --selector ${all}`, logs: logs(''), previous_logs: logs(' --previous') };
}
