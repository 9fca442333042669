/** The application that stands for the API of every AKS cluster in Entra ID. */
const AKS_SERVER_ID = '6dae42f8-4368-4678-94ff-3960e28e3630';

/**
 * As whom Terraform talks to the Kubernetes API of a cluster. All of them need `kubelogin` on the PATH; none keeps a
 * secret in the program or the state.
 *
 * @see https://azure.github.io/kubelogin/concepts/login-modes.html
 */
export class ClusterAccess {
  /** As whoever is logged in with `az login`: for people, and for pipelines that log in with the Azure CLI. */
  public static readonly AZURE_CLI = new ClusterAccess('azurecli');

  /** As the federated identity of a pipeline, from `AZURE_CLIENT_ID`, `AZURE_TENANT_ID` and `AZURE_FEDERATED_TOKEN_FILE`. */
  public static readonly WORKLOAD_IDENTITY = new ClusterAccess('workloadidentity');

  /** As the managed identity of the machine that Terraform runs on. */
  public static readonly MANAGED_IDENTITY = new ClusterAccess('msi');

  /** What Terraform passes to `kubelogin`. */
  public readonly kubeloginArguments: readonly string[];

  private constructor(loginMode: string) {
    this.kubeloginArguments = ['get-token', '--login', loginMode, '--server-id', AKS_SERVER_ID];
  }
}
