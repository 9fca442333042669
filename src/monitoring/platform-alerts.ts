import { type AlertRule, AlertSeverity } from './alert-rule';
import { type MeasuredPlatform, PlatformMetrics } from './platform-metrics';

/** Share of a GPU's memory from which the next allocation may fail. */
const GPU_MEMORY_FULL = 0.95;

/**
 * Errors that a program makes, after which the GPU works on for the next: graphics engine exception, page fault of the GPU's
 * memory, channel stopped, and the clean-up when a program ends.
 *
 * @see https://docs.nvidia.com/deploy/xid-errors
 */
const ERRORS_OF_PROGRAMS = [13, 31, 43, 45];

/** The alerts of a platform, besides those of its services. */
export function platformAlerts(platform: MeasuredPlatform): AlertRule[] {
  const metrics = new PlatformMetrics(platform);
  return [
    {
      alert: 'InferencePodsPending',
      expression: metrics.podsPending.above(0),
      forMinutes: 20,
      severity: AlertSeverity.WARNING,
      summary: '{{ $value }} pods in {{ $labels.namespace }} wait for a place, for their images or for their models',
      description:
        'For 20 minutes, pods were pending. A new node takes up to ten minutes, a large image as long again; and a pod is ' +
        'pending as long as its init containers download models.',
      runbook:
        'kubectl --namespace {{ $labels.namespace }} get events --field-selector reason=FailedScheduling says what they ' +
        'lack: a larger maximum of the pool, quota of the subscription, or capacity of the region. Pods that kubectl get ' +
        'pods shows with Init download models: the logs of their init containers say how far they are.',
    },
    ...platform.pools
      // a pool of a fixed size is always at its maximum
      .filter(({ minNodes, maxNodes }) => minNodes < maxNodes)
      .map(({ poolName, maxNodes }) => ({
        alert: 'InferencePoolAtMaximum',
        // a pool may be full by design, which hurts those who wait alone
        expression: `${metrics.nodesOf(poolName).expression} >= ${maxNodes} and on () ${metrics.podsPending.above(0)}`,
        forMinutes: 30,
        severity: AlertSeverity.WARNING,
        summary: `For half an hour, the pool ${poolName} has had as many nodes as it may, ${maxNodes}, while pods wait`,
        description: `Pods of the cluster are pending, and ${poolName} gets no more nodes. Those that wait may be of another pool.`,
        runbook:
          'kubectl get pods --all-namespaces --field-selector status.phase=Pending says who waits. Where they are of this ' +
          'pool, raise its maxNodes, and the quota of its family where that is too small.',
        labels: { pool: poolName },
      })),
    {
      alert: 'InferenceGpuMemoryFull',
      expression: metrics.gpuMemoryRatio.above(GPU_MEMORY_FULL),
      forMinutes: 15,
      severity: AlertSeverity.WARNING,
      summary:
        '{{ $value | humanizePercentage }} of the memory of GPU {{ $labels.gpu }} of {{ $labels.Hostname }} is in use',
      description:
        'For 15 minutes, less than 5 % of the memory of a GPU was free: the next model or the next large batch fails.',
      runbook:
        'Fewer models or instances a GPU, smaller batches, or a size with more memory. Frameworks that take all memory ' +
        'at the start have options against it.',
    },
    {
      alert: 'InferenceGpuError',
      expression: `(${metrics.gpuErrors.expression})${ERRORS_OF_PROGRAMS.map((xid) => ` != ${xid}`).join('')} > 0`,
      forMinutes: 1,
      severity: AlertSeverity.CRITICAL,
      summary: 'GPU {{ $labels.gpu }} of {{ $labels.Hostname }} reported the error XID {{ $value }}',
      description:
        'The driver reported an error of a GPU, and none that a program makes (XID 13, 31, 43 and 45). The alert stays ' +
        'until the driver reports another or the exporter on the node starts anew.',
      runbook:
        'https://docs.nvidia.com/deploy/xid-errors says what the number means. After 48, 63, 64, 74, 79, 94 or 95 drain the ' +
        'node and delete it: the pool gets another. 13, 31, 43 and 45 are left out, as errors of programs; where one of ' +
        'them comes again and again on one node alone, that GPU is the next to look at.',
    },
    {
      alert: 'InferenceNodeNotReady',
      expression: metrics.nodesNotReady.above(0),
      forMinutes: 5,
      severity: AlertSeverity.CRITICAL,
      summary: 'The node {{ $labels.node }} is not ready',
      description: 'For five minutes, a node did not report that it is ready: its pods are lost or will be.',
      runbook:
        'kubectl describe node {{ $labels.node }} says what it lacks; az aks nodepool delete-machines replaces it.',
    },
  ];
}
