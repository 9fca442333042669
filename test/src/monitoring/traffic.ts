import { type Autoscale, scalingBehavior } from '../../../src/monitoring/scaling';
import { SCRAPE_SECONDS } from '../../../src/monitoring/scrape-interval';

/** A service in a model of its day: calls are counted and not followed one by one. */
export interface Simulated {
  /** Calls that arrive per second, by the second of the day. */
  readonly load: (second: number) => number;

  readonly seconds: number;
  readonly secondsPerRequest: number;
  readonly replicaMaxConcurrentRequests: number;

  /** Number of calls that may wait at one replica; the next is refused. */
  readonly replicaMaxQueuedRequests: number;

  /** How long a replica takes to start. */
  readonly startSeconds: number;

  readonly scale: Autoscale;

  /** What of the calls in progress one replica shall have. */
  readonly threshold: number;
}

/** One second of the day. */
export interface Second {
  /** Replicas that there are, those that start among them. */
  readonly replicas: number;

  /** Replicas that answer. */
  readonly ready: number;

  /** Calls that wait. */
  readonly waiting: number;

  /** Calls that were refused, since too many waited. */
  readonly refused: number;

  /** Replicas that the load of this second keeps busy, by the formula. */
  readonly needed: number;
}

/** Kubernetes takes a ratio for met that is off by less. */
const TOLERANCE = 0.1;

/**
 * A day of a service second by second: calls arrive, take places, wait or are refused; gateways tell the mean of the calls
 * in progress of the last 15 seconds; and every 15 seconds Kubernetes does what its algorithm says.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
 */
export function simulate(service: Simulated): Second[] {
  const { scale, threshold, replicaMaxConcurrentRequests, replicaMaxQueuedRequests } = service;
  const autoscaler = new Autoscaler(scale, threshold);
  const day: Second[] = [];
  let readyAt: number[] = Array.from({ length: Math.max(1, scale.minReplicas) }, () => 0);
  let busy = 0;
  let waiting = 0;
  let counts: number[] = [];
  let scraped = 0;
  for (let second = 0; second < service.seconds; second += 1) {
    const ready = readyAt.filter((at) => at <= second).length;
    // those that are done leave, the first that wait take their places, and who finds no room is refused
    busy -= busy * Math.min(1, 1 / service.secondsPerRequest);
    const arriving = service.load(second);
    const places = ready * replicaMaxConcurrentRequests;
    const wanting = waiting + arriving;
    const taken = Math.min(Math.max(0, places - busy), wanting);
    busy += taken;
    const left = wanting - taken;
    waiting = Math.min(left, ready * replicaMaxQueuedRequests);
    counts.push(busy + waiting);
    // a reading is at most as old as the time between two, and Kubernetes comes some seconds after it
    if (second % SCRAPE_SECONDS === 0) {
      scraped = counts.reduce((sum, each) => sum + each, 0) / counts.length;
      counts = [];
    }
    if (second % SCRAPE_SECONDS === 7) {
      const replicas = autoscaler.decide(second, readyAt.length, scraped);
      const missing = replicas - readyAt.length;
      readyAt =
        missing >= 0
          ? [...readyAt, ...Array.from({ length: missing }, () => second + service.startSeconds)]
          : readyAt.slice(0, replicas);
    }
    day.push({
      replicas: readyAt.length,
      ready,
      waiting,
      refused: left - waiting,
      needed: (arriving * service.secondsPerRequest) / threshold,
    });
  }
  return day;
}

/** What Kubernetes does with a figure of type AverageValue, by the behavior that the service asks for. */
class Autoscaler {
  private readonly recommended: { readonly at: number; readonly replicas: number }[] = [];
  private readonly changes: { readonly at: number; readonly by: number }[] = [];

  constructor(
    private readonly scale: Autoscale,
    private readonly threshold: number,
  ) {}

  public decide(at: number, present: number, figure: number): number {
    const { minReplicas, maxReplicas } = this.scale;
    const { scaleUp, scaleDown } = scalingBehavior(this.scale);
    const isMet = Math.abs(figure / (this.threshold * present) - 1) <= TOLERANCE;
    const wanted = isMet ? present : Math.ceil(figure / this.threshold);
    this.recommended.push({ at, replicas: wanted });
    const since = at - scaleDown.stabilizationWindowSeconds;
    const highest = Math.max(...this.recommended.filter((each) => each.at >= since).map(({ replicas }) => replicas));
    const stable = wanted > present ? wanted : Math.min(present, highest);
    const allowed = Math.min(
      Math.max(stable, present - this.mayGo(at, present, scaleDown.policies)),
      present + this.mayCome(at, scaleUp.policies),
    );
    const decided = Math.min(maxReplicas, Math.max(1, minReplicas, allowed));
    if (decided !== present) {
      this.changes.push({ at, by: decided - present });
    }
    return decided;
  }

  private mayCome(at: number, policies: ReturnType<typeof scalingBehavior>['scaleUp']['policies']): number {
    const [{ value, periodSeconds } = { value: 0, periodSeconds: 0 }] = policies;
    return value - this.changedSince(at - periodSeconds, 1);
  }

  private mayGo(at: number, present: number, policies: ReturnType<typeof scalingBehavior>['scaleDown']['policies']) {
    const [{ value, periodSeconds } = { value: 0, periodSeconds: 0 }] = policies;
    const gone = this.changedSince(at - periodSeconds, -1);
    return present - Math.floor((present + gone) * (1 - value / 100));
  }

  private changedSince(since: number, sign: number): number {
    return this.changes
      .filter(({ at, by }) => at > since && Math.sign(by) === sign)
      .reduce((sum, { by }) => sum + Math.abs(by), 0);
  }
}
