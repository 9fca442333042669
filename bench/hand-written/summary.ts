import { CLUSTER, GROUP, LOCATION, LOGS, SERVICE_KEYS, SUBSCRIPTION_ID } from './azure';
import { text } from './texts';

/** What the stack says of the service, in its output and at the Deployment. */
export function describe(ip: string, image: string, dashboard: string) {
  const httpUrl = `http://${ip}:8000`;
  const kubectl = 'kubectl --namespace serving';
  const logs = (part: string, container: string, more = '') =>
    `${kubectl} logs --selector app.kubernetes.io/name=${part} --container ${container} --prefix --tail 200${more}`;
  const workspace = `--subscription ${SUBSCRIPTION_ID} --resource-group ${GROUP} --workspace-name ${LOGS}`;
  const query = (name: string) =>
    'az monitor log-analytics query --workspace ' +
    `"$(az monitor log-analytics workspace show ${workspace} --query customerId --output tsv)" --analytics-query ` +
    `"$(az monitor log-analytics workspace saved-search show ${workspace} --query query --output tsv ` +
    `--name ${CLUSTER}-serving-digit-reader-${name})" --timespan P1D`;
  const keyCommand = (key: string) =>
    `az keyvault secret show --vault-name ${SERVICE_KEYS} --name serving-digit-reader-${key} --query value --output tsv`;
  const curl = (options: string, path: string) =>
    `${keyCommand('primary')} | sed 's/^/Authorization: Bearer /' | curl ${options} --header @- ${httpUrl}${path}`;
  const client = (protocol: string) => text(`client-${protocol}.py`).replace('ADDRESS', () => ip);
  return {
    http_url: httpUrl,
    grpc_address: `${ip}:8001`,
    scoring_uris: { digits: `${httpUrl}/v2/models/digits/infer` },
    metadata_urls: { digits: `${httpUrl}/v2/models/digits` },
    health_urls: { live: `${httpUrl}/v2/health/live`, ready: `${httpUrl}/v2/health/ready` },
    region: LOCATION,
    auth: 'key',
    replicas: { min: 1, max: 4 },
    models: [{ name: 'digits', versions: [1] }],
    image,
    commands: {
      query:
        `npx azure-inference query ${httpUrl}/v2/models/digits/infer request.json --key-vault ${SERVICE_KEYS} ` +
        '--secret serving-digit-reader-primary',
      ready: curl('--fail --include', '/v2/health/ready'),
      metadata: { digits: curl('--fail', '/v2/models/digits') },
      state: `${kubectl} describe pods --selector 'app.kubernetes.io/name in (digit-reader, digit-reader-router)'`,
      logs: {
        triton: logs('digit-reader', 'triton'),
        gateway: logs('digit-reader', 'gateway'),
        router: logs('digit-reader-router', 'router'),
      },
      previous_logs: {
        triton: logs('digit-reader', 'triton', ' --previous'),
        gateway: logs('digit-reader', 'gateway', ' --previous'),
        router: logs('digit-reader-router', 'router', ' --previous'),
      },
      keys: { primary: keyCommand('primary'), secondary: keyCommand('secondary') },
      log_analytics: { log: query('log'), init_failures: query('init-failures'), errors: query('errors') },
    },
    client: { http: client('http'), grpc: client('grpc') },
    dashboard,
  };
}
