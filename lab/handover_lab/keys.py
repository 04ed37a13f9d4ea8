"""The keys in ZooKeeper: what `lab zookeeper` runs, with the client in the lab's tools."""

import sys

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException, NoNodeError
from kazoo.handlers.threading import KazooTimeoutError


def main(arguments: list[str]) -> int:
    hosts, action, path = arguments
    client = KazooClient(hosts, timeout=5, read_only=True)
    try:
        client.start(timeout=5)
        if action == "ls":
            for name in sorted(client.get_children(path)):
                print(name)
        else:
            value, _ = client.get(path)
            print(value.decode(errors="backslashreplace"))
    except NoNodeError:
        print(f"lab: ZooKeeper has no key {path}", file=sys.stderr)
        return 1
    except (KazooException, KazooTimeoutError, ValueError) as error:
        print(f"lab: ZooKeeper on {hosts} does not answer as it should: {error or type(error).__name__}", file=sys.stderr)
        return 1
    finally:
        client.stop()
        client.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
