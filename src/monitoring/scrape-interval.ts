/** How often metrics are read, and what they say is looked at. Both Kubernetes and KEDA look as often. */
export const SCRAPE_SECONDS = 15;
