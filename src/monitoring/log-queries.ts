import { GRPC_ERRORS, GRPC_RESOURCE_EXHAUSTED } from './grpc-errors';

/** A service, as its lines in Log Analytics know it. */
export interface LoggedService {
  /** Id of the cluster: several may share the workspace. */
  readonly clusterId: string;

  /** Namespace of the service. */
  readonly namespace: string;

  /** Name of the service. */
  readonly serviceName: string;
}

/** A question about the log of a service. */
export interface LogQuery {
  /** What it is called in names and outputs. */
  readonly id: 'log' | 'init_failures' | 'errors';

  /** What it shows. */
  readonly title: string;

  /** The question in KQL, without a span of time: whoever asks gives one. */
  readonly text: string;
}

/** The containers of HAProxy, whose lines are JSON, one for each call; all others are the model server's. */
const HAPROXY_CONTAINERS = "'gateway', 'router'";

/** Errors of gRPC that say something of the server: what finds a full queue would bury them. */
const GRPC_CODES = GRPC_ERRORS.filter((code) => code !== GRPC_RESOURCE_EXHAUSTED)
  .map((code) => `'${code}'`)
  .join(', ');

/** The most lines of a model server that one call is shown with. */
const LINES = 200;

/** What people ask the log of a service: all of it, why it did not start, what calls failed and what the server said. */
export function logQueries(service: LoggedService): LogQuery[] {
  const logs = `ContainerLogV2
| where ${of(service, 'PodNamespace', 'PodName')}`;
  return [
    {
      id: 'log',
      title: 'log',
      text: `${logs}
| project TimeGenerated, PodName, ContainerName, LogSource, LogMessage = tostring(LogMessage)
| order by TimeGenerated asc`,
    },
    {
      id: 'init_failures',
      title: 'init failures',
      // a server fails its probes as long as it loads, which is no failure
      text: `let warnings = KubeEvents
| where ${of(service, 'Namespace', 'Name')}
| where KubeEventType == 'Warning' and Reason != 'Unhealthy';
let failed = warnings | distinct Name;
let lines = ${logs}
| where PodName in (failed) and ContainerName !in (${HAPROXY_CONTAINERS})
| project TimeGenerated, PodName, ContainerName, Line = tostring(LogMessage);
warnings
| project TimeGenerated, PodName = Name, ContainerName = '', Line = strcat(Reason, ': ', Message)
| union lines
| order by PodName asc, TimeGenerated asc`,
    },
    {
      id: 'errors',
      title: 'answers with 5xx and the lines of the server',
      // a line is written when its call ends; the agent may read the two containers a moment apart
      text: `let logs = ${logs};
let lines = logs
| where ContainerName !in (${HAPROXY_CONTAINERS})
| project LineTime = TimeGenerated, PodName, ContainerName, Line = tostring(LogMessage);
let errors = logs
| where ContainerName in (${HAPROXY_CONTAINERS})
| extend call = parse_json(tostring(LogMessage))
| where toint(call.status) >= 500 or tostring(call.grpcStatus) in (${GRPC_CODES})
| project TimeGenerated, Status = toint(call.status), GrpcStatus = tostring(call.grpcStatus), Path = tostring(call.path),
    RequestId = tostring(call.requestId), Part = tostring(call.part), PodName, QueueMs = toint(call.queueMs),
    TotalMs = toint(call.totalMs), End = tostring(call.end);
let said = errors
| join kind=inner lines on PodName
| where Line has RequestId or LineTime between (TimeGenerated - TotalMs * 1ms - 1s .. TimeGenerated + 1s)
| order by LineTime asc
| summarize Lines = make_list(strcat(ContainerName, ': ', Line), ${LINES}) by RequestId, PodName;
errors
| join kind=leftouter said on RequestId, PodName
| project-away RequestId1, PodName1
| order by TimeGenerated desc`,
    },
  ];
}

/** A condition on the replicas and routers of a service, which Kubernetes names after it. */
function of({ clusterId, namespace, serviceName }: LoggedService, namespaceColumn: string, podColumn: string): string {
  const pods = `^${serviceName}-(router-[0-9]+|[a-z0-9]+-[a-z0-9]{5})$`;
  return `_ResourceId =~ '${clusterId}' and ${namespaceColumn} == '${namespace}' and ${podColumn} matches regex '${pods}'`;
}
