import { Token } from 'cdktf';
import { Exposure } from '../kubernetes/exposure';
import { AuthMode, type ServiceAuth } from '../scoring/service-auth';
import { broken, type Rule, wholeNumber } from '../validation';

/** What is judged of a service that answers through a gateway. */
export interface GatewayedService {
  readonly serviceName: string;
  readonly auth: ServiceAuth;
  readonly exposure: Exposure;
  readonly replicas: number;
  readonly haproxyImage: string;
  readonly drainTimeoutSeconds: number;
  readonly rolloutTimeoutMinutes: number;

  /** How long a server may take to start, and the option that says so. */
  readonly startup: { readonly seconds: number; readonly option: string };

  readonly sourceRanges?: readonly string[];
  readonly egressRanges?: readonly string[];
}

/**
 * The longest name of a service. Kubernetes puts a hash of eleven characters behind the name of its routers in a label,
 * which holds 63, and the library `-router` before that.
 */
const MAX_NAME_LENGTH = 45;

/** Names that something else has in every namespace: a service account of Kubernetes, and a network policy of ours. */
const TAKEN_NAMES: readonly string[] = ['default', 'default-deny-ingress'];

/** The most replicas that the cluster's DNS names in one answer of 8 KiB, with those of a rollout. */
const MAX_ROUTED_REPLICAS = 400;

/** What is wrong with how a service is reached and how it comes and goes. */
export function serviceProblems(service: GatewayedService): string[] {
  const { serviceName, auth, exposure, replicas, sourceRanges, egressRanges, startup } = service;
  return [
    ...broken([
      {
        broken: serviceName.length > MAX_NAME_LENGTH && !Token.isUnresolved(serviceName),
        message:
          `a service name is at most ${MAX_NAME_LENGTH} characters long, since Kubernetes puts more behind it and takes 63; ` +
          `got '${serviceName}' with ${serviceName.length}`,
      },
      {
        broken: TAKEN_NAMES.includes(serviceName),
        message: `something else is named '${serviceName}' in every namespace; give the service another name`,
      },
      {
        broken: exposure === Exposure.PUBLIC && auth.mode === AuthMode.NONE,
        message:
          'a service that everyone can reach must ask for a key; got Exposure.PUBLIC and ServiceAuth.none(); leave out ' +
          'auth, or take Exposure.INTERNAL or Exposure.CLUSTER',
      },
      {
        broken: exposure === Exposure.PUBLIC,
        message:
          'Exposure.PUBLIC needs TLS, which services do not have: keys and data would travel in clear through the ' +
          'internet; take Exposure.INTERNAL and a gateway of your own with a certificate before it',
      },
      {
        broken: exposure === Exposure.CLUSTER && sourceRanges !== undefined,
        message:
          'sourceRanges guard the address of a load balancer, and Exposure.CLUSTER has none; got ' +
          `${(sourceRanges ?? []).join(', ')}; take Exposure.INTERNAL, or let namespaces in with callerNamespaces`,
      },
      {
        broken: replicas > MAX_ROUTED_REPLICAS,
        message: `routers tell at most ${MAX_ROUTED_REPLICAS} replicas of a service apart; got ${replicas}; make several services`,
      },
      wholeNumber('drainTimeoutSeconds', service.drainTimeoutSeconds, 10, 3600),
      wholeNumber('rolloutTimeoutMinutes', service.rolloutTimeoutMinutes, 1, 1440),
      {
        broken: service.rolloutTimeoutMinutes * 60 <= startup.seconds,
        message:
          `rolloutTimeoutMinutes must be longer than ${startup.option}, or a deployment fails while its servers may still ` +
          `start; got ${service.rolloutTimeoutMinutes} minutes and ${startup.seconds} seconds`,
      },
      imageRule(service.haproxyImage),
    ]),
    ...rangeProblems('sourceRanges', sourceRanges),
    ...rangeProblems('egressRanges', egressRanges),
  ];
}

/** What is doubtful about how a service is reached. */
export function serviceWarnings({ auth, exposure }: Pick<GatewayedService, 'auth' | 'exposure'>): string[] {
  return exposure === Exposure.INTERNAL && auth.mode === AuthMode.KEY
    ? [
        'without TLS the keys of callers, and what they send, travel in clear through the virtual network to the internal ' +
          'load balancer; whoever can read that traffic can use them',
      ]
    : [];
}

function imageRule(image: string): Rule {
  const [, , major = '0', minor = '0'] = /^(.+):(\d+)\.(\d+)\.\d+[^:/@]*$/.exec(image) ?? [];
  const exact = /@sha256:[0-9a-f]{64}$/.test(image);
  const recent = Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 6);
  return {
    broken: !exact && !recent && !Token.isUnresolved(image),
    message:
      "haproxyImage is an image of HAProxy 2.6 or later with its full version, such as 'docker.io/library/haproxy:3.2.25', " +
      `or a digest, 'NAME@sha256:…'; got '${image}'`,
  };
}

function rangeProblems(option: string, ranges: readonly string[] = []): string[] {
  return ranges
    .filter((range) => !Token.isUnresolved(range) && !isNetwork(range))
    .map(
      (range) =>
        `${option} are IPv4 networks such as '10.1.0.0/16', or single addresses such as '10.1.2.3/32', without a bit set ` +
        `behind the prefix; got '${range}'`,
    );
}

/** An IPv4 network whose address has no bit set behind its prefix, as Kubernetes asks. */
function isNetwork(range: string): boolean {
  // Kubernetes takes no number with a zero before it, which some read as octal
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}\/(0|[1-9]\d?)$/.test(range)) {
    return false;
  }
  const [bytes = [], [prefix = 0] = []] = range.split('/').map((part) => part.split('.').map(Number));
  if (prefix > 32 || bytes.some((byte) => byte > 255)) {
    return false;
  }
  const address = bytes.reduce((value, byte) => value * 256 + byte, 0);
  return address % 2 ** (32 - prefix) === 0;
}
