import { describe, expect, test } from 'vitest';
import { serviceCommands } from '../../src/kubernetes/service-commands';

const service = { namespace: 'vision', serviceName: 'reader', containers: ['models', 'scoring', 'gateway'] };
const logs = (name: string, container: string, more = '') =>
  `kubectl --namespace vision logs --selector app.kubernetes.io/name=${name} --container ${container} --prefix --tail ` +
  `200${more}`;

describe('a service of one replica', () => {
  const commands = serviceCommands({ ...service, routed: false });

  test('shows its pods', () => {
    expect(commands.state).toBe('kubectl --namespace vision describe pods --selector app.kubernetes.io/name=reader');
  });

  test('shows the log of each container, and that of its last life', () => {
    expect(commands.logs).toEqual({
      models: logs('reader', 'models'),
      scoring: logs('reader', 'scoring'),
      gateway: logs('reader', 'gateway'),
    });
    expect(commands.previous_logs).toEqual({
      models: logs('reader', 'models', ' --previous'),
      scoring: logs('reader', 'scoring', ' --previous'),
      gateway: logs('reader', 'gateway', ' --previous'),
    });
  });
});

test('a service of several replicas shows its routers, too', () => {
  const commands = serviceCommands({ ...service, containers: ['triton'], routed: true });

  expect(commands).toEqual({
    state: "kubectl --namespace vision describe pods --selector 'app.kubernetes.io/name in (reader, reader-router)'",
    logs: { triton: logs('reader', 'triton'), router: logs('reader-router', 'router') },
    previous_logs: {
      triton: logs('reader', 'triton', ' --previous'),
      router: logs('reader-router', 'router', ' --previous'),
    },
  });
});
