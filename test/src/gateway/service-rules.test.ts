import { Exposure, ServiceAuth } from 'azure-inference-cdktf';
import { Token } from 'cdktf';
import { describe, expect, test } from 'vitest';
import { type GatewayedService, serviceProblems, serviceWarnings } from '../../../src/gateway/service-rules';
import { token } from '../../fixtures';

function problems(given: Partial<GatewayedService> = {}): string[] {
  return serviceProblems({
    serviceName: 'reader',
    auth: ServiceAuth.keys(),
    exposure: Exposure.INTERNAL,
    replicas: 1,
    haproxyImage: 'docker.io/library/haproxy:3.2.25',
    drainTimeoutSeconds: 600,
    rolloutTimeoutMinutes: 20,
    startup: { seconds: 600, option: 'startupTimeoutSeconds' },
    ...given,
  });
}

test('a service with the defaults is accepted', () => {
  expect(problems()).toEqual([]);
});

describe('a name', () => {
  test.each(['a', 'x'.repeat(45), token('x'.repeat(60))])('may be %j', (serviceName) => {
    expect(problems({ serviceName })).toEqual([]);
  });

  test('fails where the routers of the service could not carry it', () => {
    expect(problems({ serviceName: 'x'.repeat(46) })).toEqual([
      'a service name is at most 45 characters long, since Kubernetes puts more behind it and takes 63; got ' +
        `'${'x'.repeat(46)}' with 46`,
    ]);
  });

  test.each(['default', 'default-deny-ingress'])('fails where something else has it: %s', (serviceName) => {
    expect(problems({ serviceName })).toEqual([
      `something else is named '${serviceName}' in every namespace; give the service another name`,
    ]);
  });
});

describe('an address', () => {
  const PUBLIC =
    'Exposure.PUBLIC needs TLS, which services do not have: keys and data would travel in clear through the internet; ' +
    'take Exposure.INTERNAL and a gateway of your own with a certificate before it';

  test('may be internal or inside the cluster, with keys and without', () => {
    for (const exposure of [Exposure.INTERNAL, Exposure.CLUSTER]) {
      for (const auth of [ServiceAuth.keys(), ServiceAuth.none()]) {
        expect(problems({ exposure, auth })).toEqual([]);
      }
    }
  });

  test('fails to be public without TLS', () => {
    expect(problems({ exposure: Exposure.PUBLIC })).toEqual([PUBLIC]);
  });

  test('fails to be public without keys, too', () => {
    expect(problems({ exposure: Exposure.PUBLIC, auth: ServiceAuth.none() })).toEqual([
      'a service that everyone can reach must ask for a key; got Exposure.PUBLIC and ServiceAuth.none(); leave out auth, ' +
        'or take Exposure.INTERNAL or Exposure.CLUSTER',
      PUBLIC,
    ]);
  });

  test('has networks of its own where it is that of a load balancer', () => {
    expect(problems({ sourceRanges: ['10.1.0.0/16', '10.2.3.4/32'] })).toEqual([]);
    expect(problems({ exposure: Exposure.CLUSTER, sourceRanges: ['10.1.0.0/16', '10.2.3.4/32'] })).toEqual([
      'sourceRanges guard the address of a load balancer, and Exposure.CLUSTER has none; got 10.1.0.0/16, 10.2.3.4/32; ' +
        'take Exposure.INTERNAL, or let namespaces in with callerNamespaces',
    ]);
  });
});

describe.each(['sourceRanges', 'egressRanges'] as const)('%s', (option) => {
  test.each(['0.0.0.0/0', '10.0.0.0/8', '172.16.128.0/17', '255.255.255.255/32', token('10.0.0.1/8')])(
    'may hold %j',
    (range) => {
      expect(problems({ [option]: [range] })).toEqual([]);
    },
  );

  test('may be empty', () => {
    expect(problems({ [option]: [] })).toEqual([]);
  });

  test.each([
    ...['10.1.0.0', '10.1.0.1/16', '10.0.0.0/33', '256.0.0.0/8', '10.1.0/16', '010.1.0.0/16', '10.1.0.0/016'],
    ...['128.0.0.0/0', 'fd00::/8', '', '10.1.0.0/16 ', '10.1.0.0/16\n', 'vnet', '10.1.0.0/-1'],
  ])('fails to hold %j', (range) => {
    expect(problems({ [option]: ['10.1.0.0/16', range] })).toEqual([
      `${option} are IPv4 networks such as '10.1.0.0/16', or single addresses such as '10.1.2.3/32', without a bit set ` +
        `behind the prefix; got '${range}'`,
    ]);
  });
});

describe('the replicas', () => {
  test('may be as many as the DNS names in one answer', () => {
    expect(problems({ replicas: 400 })).toEqual([]);
    expect(problems({ replicas: 401 })).toEqual([
      'routers tell at most 400 replicas of a service apart; got 401; make several services',
    ]);
  });

  test.each([10, 3600])('may have %d seconds to drain', (drainTimeoutSeconds) => {
    expect(problems({ drainTimeoutSeconds })).toEqual([]);
  });

  test.each([9, 3601, 60.5, Number.NaN])('fail to have %d seconds to drain', (drainTimeoutSeconds) => {
    expect(problems({ drainTimeoutSeconds })).toEqual([
      `drainTimeoutSeconds must be a whole number from 10 to 3600; got ${drainTimeoutSeconds}`,
    ]);
  });

  test.each([0, 1441, 1.5])('fail to have %d minutes to be rolled out', (rolloutTimeoutMinutes) => {
    expect(problems({ rolloutTimeoutMinutes, startup: { seconds: -1, option: 'x' } })).toEqual([
      `rolloutTimeoutMinutes must be a whole number from 1 to 1440; got ${rolloutTimeoutMinutes}`,
    ]);
  });

  test('have more time for a rollout than a server has to start', () => {
    const startup = { seconds: 1199, option: 'startupTimeoutSeconds' };

    expect(problems({ startup })).toEqual([]);
    expect(problems({ startup: { ...startup, seconds: 1200 } })).toEqual([
      'rolloutTimeoutMinutes must be longer than startupTimeoutSeconds, or a deployment fails while its servers may still ' +
        'start; got 20 minutes and 1200 seconds',
    ]);
  });
});

describe('an image of HAProxy', () => {
  test.each([
    ...['haproxy:2.6.0', 'docker.io/library/haproxy:3.2.25', 'localhost:5000/haproxy:10.0.1-alpine'],
    `prod.azurecr.io/haproxy@sha256:${'a'.repeat(64)}`,
    `haproxy:latest@sha256:${'0'.repeat(64)}`,
    token('haproxy'),
  ])('may be %j', (haproxyImage) => {
    expect(problems({ haproxyImage })).toEqual([]);
  });

  test.each([
    ...['', 'haproxy', 'haproxy:latest', 'haproxy:3', 'haproxy:3.2', 'haproxy:2.5.14', 'haproxy:1.9.16', ':3.2.25'],
    ...['haproxy:lts-3.2.25', 'localhost:5000/haproxy', 'haproxy:3.2.25/other'],
    ...['haproxy@sha256:abc', `haproxy@sha256:${'A'.repeat(64)}`, `haproxy@sha256:${'a'.repeat(65)}`],
  ])('fails to be %j', (haproxyImage) => {
    expect(problems({ haproxyImage })).toEqual([
      "haproxyImage is an image of HAProxy 2.6 or later with its full version, such as 'docker.io/library/haproxy:3.2.25', " +
        `or a digest, 'NAME@sha256:…'; got '${haproxyImage}'`,
    ]);
  });
});

test('every mistake is named, in one go', () => {
  const broken = {
    serviceName: 'x'.repeat(50),
    exposure: Exposure.PUBLIC,
    auth: ServiceAuth.none(),
    replicas: 500,
    haproxyImage: 'haproxy',
    drainTimeoutSeconds: 1,
    rolloutTimeoutMinutes: 1,
    sourceRanges: ['a'],
    egressRanges: ['b'],
  };

  expect(problems(broken)).toHaveLength(9);
});

test('a number that only Terraform knows is refused, not taken for a large one', () => {
  const drainTimeoutSeconds = Token.asNumber('${var.seconds}');

  expect(problems({ drainTimeoutSeconds })).toEqual([
    'drainTimeoutSeconds must be a number that is known while synthesizing; got a token',
  ]);
});

describe('the warning that keys travel in clear', () => {
  test('is given at an internal address, which everyone in the network shares', () => {
    expect(serviceWarnings({ auth: ServiceAuth.keys(), exposure: Exposure.INTERNAL })).toEqual([
      'without TLS the keys of callers, and what they send, travel in clear through the virtual network to the internal load ' +
        'balancer; whoever can read that traffic can use them',
    ]);
  });

  test.each([
    ['without keys', ServiceAuth.none(), Exposure.INTERNAL],
    ['inside the cluster', ServiceAuth.keys(), Exposure.CLUSTER],
    ['at a public address, which is refused', ServiceAuth.keys(), Exposure.PUBLIC],
  ])('is not given %s', (_, auth, exposure) => {
    expect(serviceWarnings({ auth, exposure })).toEqual([]);
  });
});
