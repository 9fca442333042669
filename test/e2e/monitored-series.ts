import { always, growing, type Series } from './promtool';

/** Names of pods as Kubernetes makes them for the Deployments `vision` and `reader`. */
const REPLICAS = ['vision-7d9f8b6c5d-x2k4z', 'vision-7d9f8b6c5d-q8w5t'];
const READER = 'reader-5f7b9c8d6-zz7lp';
const NODE = 'aks-a100-12345678-vmss000000';

/** Labels of a series. */
function named(name: string, labels: { readonly [label: string]: string }): string {
  const all = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return `${name}{${all.join(',')}}`;
}

/** A histogram of so many calls a second, nearly all within one tenth of a second. */
function histogram(name: string, labels: { readonly [label: string]: string }, perSecond: number): Series {
  const bucket = (le: string, share: number) => [
    named(`${name}_bucket`, { ...labels, le }),
    growing(perSecond * share),
  ];
  return Object.fromEntries([
    bucket('0.1', 0.999),
    bucket('1', 1),
    bucket('120', 1),
    bucket('300', 1),
    bucket('+Inf', 1),
    [named(`${name}_sum`, labels), growing(perSecond * 0.05)],
    [named(`${name}_count`, labels), growing(perSecond)],
  ]);
}

/**
 * What Prometheus reads of a platform that does well: Triton's service `vision` behind routers, scaled between one and
 * four replicas, and the script `reader` of one replica, on one node with a GPU.
 *
 * @param cluster label of every series; managed Prometheus writes it
 */
export function healthySeries(cluster?: string): Series {
  const place: { [label: string]: string } = {
    ...(cluster === undefined ? {} : { cluster }),
    namespace: 'serving',
  };
  const vision = { ...place, inference_service: 'vision' };
  const reader = { ...place, inference_service: 'reader' };
  const router = { ...vision, part: 'router', pod: 'vision-router-0' };
  const node = { ...(cluster === undefined ? {} : { cluster }), node: NODE };
  return {
    [named('inference_requests_total', { ...router, code: '200' })]: growing(10),
    [named('inference_requests_total', { ...router, code: '200', grpc_code: '0' })]: growing(5),
    ...histogram('inference_request_duration_seconds', router, 15),
    ...histogram('inference_queue_duration_seconds', router, 15),
    [named('inference_requests_in_progress', router)]: always(0),
    ...Object.assign({}, ...REPLICAS.map((pod) => gateway({ ...vision, part: 'gateway', pod }))),
    ...gateway({ ...reader, part: 'gateway', pod: READER }),
    ...replicas({ ...place, deployment: 'vision' }, 2),
    ...replicas({ ...place, deployment: 'reader' }, 1),
    ...Object.fromEntries(
      Object.entries({ spec_min: 1, spec_max: 4, status_desired: 2 }).map(([name, value]) => [
        named(`kube_horizontalpodautoscaler_${name}_replicas`, {
          ...place,
          horizontalpodautoscaler: 'keda-hpa-vision',
        }),
        always(value),
      ]),
    ),
    ...Object.assign({}, ...REPLICAS.map((pod) => pods({ ...place, pod }, ['triton', 'gateway']))),
    ...pods({ ...place, pod: READER }, ['scoring', 'gateway']),
    ...triton({ ...vision, part: 'triton', pod: REPLICAS[0] ?? '' }),
    [named('kube_node_info', node)]: always(1),
    [named('kube_node_status_condition', { ...node, condition: 'Ready', status: 'true' })]: always(1),
    [named('kube_node_status_allocatable', { ...node, resource: 'cpu' })]: always(24),
    [named('kube_node_status_allocatable', { ...node, resource: 'memory' })]: always(2e11),
    [named('kube_node_status_allocatable', { ...node, resource: 'nvidia_com_gpu' })]: always(1),
    ...gpu({ ...place, pod: REPLICAS[0] ?? '', Hostname: NODE, gpu: '0' }),
    ...gpu({ ...place, pod: READER, Hostname: NODE, gpu: '1' }),
  };
}

function gateway(labels: { readonly [label: string]: string }): Series {
  return {
    [named('inference_requests_total', { ...labels, code: '200' })]: growing(5),
    ...histogram('inference_request_duration_seconds', labels, 5),
    ...histogram('inference_queue_duration_seconds', labels, 5),
    ...histogram('inference_server_duration_seconds', labels, 5),
    [named('inference_requests_in_progress', labels)]: always(2),
    [named('inference_max_concurrent_requests', labels)]: always(4),
  };
}

function replicas(labels: { readonly [label: string]: string }, count: number): Series {
  return {
    [named('kube_deployment_spec_replicas', labels)]: always(count),
    [named('kube_deployment_status_replicas_ready', labels)]: always(count),
  };
}

function pods(labels: { readonly [label: string]: string }, containers: readonly string[]): Series {
  const each = containers.map((container) => {
    const own = { ...labels, container };
    return {
      [named('kube_pod_container_status_restarts_total', own)]: always(0),
      [named('container_cpu_usage_seconds_total', own)]: growing(0.5),
      [named('container_memory_working_set_bytes', own)]: always(1e9),
      [named('kube_pod_container_resource_requests', { ...own, node: NODE, resource: 'cpu' })]: always(1),
      [named('kube_pod_container_resource_requests', { ...own, node: NODE, resource: 'memory' })]: always(2e9),
    };
  });
  return {
    ...Object.assign({}, ...each),
    [named('kube_pod_status_phase', { ...labels, phase: 'Running' })]: always(1),
    [named('kube_pod_status_phase', { ...labels, phase: 'Pending' })]: always(0),
  };
}

function triton(labels: { readonly [label: string]: string }): Series {
  const model = { ...labels, model: 'digits', version: '1' };
  const uuid = { ...labels, gpu_uuid: 'GPU-1' };
  return {
    [named('nv_inference_request_success', model)]: growing(15),
    [named('nv_inference_request_failure', model)]: always(0),
    [named('nv_inference_count', model)]: growing(30),
    [named('nv_inference_exec_count', model)]: growing(10),
    [named('nv_inference_request_duration_us', model)]: growing(300000),
    [named('nv_inference_queue_duration_us', model)]: growing(15000),
    [named('nv_inference_compute_infer_duration_us', model)]: growing(200000),
    [named('nv_inference_pending_request_count', model)]: always(0),
    [named('nv_gpu_utilization', uuid)]: always(0.4),
    [named('nv_gpu_memory_used_bytes', uuid)]: always(2e10),
    [named('nv_gpu_memory_total_bytes', uuid)]: always(8e10),
  };
}

function gpu(labels: { readonly [label: string]: string }): Series {
  return {
    [named('DCGM_FI_DEV_GPU_UTIL', labels)]: always(40),
    // a GPU that DCGM may not profile has the former alone
    ...(labels.gpu === '0' ? { [named('DCGM_FI_PROF_GR_ENGINE_ACTIVE', labels)]: always(0.35) } : {}),
    [named('DCGM_FI_DEV_FB_USED', labels)]: always(20000),
    [named('DCGM_FI_DEV_FB_FREE', labels)]: always(60000),
    [named('DCGM_FI_DEV_XID_ERRORS', labels)]: always(0),
  };
}

/** The same series with others in their place or besides; each of them is found by its start. */
export function changed(series: Series, changes: Series): Series {
  const keys = Object.keys(series);
  const entries = Object.entries(changes).flatMap(([pattern, values]) => {
    const found = keys.filter((key) => new RegExp(pattern).test(key));
    if (found.length === 0) {
      throw new Error(`no series is like ${pattern}`);
    }
    return found.map((key) => [key, values]);
  });
  return { ...series, ...Object.fromEntries(entries) };
}
