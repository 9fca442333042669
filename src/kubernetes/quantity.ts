/** Cores as Kubernetes writes them: whole, or in thousandths. */
export function cpuQuantity(cores: number): string {
  return Number.isInteger(cores) ? String(cores) : `${Math.max(1, Math.round(cores * 1000))}m`;
}

/** GiB as Kubernetes writes them: whole, or in MiB. */
export function memoryQuantity(gib: number): string {
  return Number.isInteger(gib) ? `${gib}Gi` : `${Math.max(1, Math.round(gib * 1024))}Mi`;
}
