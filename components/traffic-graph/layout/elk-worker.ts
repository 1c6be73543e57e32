/** ELK in a web worker: it answers the messages that `elk-api` sends. */
import "elkjs/lib/elk-worker.min.js";
