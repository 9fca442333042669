export * from '../constructs';
export * from '../stacks';
export { BuiltInRole } from './azure/built-in-role';
export * from './azure/cluster-access';
export * from './azure/gpu-driver';
export * from './azure/mig-profile';
export * from './azure/mig-strategy';
export * from './azure/vm-size';
export * from './azure/vm-size-spec';
export * from './capacity/capacity';
export type { FamilyQuota, QuotaNeed } from './capacity/quota';
export * from './errors';
export * from './kubernetes/exposure';
export type { PodRequest, PoolFit, Shortage } from './kubernetes/pool-fit';
export type { Taint } from './kubernetes/taint';
export * from './models/model-source';
export type { AlertOptions } from './monitoring/alert-options';
export type { AutoscaleOptions, ScaleOnQueueTime, ScaleOnRequests } from './monitoring/autoscale-options';
export type { LabeledMetric } from './monitoring/labeled-metric';
export * from './monitoring/logs';
export * from './monitoring/monitoring';
export type { PodMetrics } from './monitoring/pod-metrics';
export type { ScalarMetric } from './monitoring/scalar-metric';
export type { ServiceMetrics } from './monitoring/service-metrics';
export type { TritonMetrics } from './monitoring/triton-metrics';
export { ALWAYS_IGNORED } from './scoring/docker-ignore';
export * from './scoring/environment-options';
export * from './scoring/log-level';
export type { RequestLimits } from './scoring/request-limits';
export * from './scoring/scoring-environment';
export { type CollectModelDataOptions, ScoringOptions } from './scoring/scoring-options';
export {
  AuthMode,
  type ExistingKeys,
  type GeneratedKeysOptions,
  type KeyRotation,
  type KeyVaultKeysOptions,
  ServiceAuth,
} from './scoring/service-auth';
export * from './triton/model-config';
export * from './triton/model-control';
export { ModelLoading } from './triton/model-loading';
export * from './triton/rate-limiter';
export type { TritonServerOptions } from './triton/server-options';
export * from './triton/tracing';
