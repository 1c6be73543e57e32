/**
 * A radix tree of paths. A walk along a request's path meets all values whose path begins it, at a cost that depends on
 * the path alone and not on how many there are.
 */
export class PathTree<T> {
  readonly #root: Node<T> = newNode("");

  /** The place of a path, made if it is new. */
  place(path: string): Place<T> {
    let node = this.#root;
    let at = 0;
    while (at < path.length) {
      const child = node.children.get(path.charCodeAt(at));
      if (child === undefined) {
        const leaf = newNode<T>(path.slice(at));
        node.children.set(path.charCodeAt(at), leaf);
        return leaf.place;
      }
      const shared = sharedLength(child.label, path, at);
      node = shared === child.label.length ? child : split(node, child, shared);
      at += shared;
    }
    return node.place;
  }

  /** Appends what holds for the path: exact at its end, by segments where one ends, open anywhere. */
  collect(path: string, into: T[]): void {
    let node: Node<T> | undefined = this.#root;
    let at = 0;
    while (node !== undefined) {
      const { open, segment, exact } = node.place;
      if (open !== undefined) {
        into.push(open);
      }
      const ended = at === path.length;
      if (segment !== undefined && (ended || path.charCodeAt(at) === slash)) {
        into.push(segment);
      }
      if (exact !== undefined && ended) {
        into.push(exact);
      }
      const child: Node<T> | undefined = ended ? undefined : node.children.get(path.charCodeAt(at));
      node = child !== undefined && path.startsWith(child.label, at) ? child : undefined;
      at += node?.label.length ?? 0;
    }
  }
}

/** What is kept for one path. */
export interface Place<T> {
  /** For this path alone. */
  exact: T | undefined;
  /** For this path and what follows it after a slash. */
  segment: T | undefined;
  /** For all that begins with it. */
  open: T | undefined;
}

interface Node<T> {
  label: string;
  readonly place: Place<T>;
  readonly children: Map<number, Node<T>>;
}

const slash = 0x2f;

const newNode = <T>(label: string): Node<T> => ({
  label,
  place: { exact: undefined, segment: undefined, open: undefined },
  children: new Map(),
});

function sharedLength(label: string, path: string, at: number): number {
  let length = 0;
  while (length < label.length && label[length] === path[at + length]) {
    length++;
  }
  return length;
}

/** Puts a node between a parent and its child, behind the first `length` characters of the child's label. */
function split<T>(parent: Node<T>, child: Node<T>, length: number): Node<T> {
  const middle = newNode<T>(child.label.slice(0, length));
  child.label = child.label.slice(length);
  middle.children.set(child.label.charCodeAt(0), child);
  parent.children.set(middle.label.charCodeAt(0), middle);
  return middle;
}
