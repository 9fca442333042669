import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { readDeploymentConfig } from '../../../src/scoring/deployment-config';
import { type ScoringOptions, scoringOptionProblems } from '../../../src/scoring/scoring-options';
import { ServiceAuth } from '../../../src/scoring/service-auth';
import { folderWith } from '../../fixtures';

const HOME = process.cwd();
afterEach(() => process.chdir(HOME));

const FILE = 'deploymentconfig.json';

/** What is read from a text that lies beside cdktf.json. */
function readText(text: string): ScoringOptions {
  process.chdir(folderWith({ 'cdktf.json': '{}', [FILE]: text }));
  return readDeploymentConfig(FILE);
}

/** What is read from these fields beside the compute type. */
function read(fields: object): ScoringOptions {
  return readText(JSON.stringify({ computeType: 'aks', ...fields }));
}

const problemsOf = (fields: object) => read(fields).problems;
const warningsOf = (fields: object) => read(fields).warnings;

/** The options that are read, without what is said of the file. */
function optionsOf(fields: object): object {
  const { problems, warnings, ...options } = read(fields);
  return options;
}

/** Fields that leave nothing to warn of. */
const CALM = { numReplicas: 1, containerResourceRequirements: { memoryInGBLimit: 1 } };

describe('a file', () => {
  test('of the documentation is read', () => {
    const probes = {
      periodSeconds: null,
      initialDelaySeconds: null,
      timeoutSeconds: null,
      successThreshold: null,
      failureThreshold: null,
    };
    const { warnings, ...rest } = read({
      ComputeTarget: 'aks',
      autoScaler: {
        autoscaleEnabled: true,
        minReplicas: 1,
        maxReplicas: 3,
        refreshPeriodInSeconds: 1,
        targetUtilization: 70,
      },
      dataCollection: { storageEnabled: true },
      authEnabled: true,
      containerResourceRequirements: { cpu: 0.5, memoryInGB: 1.0 },
      appInsightsEnabled: null,
      keys: { primaryKey: null, secondaryKey: null },
      livenessProbeRequirements: probes,
    });

    expect(rest).toEqual({
      cpuCores: 0.5,
      memoryGb: 1,
      autoscale: { minReplicas: 1, maxReplicas: 3, refreshSeconds: 1, targetUtilizationPercent: 70 },
      collectModelData: {},
      problems: [],
    });
    expect(warnings).toEqual([
      `${FILE}: containerResourceRequirements.memoryInGBLimit is not given: Azure ML set no limit then, and here a ` +
        'replica that needs more than memoryInGB, 1, is killed and started anew; write the most that it needs',
    ]);
  });

  test('gives every option that it has a field for', () => {
    expect(
      read({
        containerResourceRequirements: { cpu: 1, cpuLimit: 2, memoryInGB: 3, memoryInGBLimit: 4 },
        gpuCores: 1,
        scoringTimeoutMs: 1000,
        maxConcurrentRequestsPerContainer: 2,
        maxQueueWaitMs: 300,
        numReplicas: 4,
        livenessProbeRequirements: {
          periodSeconds: 5,
          initialDelaySeconds: 6,
          timeoutSeconds: 7,
          successThreshold: 8,
          failureThreshold: 9,
        },
        authEnabled: false,
        tokenAuthEnabled: false,
        namespace: 'vision',
        appInsightsEnabled: false,
        dataCollection: { storageEnabled: false },
        autoScaler: { autoscaleEnabled: false },
      }),
    ).toEqual({
      cpuCores: 1,
      cpuCoresLimit: 2,
      memoryGb: 3,
      memoryGbLimit: 4,
      gpuCores: 1,
      scoringTimeoutMs: 1000,
      replicaMaxConcurrentRequests: 2,
      maxRequestWaitTimeMs: 300,
      numReplicas: 4,
      periodSeconds: 5,
      initialDelaySeconds: 6,
      timeoutSeconds: 7,
      successThreshold: 8,
      failureThreshold: 9,
      auth: ServiceAuth.none(),
      namespace: 'vision',
      problems: [],
      warnings: [],
    });
  });

  test('gives no option that it says nothing of', () => {
    expect(Object.keys(read({ ...CALM, cpu: null, authEnabled: true }))).toEqual([
      'memoryGbLimit',
      'numReplicas',
      'problems',
      'warnings',
    ]);
  });

  test('may write null for any field, also for those of other files and for sections', () => {
    expect(
      read({
        ...CALM,
        computeType: null,
        autoScaler: null,
        dataCollection: { storageEnabled: null },
        keys: null,
        sslEnabled: null,
        port: null,
        unheardOf: null,
        computeTargetName: null,
        namespace: null,
      }),
    ).toEqual({ memoryGbLimit: 1, numReplicas: 1, problems: [], warnings: [] });
  });

  test('keeps what is said of it where other options are added', () => {
    const options: ScoringOptions = { ...read({ numReplicas: 0 }), cpuCores: 2 };

    expect(scoringOptionProblems(options)).toEqual([
      `${FILE}: numReplicas must be a whole number from 1 to 1000; got 0`,
    ]);
  });

  test('that is relative is looked for beside cdktf.json', () => {
    const project = folderWith({ 'cdktf.json': '{}', [`config/${FILE}`]: '{"numReplicas": 3}' });
    mkdirSync(join(project, 'deep/down'), { recursive: true });
    process.chdir(join(project, 'deep/down'));

    expect(readDeploymentConfig(`config/${FILE}`).numReplicas).toBe(3);
  });

  test('may start with a byte order mark', () => {
    expect(readText('\uFEFF{"numReplicas": 3}')).toMatchObject({ numReplicas: 3, problems: [] });
  });
});

describe('fails, without an exception and without options,', () => {
  const refused = (problem: unknown) => ({ problems: [problem], warnings: [] });

  test('for a file that does not exist, and says where it was looked for', () => {
    process.chdir(folderWith({ 'cdktf.json': '{}' }));

    expect(readDeploymentConfig('gone.json')).toEqual(
      refused(
        `the deployment configuration 'gone.json' does not exist; it was looked for at '${join(process.cwd(), 'gone.json')}'`,
      ),
    );
  });

  test('for a folder', () => {
    const folder = folderWith({});

    expect(readDeploymentConfig(folder)).toEqual(
      refused(expect.stringMatching(/^the deployment configuration '.*' cannot be read: EISDIR/)),
    );
  });

  test('for what is no JSON, and says where but not what stands there', () => {
    const options = readText('{\n  "keys": { "primaryKey": "s3cret", },\n}');

    expect(options).toEqual(
      refused(
        `${FILE} is not JSON: line 2, column 37 cannot be read; JSON has double quotation marks only, no comments, and ` +
          'no comma after the last value',
      ),
    );
  });

  test.each([
    ['[{"computeType": "aks"}]', 'a list'],
    ['"s3cret"', 'a text'],
    ['3', '3'],
    ['null', 'null'],
  ])('for what is no object: %s', (text, got) => {
    expect(readText(text)).toEqual(refused(`${FILE} must hold one object, { … }; got ${got}`));
  });

  test.each([
    ['aci', 'a container instance', 'ContainerInstanceService'],
    ['ACI', 'a container instance', 'ContainerInstanceService'],
    ['local', 'a run on this machine', "the command 'azure-inference run'"],
    ['AksEndpoint', 'a version of an endpoint, with its weight beside other versions', 'Endpoint'],
  ])('for a file of another compute type, with what that one is for: %s', (computeType, what, use) => {
    expect(read({ computeType, sslEnabled: true, numReplicas: 0 })).toEqual(
      refused(
        `${FILE}: computeType '${computeType}' describes ${what}, and only files of AKS services ('aks') are read here; ` +
          `'${computeType.toLowerCase()}' is what ${use} is for`,
      ),
    );
  });
});

describe('the compute type', () => {
  test.each([{ computeType: 'AKS' }, { computeType: 'Aks', ComputeTarget: 'aks' }, { ComputeTarget: 'aks' }, {}])(
    'may be written in any case, under its old name, or not at all: %j',
    (fields) => {
      expect(readText(JSON.stringify({ ...CALM, ...fields }))).toMatchObject({ problems: [], warnings: [] });
    },
  );

  test('fails for what Azure ML does not have, and the rest is read', () => {
    expect(problemsOf({ computeType: 'akss', numReplicas: 0 })).toEqual([
      `${FILE}: computeType must be 'aks' for a service on AKS; got 'akss'; did you mean 'aks'?`,
      `${FILE}: numReplicas must be a whole number from 1 to 1000; got 0`,
    ]);
    expect(problemsOf({ computeType: 'batch cluster' })).toEqual([
      `${FILE}: computeType must be 'aks' for a service on AKS; got 'batch cluster'`,
    ]);
    expect(problemsOf({ computeType: 1 })).toEqual([`${FILE}: computeType must be a text; got 1`]);
  });

  test('fails under two names that disagree', () => {
    expect(problemsOf({ ComputeTarget: 'aci' })).toEqual([
      `${FILE}: computeType 'aks' and ComputeTarget 'aci' disagree; ComputeTarget is an older word for computeType, so ` +
        'keep computeType alone',
    ]);
  });

  test('counts, not its old name, for whether the rest is read', () => {
    expect(problemsOf({ ComputeTarget: 'aci', numReplicas: 0 })).toHaveLength(2);
    expect(problemsOf({ computeType: 'aci', ComputeTarget: 'aks', numReplicas: 0 })).toHaveLength(1);
  });

  test('fails under its old name like under its new one', () => {
    expect(readText('{"ComputeTarget": "local"}').problems).toEqual([
      `${FILE}: ComputeTarget 'local' describes a run on this machine, and only files of AKS services ('aks') are read ` +
        "here; 'local' is what the command 'azure-inference run' is for",
    ]);
  });
});

describe('a field', () => {
  test.each([
    [{ numReplica: 1 }, 'numReplica', 'numReplicas'],
    [{ scoring_timeout_ms: 1 }, 'scoring_timeout_ms', 'scoringTimeoutMs'],
    [{ cpu: 1 }, 'cpu', 'containerResourceRequirements.cpu'],
    [{ replicaMaxConcurrentRequests: 1 }, 'replicaMaxConcurrentRequests', 'maxConcurrentRequestsPerContainer'],
    [
      { containerResourceRequirements: { memoryInGb: 1 } },
      'containerResourceRequirements.memoryInGb',
      'containerResourceRequirements.memoryInGB',
    ],
    [{ containerResourceRequirements: { gpu: 1 } }, 'containerResourceRequirements.gpu', 'gpuCores'],
    [{ autoScaler: { numReplicas: 1 } }, 'autoScaler.numReplicas', 'numReplicas'],
    [{ autoscaler: { minReplicas: 1 } }, 'autoscaler', 'autoScaler'],
    [{ autoscale_max_replicas: 1 }, 'autoscale_max_replicas', 'autoScaler.maxReplicas'],
    [{ primaryKey: 's3cret' }, 'primaryKey', 'keys.primaryKey'],
  ])('fails when it is unknown, with the one that is like it: %j', (fields, field, nearest) => {
    expect(problemsOf(fields)).toEqual([
      `${FILE}: ${field} is no field of a deployment configuration for AKS; did you mean ${nearest}?`,
    ]);
  });

  test.each(['bananas', '__proto__', 'constructor', 'x'.repeat(60)])('fails when it is like none: %s', (field) => {
    expect(readText(`{"${field}": 1}`).problems).toEqual([
      `${FILE}: ${field} is no field of a deployment configuration for AKS`,
    ]);
  });

  test('that is long or not printable fails in one line', () => {
    expect(problemsOf({ ['\n'.repeat(99)]: 1 })).toEqual([
      `${FILE}: ${'\\n'.repeat(80)}… is no field of a deployment configuration for AKS`,
    ]);
  });

  test.each([
    ['location', 'a container instance', 'aci', 'ContainerInstanceService'],
    ['sslEnabled', 'a container instance', 'aci', 'ContainerInstanceService'],
    ['sslCertificate', 'a container instance', 'aci', 'ContainerInstanceService'],
    ['sslKey', 'a container instance', 'aci', 'ContainerInstanceService'],
    ['cname', 'a container instance', 'aci', 'ContainerInstanceService'],
    ['dnsNameLabel', 'a container instance', 'aci', 'ContainerInstanceService'],
    ['vnetName', 'a container instance', 'aci', 'ContainerInstanceService'],
    ['subnetName', 'a container instance', 'aci', 'ContainerInstanceService'],
    ['vaultBaseUrl', 'a container instance', 'aci', 'ContainerInstanceService'],
    ['keyName', 'a container instance', 'aci', 'ContainerInstanceService'],
    ['keyVersion', 'a container instance', 'aci', 'ContainerInstanceService'],
    ['port', 'a run on this machine', 'local', "the command 'azure-inference run'"],
    ['versionName', 'a version of an endpoint, with its weight beside other versions', 'aksendpoint', 'Endpoint'],
    ['trafficPercentile', 'a version of an endpoint, with its weight beside other versions', 'aksendpoint', 'Endpoint'],
  ])('fails when it belongs elsewhere, with where: %s', (field, what, computeType, use) => {
    expect(problemsOf({ [field]: 's3cret' })).toEqual([
      `${FILE}: ${field} is impossible in a file of an AKS service; it describes ${what} (computeType '${computeType}'); ` +
        `that is what ${use} is for`,
    ]);
  });

  test.each(['tags', 'properties', 'description'])('fails when it is an option of the service: %s', (field) => {
    expect(problemsOf({ [field]: {} })).toEqual([
      `${FILE}: ${field} is no field of a deployment configuration; give it to the service as the option '${field}'`,
    ]);
  });

  test.each([
    [{ numReplicas: '2' }, 'numReplicas must be a number, without quotation marks; got a text'],
    [{ authEnabled: 'false' }, 'authEnabled must be true or false, without quotation marks; got a text'],
    [{ authEnabled: 0 }, 'authEnabled must be true or false, without quotation marks; got 0'],
    [{ namespace: 7 }, 'namespace must be a text; got 7'],
    [{ gpuCores: true }, 'gpuCores must be a number, without quotation marks; got true'],
    [{ gpuCores: [1] }, 'gpuCores must be a number, without quotation marks; got a list'],
    [{ scoringTimeoutMs: {} }, 'scoringTimeoutMs must be a number, without quotation marks; got an object'],
    [{ containerResourceRequirements: 2 }, 'containerResourceRequirements must be an object, { … }; got 2'],
    [{ livenessProbeRequirements: [] }, 'livenessProbeRequirements must be an object, { … }; got a list'],
    [{ keys: 's3cret' }, 'keys must be an object, { … }; got a text'],
    [
      { autoScaler: { autoscaleEnabled: 'yes', minReplicas: 2 } },
      'autoScaler.autoscaleEnabled must be true or false, without quotation marks; got a text',
    ],
    [
      { autoScaler: { autoscaleEnabled: false }, numReplicas: '2' },
      'numReplicas must be a number, without quotation marks; got a text',
    ],
  ])('fails when it holds the wrong thing, once: %j', (fields, problem) => {
    expect(problemsOf(fields)).toEqual([`${FILE}: ${problem}`]);
  });
});

describe('a number', () => {
  const probe = (field: string) => (value: number) => ({ livenessProbeRequirements: { [field]: value } });
  const container = (field: string) => (value: number) => ({ containerResourceRequirements: { [field]: value } });
  const top = (field: string) => (value: number) => ({ [field]: value });

  test.each<[string, (value: number) => object, string, number]>([
    ['scoringTimeoutMs', top('scoringTimeoutMs'), 'a whole number from 1 to 3600000', 0],
    [
      'maxConcurrentRequestsPerContainer',
      top('maxConcurrentRequestsPerContainer'),
      'a whole number from 1 to 10000',
      1.5,
    ],
    ['maxQueueWaitMs', top('maxQueueWaitMs'), 'a whole number from 1 to 300000', -1],
    ['numReplicas', top('numReplicas'), 'a whole number from 1 to 1000', 0],
    ['gpuCores', top('gpuCores'), 'a whole number from 0 to 1000', -1],
    ['containerResourceRequirements.cpu', container('cpu'), 'a number from 0.001 up', 0],
    ['containerResourceRequirements.cpuLimit', container('cpuLimit'), 'a number from 0.001 up', -1],
    ['containerResourceRequirements.memoryInGB', container('memoryInGB'), 'a number from 0.001 up', 0],
    ['containerResourceRequirements.memoryInGBLimit', container('memoryInGBLimit'), 'a number from 0.001 up', 0],
    ['livenessProbeRequirements.periodSeconds', probe('periodSeconds'), 'a whole number from 1 to 3600', 0],
    [
      'livenessProbeRequirements.initialDelaySeconds',
      probe('initialDelaySeconds'),
      'a whole number from 1 to 86400',
      0,
    ],
    ['livenessProbeRequirements.timeoutSeconds', probe('timeoutSeconds'), 'a whole number from 1 to 3600', 0],
    ['livenessProbeRequirements.successThreshold', probe('successThreshold'), 'a whole number from 1 to 1000', 0],
    ['livenessProbeRequirements.failureThreshold', probe('failureThreshold'), 'a whole number from 1 to 1000', 0],
  ])('that is refused is named as the file names it, and left out: %s', (field, fields, allowed, value) => {
    const options = read(fields(value));

    expect(options.problems).toEqual([`${FILE}: ${field} must be ${allowed}; got ${value}`]);
    expect(scoringOptionProblems(options)).toEqual(options.problems);
  });

  test('fails when it is a limit below what is promised', () => {
    const options = read({
      containerResourceRequirements: { cpu: 2, cpuLimit: 1, memoryInGB: 2, memoryInGBLimit: 1 },
    });

    expect(options.problems).toEqual([
      `${FILE}: containerResourceRequirements.cpuLimit must not be below cpu, which a replica is promised; got 1 and 2`,
      `${FILE}: containerResourceRequirements.memoryInGBLimit must not be below memoryInGB, which a replica is promised; ` +
        'got 1 and 2',
    ]);
    expect(scoringOptionProblems(options)).toEqual(options.problems);
  });

  test('fails when it is a limit below what is promised by default', () => {
    expect(problemsOf({ containerResourceRequirements: { cpuLimit: 0.05 } })).toEqual([
      `${FILE}: containerResourceRequirements.cpuLimit must not be below cpu, which a replica is promised; got 0.05 and 0.1`,
    ]);
  });
});

describe('the namespace', () => {
  test('fails in the words of namespaces', () => {
    const options = read({ namespace: 'My_Team' });

    expect(options.problems).toEqual([
      `${FILE}: namespace: a namespace name is 1 to 63 lowercase letters, digits and hyphens, the first a letter, the ` +
        "last a letter or digit; got 'My_Team'; 'my-team' would do",
    ]);
    expect(scoringOptionProblems(options)).toEqual(options.problems);
  });
});

describe('keys', () => {
  const remedy = (fields: string, them: string) =>
    `${FILE}: ${fields} must not be in a file, where everybody can read ${them}; take the field out, write each key to a ` +
    "Key Vault with 'az keyvault secret set --vault-name VAULT --name SECRET --file FILE' (FILE without a line break at " +
    "its end), and give the service auth: ServiceAuth.keyVault({ keyVaultId: '…', primarySecretName: '…', " +
    "secondarySecretName: '…' })";

  test('fail, with what takes their place', () => {
    expect(problemsOf({ keys: { primaryKey: 's3cret' } })).toEqual([remedy('keys.primaryKey', 'it')]);
    expect(problemsOf({ keys: { primaryKey: 's3cret', secondaryKey: 12_345 } })).toEqual([
      remedy('keys.primaryKey and keys.secondaryKey', 'them'),
    ]);
  });

  test('are in nothing that comes of a file, wherever they stand', () => {
    const places = fc.constantFrom<(key: string) => string>(
      (key) => JSON.stringify({ keys: { primaryKey: key, secondaryKey: [key] } }),
      (key) => JSON.stringify({ keys: key }),
      (key) => JSON.stringify({ keys: [key] }),
      (key) => JSON.stringify({ keys: { primary: key } }),
      (key) => JSON.stringify({ primaryKey: key }),
      (key) => JSON.stringify({ authEnabled: key }),
      (key) => JSON.stringify({ numReplicas: key }),
      (key) => JSON.stringify({ sslKey: key }),
      (key) => JSON.stringify(key),
      (key) => `{"keys": {"primaryKey": "${key}",}}`,
      (key) => `{"keys": {"primaryKey": "${key}}}`,
      (key) => `{"keys": {"primaryKey": ${key}}}`,
      (key) => `"primaryKey": "${key}"`,
      (key) => key,
    );
    fc.assert(
      fc.property(places, fc.stringMatching(/^[A-Z][A-Za-z0-9]{31}$/), (place, key) => {
        const options = readText(place(key));
        expect(options.problems?.length).toBeGreaterThan(0);
        expect(JSON.stringify(options)).not.toContain(key);
      }),
      { numRuns: 60 },
    );
  });
});

describe('authentication', () => {
  test('is by keys unless it is off', () => {
    expect(optionsOf({ ...CALM, authEnabled: true })).not.toHaveProperty('auth');
    expect(optionsOf({ ...CALM, authEnabled: false })).toHaveProperty('auth', ServiceAuth.none());
    expect(optionsOf({ ...CALM, authEnabled: false, tokenAuthEnabled: false })).toHaveProperty(
      'auth',
      ServiceAuth.none(),
    );
  });

  test.each([{ authEnabled: false }, { authEnabled: null }, {}])('fails by tokens: %j', (fields) => {
    const options = read({ ...fields, tokenAuthEnabled: true });

    expect(options.problems).toEqual([
      `${FILE}: tokenAuthEnabled must be false: Azure ML issued its tokens itself, and nobody does here; callers show ` +
        'keys instead, with authEnabled true',
    ]);
    expect(options).not.toHaveProperty('auth');
  });

  test('fails by keys and tokens', () => {
    expect(problemsOf({ authEnabled: true, tokenAuthEnabled: true })).toEqual([
      `${FILE}: authEnabled and tokenAuthEnabled must not both be true; set tokenAuthEnabled to false, since Azure ML ` +
        'issued its tokens itself and nobody does here',
    ]);
  });
});

describe('the autoscaler', () => {
  const limit = { containerResourceRequirements: { memoryInGBLimit: 1 } };

  test('gives what the file says of it, under the names of the options', () => {
    const autoScaler = {
      autoscaleEnabled: true,
      minReplicas: 2,
      maxReplicas: 5,
      targetUtilization: 60,
      refreshPeriodInSeconds: 3,
    };

    expect(read({ ...limit, autoScaler })).toEqual({
      memoryGbLimit: 1,
      autoscale: { minReplicas: 2, maxReplicas: 5, targetUtilizationPercent: 60, refreshSeconds: 3 },
      problems: [],
      warnings: [],
    });
  });

  test('is asked for by a file that says no more of it', () => {
    expect(read({ ...limit, autoScaler: { autoscaleEnabled: true } })).toMatchObject({ autoscale: {}, warnings: [] });
  });

  test('is left to the service where a file says nothing of replicas, as Azure ML left it to its own', () => {
    expect(read(limit)).toEqual({ memoryGbLimit: 1, problems: [], warnings: [] });
  });

  test('counts no less often than the counts are read, with a warning', () => {
    const every = (refreshPeriodInSeconds: number) =>
      read({ ...limit, autoScaler: { autoscaleEnabled: true, refreshPeriodInSeconds } });

    expect(every(15)).toMatchObject({ autoscale: { refreshSeconds: 15 }, warnings: [] });
    expect(every(16)).toMatchObject({
      autoscale: { refreshSeconds: 15 },
      problems: [],
      warnings: [
        `${FILE}: autoScaler.refreshPeriodInSeconds is 16, and is taken for 15: calls are counted no less often than the ` +
          'counts are read',
      ],
    });
  });

  test.each([
    ['minReplicas', 400],
    ['maxReplicas', 400],
    ['refreshPeriodInSeconds', 3600],
    ['targetUtilization', 100],
  ])('fails for %s that is not whole or not from 1 to %d', (field, maximum) => {
    for (const value of [0, -1, 1.5, maximum + 1]) {
      expect(problemsOf({ autoScaler: { autoscaleEnabled: true, [field]: value } })).toEqual([
        `${FILE}: autoScaler.${field} must be a whole number from 1 to ${maximum}; got ${value}`,
      ]);
    }
    expect(problemsOf({ autoScaler: { autoscaleEnabled: true, [field]: maximum } })).toEqual([]);
  });

  test('fails for more replicas at least than at most', () => {
    expect(problemsOf({ autoScaler: { autoscaleEnabled: true, minReplicas: 3, maxReplicas: 2 } })).toEqual([
      `${FILE}: autoScaler.minReplicas must not be above maxReplicas; got 3 and 2`,
    ]);
    expect(read({ autoScaler: { autoscaleEnabled: true, minReplicas: 3, maxReplicas: 2 } }).autoscale).toEqual({});
    expect(problemsOf({ autoScaler: { autoscaleEnabled: true, minReplicas: 2, maxReplicas: 2 } })).toEqual([]);
  });

  test('fails beside a number of replicas, which is left out', () => {
    const options = read({ autoScaler: { autoscaleEnabled: true }, numReplicas: 2 });

    expect(options.problems).toEqual([
      `${FILE}: numReplicas must not be given with autoScaler.autoscaleEnabled true; keep one of them`,
    ]);
    expect(options).not.toHaveProperty('numReplicas');
  });

  test('fails with values where it is not on', () => {
    expect(problemsOf({ autoScaler: { minReplicas: 1, targetUtilization: 50 } })).toEqual([
      `${FILE}: autoScaler.minReplicas, autoScaler.targetUtilization must not be given without ` +
        'autoScaler.autoscaleEnabled true',
    ]);
    expect(problemsOf({ autoScaler: { autoscaleEnabled: false, maxReplicas: 2 } })).toEqual([
      `${FILE}: autoScaler.maxReplicas must not be given without autoScaler.autoscaleEnabled true`,
      `${FILE}: numReplicas must be given with autoScaler.autoscaleEnabled false`,
    ]);
  });

  test('fails where it is off and replicas are not counted', () => {
    expect(problemsOf({ autoScaler: { autoscaleEnabled: false } })).toEqual([
      `${FILE}: numReplicas must be given with autoScaler.autoscaleEnabled false`,
    ]);
  });
});

describe('a warning', () => {
  test('says what a replica may use at most, where the file does not', () => {
    expect(warningsOf({ numReplicas: 1 })).toEqual([
      `${FILE}: containerResourceRequirements.memoryInGBLimit is not given: Azure ML set no limit then, and here a ` +
        'replica that needs more than memoryInGB, 0.5, is killed and started anew; write the most that it needs',
    ]);
  });

  test.each([
    [{ computeTargetName: 'prod' }, "computeTargetName is left aside: the service's option 'pool' takes its place"],
  ])('says what has no place here: %j', (fields, warning) => {
    expect(read({ ...CALM, ...fields })).toMatchObject({ problems: [], warnings: [`${FILE}: ${warning}`] });
  });
});

describe('what is watched of calls', () => {
  test.each([
    [{ dataCollection: { storageEnabled: true } }, { collectModelData: {} }],
    [{ appInsightsEnabled: true }, { enableAppInsights: true }],
    [{ dataCollection: { storageEnabled: false }, appInsightsEnabled: false }, {}],
  ])('is an option of scripts: %j', (fields, options) => {
    expect(optionsOf({ ...CALM, ...fields })).toEqual({ memoryGbLimit: 1, numReplicas: 1, ...options });
    expect(warningsOf({ ...CALM, ...fields })).toEqual([]);
  });

  test('is nothing of Triton by itself, which the file is told', () => {
    const fields = { dataCollection: { storageEnabled: true }, appInsightsEnabled: true };
    process.chdir(folderWith({ [FILE]: JSON.stringify({ computeType: 'aks', ...CALM, ...fields }) }));

    const { warnings, ...options } = readDeploymentConfig(FILE, { cpuCores: 2, memoryGb: 1 }, false);
    expect(options).toEqual({ memoryGbLimit: 1, numReplicas: 1, problems: [] });
    expect(warnings).toEqual(
      [
        ['dataCollection.storageEnabled', 'collectModelData: {}'],
        ['appInsightsEnabled', 'enableAppInsights: true'],
      ].map(
        ([field, option]) =>
          `${FILE}: ${field} is true, which Triton by itself has nothing for; give the script before it, with ` +
          `withScoringScript, ${option}`,
      ),
    );
  });
});

test('no file makes an exception, and no problem of one is reported twice', () => {
  const names = [
    ...['computeType', 'ComputeTarget', 'autoScaler', 'containerResourceRequirements', 'livenessProbeRequirements'],
    ...['keys', 'numReplicas', 'namespace', 'authEnabled', 'tokenAuthEnabled', 'cpu', 'cpuLimit', 'memoryInGB'],
    ...['autoscaleEnabled', 'minReplicas', 'maxReplicas', 'periodSeconds', 'primaryKey', 'toString'],
  ];
  const { tree } = fc.letrec<{ tree: unknown; object: object }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<unknown>(null, true, false, 'aks', 'aci', ''),
      fc.double(),
      fc.integer({ min: -1, max: 3 }),
      tie('object'),
    ),
    object: fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 8 }),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      const options = readText(JSON.stringify(value));
      const problems = scoringOptionProblems(options);
      expect(problems).toEqual(options.problems);
      expect(new Set(problems).size).toBe(problems.length);
    }),
    { numRuns: 300 },
  );
});
