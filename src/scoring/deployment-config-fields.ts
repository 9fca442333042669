import { type ConfigSchema, type FieldKind, fieldGuess, shownField } from './config-fields';
import type { SCORING_RANGES } from './scoring-options';

/** Fields that hold a number of the service, and the option that it becomes. */
export const NUMBER_FIELDS = {
  'containerResourceRequirements.cpu': 'cpuCores',
  'containerResourceRequirements.cpuLimit': 'cpuCoresLimit',
  'containerResourceRequirements.memoryInGB': 'memoryGb',
  'containerResourceRequirements.memoryInGBLimit': 'memoryGbLimit',
  gpuCores: 'gpuCores',
  scoringTimeoutMs: 'scoringTimeoutMs',
  maxConcurrentRequestsPerContainer: 'replicaMaxConcurrentRequests',
  maxQueueWaitMs: 'maxRequestWaitTimeMs',
  numReplicas: 'numReplicas',
  'livenessProbeRequirements.periodSeconds': 'periodSeconds',
  'livenessProbeRequirements.initialDelaySeconds': 'initialDelaySeconds',
  'livenessProbeRequirements.timeoutSeconds': 'timeoutSeconds',
  'livenessProbeRequirements.successThreshold': 'successThreshold',
  'livenessProbeRequirements.failureThreshold': 'failureThreshold',
} as const satisfies { readonly [field: string]: keyof typeof SCORING_RANGES };

/** Fields of the autoscaler that hold a number, and the largest that makes sense. */
export const AUTOSCALER_FIELDS = {
  'autoScaler.minReplicas': 400,
  'autoScaler.maxReplicas': 400,
  'autoScaler.refreshPeriodInSeconds': 3600,
  'autoScaler.targetUtilization': 100,
} as const;

/** The fields of a file for AKS that may hold a key. */
export const KEY_FIELDS = ['keys.primaryKey', 'keys.secondaryKey'] as const;

/**
 * All fields of a file for AKS, by path.
 *
 * @see https://learn.microsoft.com/azure/machine-learning/v1/reference-azure-machine-learning-cli
 */
const KINDS = new Map<string, FieldKind>([
  ['computeType', 'text'],
  // what Microsoft's example of 2019 writes beside computeType
  ['ComputeTarget', 'text'],
  ['computeTargetName', 'text'],
  ['namespace', 'text'],
  ['autoScaler', 'section'],
  ['autoScaler.autoscaleEnabled', 'boolean'],
  ['dataCollection', 'section'],
  ['dataCollection.storageEnabled', 'boolean'],
  ['authEnabled', 'boolean'],
  ['tokenAuthEnabled', 'boolean'],
  ['appInsightsEnabled', 'boolean'],
  ['containerResourceRequirements', 'section'],
  ['livenessProbeRequirements', 'section'],
  ['keys', 'section'],
  ...KEY_FIELDS.map((field) => [field, 'key'] as const),
  ...Object.keys({ ...NUMBER_FIELDS, ...AUTOSCALER_FIELDS }).map((field) => [field, 'number'] as const),
]);

/** Names that the SDK has for fields; the option names of this library are others of them. */
const OTHER_NAMES: readonly (readonly [name: string, field: string])[] = [
  ...Object.entries(NUMBER_FIELDS).map(([field, option]) => [option, field] as const),
  ['gpu', 'gpuCores'],
  ['memory', 'containerResourceRequirements.memoryInGB'],
  ['autoscaleMinReplicas', 'autoScaler.minReplicas'],
  ['autoscaleMaxReplicas', 'autoScaler.maxReplicas'],
  ['autoscaleRefreshSeconds', 'autoScaler.refreshPeriodInSeconds'],
  ['autoscaleTargetUtilization', 'autoScaler.targetUtilization'],
  ['collectModelData', 'dataCollection.storageEnabled'],
  ['enableAppInsights', 'appInsightsEnabled'],
];

/** What the files of the other compute types describe, and what they are for here. */
export const OTHER_COMPUTE_TYPES = new Map([
  ['aci', { what: 'a container instance', use: 'ContainerInstanceService' }],
  ['local', { what: 'a run on this machine', use: "the command 'azure-inference run'" }],
  ['aksendpoint', { what: 'a version of an endpoint, with its weight beside other versions', use: 'Endpoint' }],
]);

/** Fields of the files of the other compute types alone. */
const FIELDS_ELSEWHERE: { readonly [computeType: string]: readonly string[] } = {
  aci: [
    'location',
    'sslEnabled',
    'sslCertificate',
    'sslKey',
    'cname',
    'dnsNameLabel',
    'vnetName',
    'subnetName',
    'vaultBaseUrl',
    'keyName',
    'keyVersion',
  ],
  local: ['port'],
  aksendpoint: ['versionName', 'trafficPercentile'],
};

/** What Azure ML's command line took beside the file. */
const PARAMETERS = ['tags', 'properties', 'description'];

/** What a deployment configuration for AKS may have in it. */
export const DEPLOYMENT_CONFIG: ConfigSchema = { kindOf: (field) => KINDS.get(field), unknownFieldProblem };

function unknownFieldProblem(field: string): string {
  const shown = shownField(field);
  const [computeType] = Object.entries(FIELDS_ELSEWHERE).find(([, fields]) => fields.includes(field)) ?? [];
  const other = computeType === undefined ? undefined : OTHER_COMPUTE_TYPES.get(computeType);
  if (other !== undefined) {
    return (
      `${shown} is impossible in a file of an AKS service; it describes ${other.what} (computeType '${computeType}'); ` +
      `that is what ${other.use} is for`
    );
  }
  if (PARAMETERS.includes(field)) {
    return `${shown} is no field of a deployment configuration; give it to the service as the option '${field}'`;
  }
  return `${shown} is no field of a deployment configuration for AKS${fieldGuess(field, KINDS.keys(), OTHER_NAMES)}`;
}
