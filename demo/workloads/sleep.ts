/** A pod that waits: the client from which a person or the portal sends requests with exec. */
const timer = setInterval(() => undefined, 2 ** 31 - 1);
const stop = (): void => clearInterval(timer);
process.once("SIGTERM", stop);
process.once("SIGINT", stop);
console.log("sleeping; use exec to send requests from here");
