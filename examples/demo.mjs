// Shows what the library does, from a clean clone, without an account: npm run demo [-- NAME]
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, ensureInstalled, exampleNames, Failure, ROOT, run, runOrFail, terraformVersion } from './project.mjs';

const DEFAULT_EXAMPLE = 'gpu-triton';
const OUT = join(ROOT, 'out');
const COMMAND_LINE = join(ROOT, 'dist', 'src', 'cli', 'main.js');

/** Keys that never reach a state need write-only arguments and ephemeral resources. */
const OLDEST_TERRAFORM = [1, 11];

/** How Terraform says that it got no providers, as opposed to finding a mistake. */
const NO_PROVIDERS =
  /Failed to (query available provider packages|install provider|resolve provider|instantiate provider)/;

try {
  demo(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Failure)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}

function demo(args) {
  const name = chooseExample(args);
  ensureInstalled();
  build();
  synthesize(name);
  validate();
  console.log('');
  const page = join(OUT, 'report.html');
  const report = [COMMAND_LINE, 'report', '--output', OUT, '--html', page];
  console.log(runOrFail(process.execPath, report, 'the report failed').stdout);
  console.log(`Page with a picture, prices and rights: ${here(page)}`);
  console.log(`Terraform of each stack:                ${here(join(OUT, 'stacks', '<stack>', 'cdk.tf.json'))}`);
  console.log(`Program:                                ${here(join(ROOT, 'examples', name, 'main.ts'))}`);
  console.log('');
  console.log(`To deploy it, with Terraform ${OLDEST_TERRAFORM.join('.')} or newer, az and kubelogin on the PATH:`);
  console.log('  az login');
  console.log('  export ARM_SUBSCRIPTION_ID=<id of the subscription>');
  console.log(`  cd examples/${name}`);
  for (const line of imageCommands(name)) {
    console.log(`  ${line}`);
  }
  console.log(`  npx cdktf deploy '*'`);
  console.log("The output 'services' then says where each service answers, and its own how to call and watch it.");
}

/** What brings an image of one's own into the registry before a service needs it; nothing where there is no such image. */
function imageCommands(name) {
  const file = join(ROOT, 'examples', name, 'Dockerfile');
  if (!existsSync(file)) {
    return [];
  }
  const [foundation] = stacksInOrder();
  const { resource } = JSON.parse(readFileSync(join(OUT, 'stacks', foundation, 'cdk.tf.json'), 'utf8'));
  const [group] = Object.values(resource.azurerm_resource_group);
  // its first line says how it is built; the registry's name depends on the subscription
  const [build] = readFileSync(file, 'utf8').replace(/^# /, '').split('\n');
  const registry = `az acr list --resource-group ${group.name} --query '[0].name' --output tsv`;
  return [`npx cdktf deploy ${foundation}`, build.replace('REGISTRY', `"$(${registry})"`)];
}

function chooseExample(args) {
  const names = exampleNames();
  const [name = DEFAULT_EXAMPLE, ...others] = args;
  if (others.length > 0) {
    throw new Failure(
      `give one example; got ${args.map((arg) => `'${arg}'`).join(', ')}; there are: ${names.join(', ')}`,
    );
  }
  if (!names.includes(name)) {
    throw new Failure(`there is no example '${name}'; there are: ${names.join(', ')}`);
  }
  return name;
}

function synthesize(name) {
  console.log(`Synthesizing examples/${name} into ${here(OUT)} ...`);
  const kept = emptyFolder(OUT);
  if (kept > 0) {
    console.log(`  ${kept} Terraform state ${kept === 1 ? 'file' : 'files'} of earlier left there untouched`);
  }
  const program = join(ROOT, 'dist', 'examples', name, 'main.js');
  // paths in an example are relative to the folder of its cdktf.json, as under cdktf itself
  const cwd = join(ROOT, 'examples', name);
  const { stdout, stderr } = runOrFail(process.execPath, [program], `the example ${name} does not synthesize`, {
    cwd,
    env: { CDKTF_OUTDIR: OUT },
  });
  for (const line of `${stdout}${stderr}`.split('\n').filter((text) => text.trim() !== '')) {
    console.log(`  ${line}`);
  }
}

/** Removes everything but Terraform states, which nothing could bring back; counts those. */
function emptyFolder(folder) {
  if (!existsSync(folder)) {
    return 0;
  }
  let kept = 0;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (lstatSync(path).isDirectory()) {
      const inside = emptyFolder(path);
      kept += inside;
      if (inside === 0) {
        rmdirSync(path);
      }
    } else if (/\.tfstate(\.|$)/.test(name)) {
      kept += 1;
    } else {
      // a link goes, and what it leads to stays
      rmSync(path, { force: true });
    }
  }
  return kept;
}

/** Lets Terraform check each stack against the providers' schemas, where there is a Terraform that can. */
function validate() {
  const version = terraformVersion();
  const [major, minor] = (version ?? '').split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_TERRAFORM;
  if (version === undefined) {
    console.log('Not validated: there is no terraform on the PATH.');
    return;
  }
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    console.log(`Not validated: Terraform ${version} is too old; ${OLDEST_TERRAFORM.join('.')} or newer is needed.`);
    return;
  }
  console.log(`Validating with Terraform ${version}, which fetches the providers the first time ...`);
  const env = terraformEnvironment();
  for (const stack of stacksInOrder()) {
    const cwd = join(OUT, 'stacks', stack);
    const init = run('terraform', ['init', '-backend=false', '-input=false', '-no-color'], { cwd, env });
    if (init.status !== 0) {
      if (NO_PROVIDERS.test(init.stderr)) {
        console.log('Not validated: Terraform cannot fetch the providers from here.');
        return;
      }
      throw new Failure(`Terraform refuses the stack ${stack}:\n${init.stderr.trim() || init.stdout.trim()}`);
    }
    runOrFail('terraform', ['validate', '-no-color'], `Terraform refuses the stack ${stack}`, { cwd, env });
    console.log(`  ${stack} is valid`);
  }
}

/** The stacks, each after the ones it depends on. */
function stacksInOrder() {
  const { stacks } = JSON.parse(readFileSync(join(OUT, 'manifest.json'), 'utf8'));
  const ordered = new Set();
  const visit = (name) => {
    if (!ordered.has(name)) {
      for (const dependency of stacks[name].dependencies) {
        visit(dependency);
      }
      ordered.add(name);
    }
  };
  Object.keys(stacks).sort().forEach(visit);
  return ordered;
}

function terraformEnvironment() {
  const env = { CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
  // a mirror needs no cache, and its providers must not be taken for the registry's afterwards
  if (process.env.TF_PLUGIN_CACHE_DIR !== undefined || process.env.TF_CLI_CONFIG_FILE !== undefined) {
    return env;
  }
  const cache = join(ROOT, 'node_modules', '.cache', 'terraform-providers');
  mkdirSync(cache, { recursive: true });
  // without the second, Terraform fetches what lies in the cache anew for every folder that has no lock file yet
  return { ...env, TF_PLUGIN_CACHE_DIR: cache, TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: '1' };
}

function here(path) {
  return relative(process.cwd(), path) || '.';
}
