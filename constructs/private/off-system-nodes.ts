import { MODE_LABEL } from '../../src/kubernetes/labels';

/** Nodes but those where the cluster's own parts run, as terms of an affinity. */
export const OFF_SYSTEM_TERMS = [{ matchExpressions: [{ key: MODE_LABEL, operator: 'NotIn', values: ['system'] }] }];

/** Affinity, as charts take it, that keeps pods off the nodes where the cluster's own parts run. */
export const OFF_SYSTEM_AFFINITY = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: OFF_SYSTEM_TERMS,
    },
  },
};
