/** A gateway listener that is reachable from outside: `istio-ingress/ingress:80=8080`. */
export interface PublishedPort {
  readonly namespace: string;
  /** Name of the Gateway. */
  readonly gateway: string;
  /** Port of its listener. */
  readonly listenerPort: number;
  /** Port on 127.0.0.1 of this machine. */
  readonly hostPort: number;
}

/** Parses `<namespace>/<gateway>:<listener port>=<host port>`; undefined when it is something else. */
export function parsePublishedPort(text: string): PublishedPort | undefined {
  const match = /^([a-z0-9-]{1,63})\/([a-z0-9.-]{1,253}):(\d{1,5})=(\d{1,5})$/.exec(text);
  const [, namespace, gateway, listener, host] = match ?? [];
  const listenerPort = Number(listener);
  const hostPort = Number(host);
  if (namespace === undefined || gateway === undefined || !isPort(listenerPort) || !isPort(hostPort)) {
    return undefined;
  }
  return { namespace, gateway, listenerPort, hostPort };
}

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65_535;
