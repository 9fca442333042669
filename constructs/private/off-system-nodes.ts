import { MODE_LABEL } from '../../src/kubernetes/labels';

/** Affinity, as charts take it, that keeps pods off the nodes where the cluster's own parts run. */
export const OFF_SYSTEM_AFFINITY = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: MODE_LABEL, operator: 'NotIn', values: ['system'] }] }],
    },
  },
};
