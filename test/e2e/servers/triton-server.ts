import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { KEYS } from './haproxy';
import { Program } from './process';
import { servingEnvironment } from './scoring-server';

const EXAMPLE = resolve(__dirname, '../../../examples/gpu-triton');
const SCRIPTS = join(__dirname, 'scripts');

/** A real Triton on the CPU, with the example's model, one that sleeps, and an ensemble that does so twice. */
export interface TritonServer {
  readonly program: Program;
  readonly httpPort: number;
  readonly grpcPort: number;

  /** Where it tells metrics, if it does. */
  readonly metricsPort: number;
}

/** Ports on loopback that nobody listens on. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const { port } = server.address() as { port: number };
      await new Promise((done) => server.close(done));
      return port;
    }),
  );
}

/** The folder of the Python packages, in which the wheel put Triton. */
function sitePackages(): string {
  const libraries = join(process.env.SERVING_PYTHON_HOME ?? '', 'lib');
  const [python = ''] = readdirSync(libraries).filter((name) => name.startsWith('python3.'));
  return join(libraries, python, 'site-packages');
}

/** Python's backend as the wheel has it, and one of ours in the place of ONNX Runtime's. */
function backends(folder: string): string {
  const wheel = join(sitePackages(), 'pytriton/tritonserver');
  const python = join(folder, 'python');
  cpSync(join(wheel, 'backends/python'), python, { recursive: true });
  const version = /python(3\.\d+)/.exec(sitePackages())?.[1] ?? '';
  const stub = 'triton_python_backend_stub';
  copyFileSync(join(wheel, 'python_backend_stubs', version, stub), join(python, stub));
  mkdirSync(join(folder, 'onnxruntime'));
  copyFileSync(join(SCRIPTS, 'onnxruntime_backend.py'), join(folder, 'onnxruntime/model.py'));
  return folder;
}

/** Of the model whose calls take as many seconds as they say: four at once, over HTTP and gRPC together. */
export const SLEEPING_MODEL_CONFIG = `backend: "python"
max_batch_size: 0
input [ { name: "seconds", data_type: TYPE_FP32, dims: [ 1 ] } ]
output [ { name: "slept", data_type: TYPE_FP32, dims: [ 1 ] } ]
instance_group [ { kind: KIND_CPU, count: 4 } ]
`;

/** Of an ensemble whose calls sleep twice as long as they say. */
const SLEEPING_ENSEMBLE_CONFIG = `platform: "ensemble"
max_batch_size: 0
input [ { name: "seconds", data_type: TYPE_FP32, dims: [ 1 ] } ]
output [ { name: "slept", data_type: TYPE_FP32, dims: [ 1 ] } ]
ensemble_scheduling {
  step [
    {
      model_name: "sleeper"
      model_version: -1
      input_map { key: "seconds" value: "seconds" }
      output_map { key: "slept" value: "between" }
    },
    {
      model_name: "sleeper"
      model_version: -1
      input_map { key: "seconds" value: "between" }
      output_map { key: "slept" value: "slept" }
    }
  ]
}
`;

/** The example's repository for a machine without a GPU, the model that sleeps and an ensemble of it. */
function repository(folder: string): string {
  cpSync(join(EXAMPLE, 'models'), folder, { recursive: true });
  const config = join(folder, 'digits/config.pbtxt');
  writeFileSync(config, readFileSync(config, 'utf8').replaceAll('KIND_GPU', 'KIND_CPU'));
  mkdirSync(join(folder, 'sleeper/1'), { recursive: true });
  writeFileSync(join(folder, 'sleeper/config.pbtxt'), SLEEPING_MODEL_CONFIG);
  copyFileSync(join(SCRIPTS, 'sleeping_model.py'), join(folder, 'sleeper/1/model.py'));
  mkdirSync(join(folder, 'sleep-twice/1'), { recursive: true });
  writeFileSync(join(folder, 'sleep-twice/config.pbtxt'), SLEEPING_ENSEMBLE_CONFIG);
  return folder;
}

/** How a test wants Triton. */
export interface TritonServerOptions {
  /**
   * Whether it loads models at a caller's word, which services never allow.
   *
   * @default false
   */
  readonly explicit?: boolean;

  /**
   * Whether it tells metrics.
   *
   * @default false
   */
  readonly metrics?: boolean;

  /** @default - free ones */
  readonly ports?: Pick<TritonServer, 'httpPort' | 'grpcPort'>;
}

/** Runs Triton with arguments, in a folder of its own, and does not wait for it. */
export function runTriton(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Program {
  const folder = mkdtempSync(join(tmpdir(), 'azure-inference-backends-'));
  return new Program(
    [
      join(sitePackages(), 'pytriton/tritonserver/bin/tritonserver'),
      `--backend-directory=${backends(folder)}`,
      '--allow-gpu-metrics=false',
      ...args,
    ],
    { ...servingEnvironment(), LD_LIBRARY_PATH: join(sitePackages(), 'nvidia_pytriton.libs'), ...environment },
  );
}

/** Starts Triton. */
export async function startTritonServer({
  explicit = false,
  metrics = false,
  ports,
}: TritonServerOptions = {}): Promise<TritonServer> {
  const folder = mkdtempSync(join(tmpdir(), 'azure-inference-triton-'));
  const free = await freePorts(3);
  const { httpPort = 0, grpcPort = 0 } = ports ?? { httpPort: free[0], grpcPort: free[1] };
  const [, , metricsPort = 0] = free;
  const program = runTriton([
    `--model-repository=${repository(join(folder, 'models'))}`,
    ...(explicit
      ? ['--model-control-mode=explicit', '--load-model=digits', '--load-model=sleeper']
      : ['--model-control-mode=none']),
    '--http-address=127.0.0.1',
    `--http-port=${httpPort}`,
    '--grpc-address=127.0.0.1',
    `--grpc-port=${grpcPort}`,
    ...(metrics ? ['--metrics-address=127.0.0.1', `--metrics-port=${metricsPort}`] : ['--allow-metrics=false']),
  ]);
  await program.until('Triton is ready', () =>
    fetch(`http://127.0.0.1:${httpPort}/v2/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return { program, httpPort, grpcPort, metricsPort };
}

/** A gRPC call. */
export interface GrpcCall {
  /** Name of a method of Triton's service, or the whole path of another. */
  readonly method: string;

  /** Fields of the request, as protocol buffers are written in JSON. */
  readonly fields?: object;

  /** Sends the request so often, in one stream. */
  readonly messages?: number;

  /** Type of the request, where it is not named like the method. */
  readonly request?: string;

  /** @default - the primary key */
  readonly key?: string;
}

/** What became of a gRPC call. */
export interface GrpcAnswer {
  /** Name of the status. */
  readonly status: string;
  readonly message: string;
  readonly replies: readonly Record<string, unknown>[];
  readonly headers: { readonly [name: string]: string };
}

/** Makes gRPC calls at once with Google's own client, over one connection. */
export async function grpcCalls(address: string, calls: readonly GrpcCall[]): Promise<GrpcAnswer[]> {
  const python = spawn('python3', [join(SCRIPTS, 'grpc_calls.py')], {
    env: servingEnvironment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const whole = calls.map(({ method, key = KEYS.primary, ...call }) => ({
    ...call,
    key,
    method: method.includes('/') ? method : `/inference.GRPCInferenceService/${method}`,
  }));
  python.stdin.end(JSON.stringify({ address, calls: whole }));
  return JSON.parse(await text(python.stdout));
}

/** The same for one call. */
export async function grpcCall(address: string, call: GrpcCall): Promise<GrpcAnswer> {
  const [answer] = await grpcCalls(address, [call]);
  return answer as GrpcAnswer;
}
