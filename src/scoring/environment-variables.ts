/** Variables that the library sets, the scoring server reads, or the cluster's identity webhook or device plugin adds. */
const OWN_NAMES = new Set([
  'AML_APP_ROOT',
  'AZUREML_MODEL_DIR',
  'AZUREML_ENTRY_SCRIPT',
  'AZUREML_LOG_LEVEL',
  'AZUREML_DEBUG_PORT',
  'SERVICE_NAME',
  'SCORING_TIMEOUT_MS',
  'PYTHONUNBUFFERED',
  'HOME',
  'GUNICORN_CMD_ARGS',
  'AZURE_CLIENT_ID',
  'AZURE_TENANT_ID',
  'AZURE_AUTHORITY_HOST',
  'AZURE_FEDERATED_TOKEN_FILE',
  'NVIDIA_VISIBLE_DEVICES',
]);

/** The variable that says where telemetry is sent, which a script may set that sends its own. */
export const CONNECTION_STRING_VARIABLE = 'APPLICATIONINSIGHTS_CONNECTION_STRING';

/** What is wrong with the variables that a script is given, with or without `enableAppInsights`. */
export function environmentVariableProblems(
  variables: { readonly [name: string]: string },
  enableAppInsights = false,
): string[] {
  return Object.keys(variables).flatMap((name) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      return [
        `environmentVariables are named by letters, digits and underscores, the first not a digit; got '${name}'`,
      ];
    }
    return OWN_NAMES.has(name) || (enableAppInsights && name === CONNECTION_STRING_VARIABLE)
      ? [`environmentVariables must not set '${name}', which the library or the cluster sets itself; leave it out`]
      : [];
  });
}

/**
 * The value of a variable as Kubernetes shall see it: to the letter.
 *
 * It puts another variable in the place of `$(NAME)`, and one dollar sign in the place of two.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#environment-variables
 */
export function literalVariable(value: string): string {
  return value.replaceAll(/\$(?=\()|\${2,}/g, (signs) => signs.repeat(2));
}
