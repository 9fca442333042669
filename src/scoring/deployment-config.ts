import { dnsLabelProblem } from '../kubernetes/dns-label';
import { SCRAPE_SECONDS } from '../monitoring/scrape-interval';
import { didYouMean } from '../spelling';
import { ConfigFields } from './config-fields';
import {
  AUTOSCALER_FIELDS,
  DEPLOYMENT_CONFIG,
  KEY_FIELDS,
  NUMBER_FIELDS,
  OTHER_COMPUTE_TYPES,
} from './deployment-config-fields';
import { type JsonObject, readJsonFile } from './json-file';
import { rangeProblem } from './number-range';
import {
  ceilingProblem,
  DEFAULT_CPU_CORES,
  DEFAULT_MEMORY_GB,
  SCORING_RANGES,
  type ScoringOptions,
} from './scoring-options';
import { ServiceAuth } from './service-auth';

/** What a service is promised where its file asks for nothing. */
type ServiceDefaults = Required<Pick<ScoringOptions, 'cpuCores' | 'memoryGb'>>;

/** What a script is promised. */
const SCRIPT_DEFAULTS: ServiceDefaults = { cpuCores: DEFAULT_CPU_CORES, memoryGb: DEFAULT_MEMORY_GB };

/** Options while they are read. */
type Draft = { -readonly [option in keyof ScoringOptions]: ScoringOptions[option] };

/**
 * Reads a deployment configuration of Azure ML's command line v1 (`deploymentconfig.json`, `computeType` aks).
 *
 * Nothing is thrown: what is wrong with the file is in the result, as `problems` that a service of these options is
 * refused for, and so is what is doubtful. What is refused is not among the options, so it is reported once.
 *
 * @param path absolute, or relative to the folder of `cdktf.json`
 * @param defaults what the service gets that the file does not ask for
 * @param hasScript whether the service is of a script, which has more options
 */
export function readDeploymentConfig(
  path: string,
  defaults: ServiceDefaults = SCRIPT_DEFAULTS,
  hasScript = true,
): ScoringOptions {
  const { content, problem } = readJsonFile('deployment configuration', path);
  if (content === undefined) {
    return { problems: problem === undefined ? [] : [problem], warnings: [] };
  }
  const { options, problems, warnings } = new DeploymentConfig(content, defaults, hasScript);
  const named = (message: string) => `${path}: ${message}`;
  return { ...options, problems: problems.map(named), warnings: warnings.map(named) };
}

/** One file while it is read. */
class DeploymentConfig {
  public readonly options: Draft = {};
  public readonly problems: string[] = [];
  public readonly warnings: string[] = [];

  private readonly fields: ConfigFields;

  constructor(
    content: JsonObject,
    private readonly defaults: ServiceDefaults,
    private readonly hasScript: boolean,
  ) {
    this.fields = new ConfigFields(content, DEPLOYMENT_CONFIG);
    // a file for something else has other fields, and a list of them would help nobody
    if (this.isForAks(content)) {
      this.problems.push(...this.fields.problems);
      this.readKeys();
      this.readAuth();
      this.readNumbers();
      this.readNamespace();
      this.readScaling();
      this.readWatching();
      this.readWhatHasNoPlace();
    }
  }

  /** Azure ML asked for `computeType`; a file without one is taken for what it is read as. */
  private isForAks(content: JsonObject): boolean {
    const given = ['computeType', 'ComputeTarget'].flatMap((field) => {
      const value = content[field];
      return typeof value === 'string' ? [{ field, value, type: value.toLowerCase() }] : [];
    });
    const [first, second] = given;
    if (first !== undefined && second !== undefined && first.type !== second.type) {
      this.problems.push(
        `${first.field} '${first.value}' and ${second.field} '${second.value}' disagree; ${second.field} is an ` +
          `older word for ${first.field}, so keep ${first.field} alone`,
      );
      return first.type === 'aks';
    }
    if (first === undefined || first.type === 'aks') {
      return true;
    }
    const other = OTHER_COMPUTE_TYPES.get(first.type);
    if (other !== undefined) {
      this.problems.push(
        `${first.field} '${first.value}' describes ${other.what}, and only files of AKS services ('aks') are read here; ` +
          `'${first.type}' is what ${other.use} is for`,
      );
      return false;
    }
    const guess = didYouMean(first.type, ['aks', ...OTHER_COMPUTE_TYPES.keys()]);
    this.problems.push(`${first.field} must be 'aks' for a service on AKS; got '${first.value}'${guess}`);
    return true;
  }

  private readKeys(): void {
    const given = KEY_FIELDS.filter((field) => this.fields.given.has(field));
    if (given.length > 0) {
      this.problems.push(
        `${given.join(' and ')} must not be in a file, where everybody can read ${given.length > 1 ? 'them' : 'it'}; take ` +
          'the field out, write each key to a Key Vault with ' +
          "'az keyvault secret set --vault-name VAULT --name SECRET --file FILE' (FILE without a line break at its end), " +
          "and give the service auth: ServiceAuth.keyVault({ keyVaultId: '…', primarySecretName: '…', " +
          "secondarySecretName: '…' })",
      );
    }
  }

  private readAuth(): void {
    if (this.fields.values.get('tokenAuthEnabled') === true) {
      this.problems.push(
        this.fields.values.get('authEnabled') === true
          ? 'authEnabled and tokenAuthEnabled must not both be true; set tokenAuthEnabled to false, since Azure ML issued ' +
              'its tokens itself and nobody does here'
          : 'tokenAuthEnabled must be false: Azure ML issued its tokens itself, and nobody does here; callers show keys ' +
              'instead, with authEnabled true',
      );
    } else if (this.fields.values.get('authEnabled') === false) {
      this.options.auth = ServiceAuth.none();
    }
  }

  private readNumbers(): void {
    for (const [field, option] of Object.entries(NUMBER_FIELDS)) {
      const value = this.number(field, SCORING_RANGES[option]);
      if (value !== undefined) {
        this.options[option] = value;
      }
    }
    const { cpuCores, cpuCoresLimit, memoryGb, memoryGbLimit } = { ...this.defaults, ...this.options };
    const section = 'containerResourceRequirements';
    this.leaveOut('cpuCoresLimit', ceilingProblem(`${section}.cpuLimit`, cpuCoresLimit, 'cpu', cpuCores));
    this.leaveOut('memoryGbLimit', ceilingProblem(`${section}.memoryInGBLimit`, memoryGbLimit, 'memoryInGB', memoryGb));
    if (!this.fields.given.has(`${section}.memoryInGBLimit`)) {
      this.warnings.push(
        `${section}.memoryInGBLimit is not given: Azure ML set no limit then, and here a replica that needs more than ` +
          `memoryInGB, ${memoryGb}, is killed and started anew; write the most that it needs`,
      );
    }
  }

  private readNamespace(): void {
    const namespace = this.fields.values.get('namespace');
    if (typeof namespace !== 'string') {
      return;
    }
    const problem = dnsLabelProblem('namespace', namespace);
    if (problem === undefined) {
      this.options.namespace = namespace;
    } else {
      this.problems.push(`namespace: ${problem}`);
    }
  }

  private readScaling(): void {
    const enabled = this.fields.values.get('autoScaler.autoscaleEnabled');
    const given = Object.keys(AUTOSCALER_FIELDS).filter((field) => this.fields.given.has(field));
    const hasReplicas = this.fields.given.has('numReplicas');
    const [least, most, refresh, percent] = Object.entries(AUTOSCALER_FIELDS).map(([field, maximum]) =>
      this.number(field, { minimum: 1, maximum }),
    );
    const isCrossed = least !== undefined && most !== undefined && least > most;
    if (isCrossed) {
      this.problems.push(`autoScaler.minReplicas must not be above maxReplicas; got ${least} and ${most}`);
    }
    // an autoscaleEnabled that cannot be read may mean either
    const notSaid = !this.fields.given.has('autoScaler.autoscaleEnabled');
    if ((enabled === false || notSaid) && given.length > 0) {
      this.problems.push(`${given.join(', ')} must not be given without autoScaler.autoscaleEnabled true`);
    }
    if (enabled === false && !hasReplicas) {
      this.problems.push('numReplicas must be given with autoScaler.autoscaleEnabled false');
    }
    if (enabled === true && hasReplicas) {
      this.leaveOut(
        'numReplicas',
        'numReplicas must not be given with autoScaler.autoscaleEnabled true; keep one of them',
      );
    }
    if (enabled === true && !hasReplicas) {
      this.options.autoscale = {
        ...(least === undefined || isCrossed ? {} : { minReplicas: least }),
        ...(most === undefined || isCrossed ? {} : { maxReplicas: most }),
        ...(percent === undefined ? {} : { targetUtilizationPercent: percent }),
        ...(refresh === undefined ? {} : { refreshSeconds: Math.min(refresh, SCRAPE_SECONDS) }),
      };
    }
    if (refresh !== undefined && refresh > SCRAPE_SECONDS) {
      this.warnings.push(
        `autoScaler.refreshPeriodInSeconds is ${refresh}, and is taken for ${SCRAPE_SECONDS}: calls are counted no less often ` +
          'than the counts are read',
      );
    }
  }

  /** What is watched of calls, which only a scoring script lets be watched. */
  private readWatching(): void {
    const watched = [
      { field: 'dataCollection.storageEnabled', option: { collectModelData: {} }, shown: 'collectModelData: {}' },
      { field: 'appInsightsEnabled', option: { enableAppInsights: true }, shown: 'enableAppInsights: true' },
    ];
    for (const { field, option, shown } of watched.filter((each) => this.fields.values.get(each.field) === true)) {
      if (this.hasScript) {
        Object.assign(this.options, option);
      } else {
        this.warnings.push(
          `${field} is true, which Triton by itself has nothing for; give the script before it, with withScoringScript, ` +
            shown,
        );
      }
    }
  }

  private readWhatHasNoPlace(): void {
    if (this.fields.given.has('computeTargetName')) {
      this.warnings.push("computeTargetName is left aside: the service's option 'pool' takes its place");
    }
  }

  /** A number that is in the file and right. */
  private number(field: string, range: { readonly minimum: number; readonly maximum?: number }): number | undefined {
    const value = this.fields.values.get(field) as number | undefined;
    const problem = rangeProblem(field, value, range);
    if (problem !== undefined) {
      this.problems.push(problem);
    }
    return problem === undefined ? value : undefined;
  }

  /** Reports what is wrong with an option, which the service need not report again. */
  private leaveOut(option: keyof ScoringOptions, problem: string | undefined): void {
    if (problem !== undefined) {
      this.problems.push(problem);
      delete this.options[option];
    }
  }
}
