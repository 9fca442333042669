import { ClusterAccess } from 'azure-inference-cdktf';
import { expect, test } from 'vitest';

test.each([
  [ClusterAccess.AZURE_CLI, 'azurecli'],
  [ClusterAccess.WORKLOAD_IDENTITY, 'workloadidentity'],
  [ClusterAccess.MANAGED_IDENTITY, 'msi'],
])('kubelogin gets a token for the API of AKS: %#', (access, mode) => {
  expect(access.kubeloginArguments).toEqual([
    'get-token',
    '--login',
    mode,
    '--server-id',
    '6dae42f8-4368-4678-94ff-3960e28e3630',
  ]);
});
