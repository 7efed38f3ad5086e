"""`python -m simulator --webhook http://127.0.0.1:5000`: prints {"url"} when it listens; serves until it is ended."""

import argparse
import json
import threading

from simulator.server import Server


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--webhook", required=True, help="where Deskbell is")
    options.add_argument("--app-secret", default="test-app-secret")
    options.add_argument("--play", action="store_true", help="customers write on both platforms")
    given = options.parse_args()
    server = Server(given.port, given.webhook, given.app_secret)
    print(json.dumps({"url": server.url}), flush=True)
    if given.play:
        from simulator.people import play

        threading.Thread(target=play, args=(server,), daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
